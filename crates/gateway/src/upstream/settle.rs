//! What the journal keeps of a request that was handed on.

use access::Draft;
use dialect::openai::Observed;

/// The step that failed, as the journal calls it.
const STEP: &str = "upstream";

/// Before it is sent: should the client go away while it waits, this is what the record says it cost.
pub(super) fn expect(record: &Draft, prompt_tokens: u64) {
    record.note(|record| {
        record.prompt_tokens = Some(prompt_tokens);
        record.completion_tokens = Some(0);
        record.usage_estimated = Some(true);
        record.finish = Some("cancelled".to_owned());
    });
}

/// It was not answered, and cost nothing.
pub(super) fn unanswered(record: &Draft, reason: &str) {
    record.note(|record| {
        record.prompt_tokens = None;
        record.completion_tokens = None;
        record.usage_estimated = None;
        record.finish = Some("error".to_owned());
        record.step = STEP.into();
        record.reason = Some(reason.to_owned());
    });
}

/// What was seen of the answer, with the provider's count or ours.
pub(super) fn observed(record: &Draft, observed: &Observed, prompt_tokens: u64) {
    let (usage, is_estimated) = observed.settled(prompt_tokens);
    record.note(|record| {
        record.prompt_tokens = Some(usage.prompt_tokens);
        record.completion_tokens = Some(usage.completion_tokens);
        record.usage_estimated = Some(is_estimated);
        record.finish.clone_from(&observed.finish);
    });
}

/// The answer began and went wrong; what was used stays.
pub(super) fn broken(record: &Draft, reason: &str) {
    record.note(|record| {
        record.finish = Some("error".to_owned());
        record.step = STEP.into();
        record.reason = Some(reason.to_owned());
    });
}

/// The client went away while the answer came.
pub(super) fn cancelled(record: &Draft) {
    record.note(|record| record.finish = Some("cancelled".to_owned()));
}
