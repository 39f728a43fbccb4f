//! How much to think, said in tokens by one family and by degree in the other.

use serde_json::{Value, json};

use crate::exchange::{Effort, Fields, NotSupported, Reasoning, Request};

/// The smallest budget the service takes.
pub const MIN_BUDGET_TOKENS: u64 = 1024;
/// The budget of each degree. A caller's limit of output tokens lowers it to half of that limit, so that room is left to speak.
const BUDGETS: [(Effort, u64); 6] = [
    (Effort::Minimal, 1024),
    (Effort::Low, 2048),
    (Effort::Medium, 8192),
    (Effort::High, 16384),
    (Effort::ExtraHigh, 24576),
    (Effort::Max, 32768),
];

/// How the answering model wants to be told how much to think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThinksBy {
    /// `thinking: {type: enabled, budget_tokens}`: a degree becomes a number of tokens.
    #[default]
    Budget,
    /// `thinking: {type: adaptive}` with `output_config.effort`.
    Effort,
}

/// Reads `thinking`; the effort stands elsewhere in the body.
pub(super) fn read(fields: &mut Fields<'_>, effort: Option<&str>) -> Result<Option<Reasoning>, NotSupported> {
    let known = |word: &str| match Effort::parse(word) {
        Some(Effort::None | Effort::Minimal) | None => {
            fields.refuse_word("output_config.effort", word, &["low", "medium", "high", "xhigh", "max"])
        }
        Some(effort) => Ok(effort),
    };
    let effort = effort.map(known).transpose()?;
    let Some(mut thinking) = fields.inner("thinking")? else {
        return Ok(effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() }));
    };
    let mut reasoning = Reasoning { effort, ..Reasoning::default() };
    match thinking.required_text("type")? {
        "enabled" => {
            let budget = thinking.count("budget_tokens", MIN_BUDGET_TOKENS)?;
            reasoning.budget_tokens = Some(budget.ok_or_else(|| thinking.missing("budget_tokens", "a whole number"))?);
        }
        "adaptive" => {}
        "disabled" => reasoning.effort = Some(Effort::None),
        other => return thinking.refuse_word("type", other, &["enabled", "adaptive", "disabled"]),
    }
    match thinking.text("display")? {
        None | Some("omitted") => {}
        Some("summarized") => reasoning.summary = Some("auto".to_owned()),
        Some(other) => return thinking.refuse_word("display", other, &["summarized", "omitted"]),
    }
    thinking.done()?;
    Ok(Some(reasoning))
}

/// `thinking` and the word of `output_config.effort`, for a limit of `max_tokens`.
pub(super) fn write(
    request: &Request,
    by: ThinksBy,
    max_tokens: u64,
) -> Result<(Option<Value>, Option<&'static str>), NotSupported> {
    let Some(reasoning) = &request.reasoning else { return Ok((None, None)) };
    let words = &request.places.words;
    let display = reasoning.summary.as_ref().map(|_| "summarized");
    let with_display = |mut thinking: Value| {
        if let (Some(display), Some(fields)) = (display, thinking.as_object_mut()) {
            fields.insert("display".to_owned(), json!(display));
        }
        Some(thinking)
    };
    let enabled = |budget: u64| with_display(json!({"type": "enabled", "budget_tokens": budget}));
    match (reasoning.effort, reasoning.budget_tokens, by) {
        (Some(Effort::None), ..) => Ok((Some(json!({"type": "disabled"})), None)),
        (effort, Some(budget), _) => {
            if !(MIN_BUDGET_TOKENS..max_tokens).contains(&budget) {
                let reason = format!(
                    "expected a budget from {MIN_BUDGET_TOKENS} and below `{}`, {max_tokens}, but got {budget}",
                    words.max_output_tokens
                );
                return Err(NotSupported::new(words.reasoning, reason));
            }
            Ok((enabled(budget), effort.map(Effort::as_str)))
        }
        (None, None, _) => Ok((with_display(json!({"type": "adaptive"})), None)),
        (Some(effort), None, ThinksBy::Effort) => {
            let least = if effort == Effort::Minimal { Effort::Low } else { effort };
            Ok((with_display(json!({"type": "adaptive"})), Some(least.as_str())))
        }
        (Some(effort), None, ThinksBy::Budget) => match budget(effort, max_tokens) {
            Some(budget) => Ok((enabled(budget), None)),
            None => {
                let reason = format!(
                    "thinking needs more than {MIN_BUDGET_TOKENS} tokens of `{}`, but got {max_tokens}",
                    words.max_output_tokens
                );
                Err(NotSupported::new(words.reasoning, reason))
            }
        },
    }
}

/// `None` where the limit leaves no room for the smallest budget.
fn budget(effort: Effort, max_tokens: u64) -> Option<u64> {
    let (_, wanted) = BUDGETS.iter().find(|(known, _)| *known == effort)?;
    let room = (max_tokens / 2).max(MIN_BUDGET_TOKENS);
    (max_tokens > MIN_BUDGET_TOKENS).then_some((*wanted).min(room))
}
