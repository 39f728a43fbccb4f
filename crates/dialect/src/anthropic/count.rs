//! Counting the tokens of a request without answering it.

use serde_json::{Value, json};

use super::read;
use crate::exchange::{Fields, NotSupported, Protocol, Request, Unreadable};

/// Reads a request to count: a messages request without what only an answer needs.
pub fn read_count_request(body: &Value) -> Result<Request, NotSupported> {
    let mut fields = Fields::of(Protocol::Messages, "", body)?;
    let request = read::conversation(&mut fields)?;
    fields.done()?;
    Ok(request)
}

/// The answer: `{"input_tokens": n}`.
pub fn count_answer(input_tokens: u64) -> Value {
    json!({"input_tokens": input_tokens})
}

/// Reads a provider's answer.
pub fn read_count(body: &[u8]) -> Result<u64, Unreadable> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Unreadable { reason: format!("no JSON: {error}") })?;
    let count = body.get("input_tokens").and_then(Value::as_u64);
    count.ok_or_else(|| Unreadable { reason: "expected a whole number in `input_tokens`".to_owned() })
}
