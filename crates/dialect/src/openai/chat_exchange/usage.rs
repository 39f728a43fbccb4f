//! The `usage` of a completion.

use serde_json::Value;

use crate::exchange::Tokens;

/// `None` where the prompt is not counted.
pub(super) fn read(usage: Option<&Value>) -> Option<Tokens> {
    let usage = usage?;
    let count = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64);
    Some(Tokens {
        input: count("/prompt_tokens")?,
        cached_input: count("/prompt_tokens_details/cached_tokens").unwrap_or(0),
        cache_write: count("/prompt_tokens_details/cache_write_tokens").unwrap_or(0),
        output: count("/completion_tokens").unwrap_or(0),
        reasoning: count("/completion_tokens_details/reasoning_tokens").unwrap_or(0),
    })
}
