//! What the journal keeps of a request that was handed on.

use std::sync::Arc;

use access::Draft;

use crate::observed::Account;

/// The step that failed, as the journal calls it.
const STEP: &str = "upstream";

/// Before it is sent: should the client go away while it waits, this is what the record says it cost.
pub(super) fn expect(record: &Draft, upstream: Option<&Arc<str>>, prompt_tokens: u64) {
    record.note(|record| {
        record.upstream = upstream.cloned();
        record.prompt_tokens = Some(prompt_tokens);
        record.completion_tokens = Some(0);
        record.usage_estimated = Some(true);
        record.finish = Some("cancelled".into());
    });
}

/// It was not answered, and cost nothing.
pub(super) fn unanswered(record: &Draft, reason: &str) {
    record.note(|record| {
        record.prompt_tokens = None;
        record.completion_tokens = None;
        record.usage_estimated = None;
        record.finish = Some("error".into());
        record.step = STEP.into();
        record.reason = Some(reason.to_owned());
    });
}

/// What was seen of the answer, with the provider's count or ours.
pub(crate) fn account(record: &Draft, account: &Account) {
    let some = |tokens: u64| (tokens > 0).then_some(tokens);
    record.note(|record| {
        record.prompt_tokens = Some(account.usage.prompt_tokens);
        record.completion_tokens = Some(account.usage.completion_tokens);
        record.cached_input_tokens = some(account.usage.cached_input_tokens);
        record.cache_write_tokens = some(account.usage.cache_write_tokens);
        record.reasoning_tokens = some(account.usage.reasoning_tokens);
        record.usage_estimated = Some(account.is_estimated);
        record.finish.clone_from(&account.finish);
    });
}

/// The answer began and went wrong; what was used stays.
pub(super) fn broken(record: &Draft, reason: &str) {
    record.note(|record| {
        record.finish = Some("error".into());
        record.step = STEP.into();
        record.reason = Some(reason.to_owned());
    });
}

/// The client went away while the answer came.
pub(super) fn cancelled(record: &Draft) {
    record.note(|record| record.finish = Some("cancelled".into()));
}
