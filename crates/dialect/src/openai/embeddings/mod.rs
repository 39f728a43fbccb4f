//! Embeddings: texts in, vectors out. What a provider's answer says of its usage, [`crate::openai::Observed`] reads.

mod reply;
mod request;

use serde_json::Value;

pub use reply::EmbeddingsReply;
pub use request::{EmbeddingsRequest, Encoding, Input, InputType, MAX_INPUTS};

/// Visits every text that the model reads. Inputs of tokens have no text: see [`given_tokens`].
pub fn texts(body: &Value, visit: &mut dyn FnMut(&str)) {
    match body.get("input") {
        Some(Value::String(text)) => visit(text),
        Some(Value::Array(inputs)) => inputs.iter().filter_map(Value::as_str).for_each(visit),
        _ => {}
    }
}

/// Tokens that the caller sends as such.
pub fn given_tokens(body: &Value) -> u64 {
    let Some(Value::Array(inputs)) = body.get("input") else { return 0 };
    let count = |input: &Value| match input {
        Value::Number(_) => 1,
        Value::Array(tokens) => tokens.len() as u64,
        _ => 0,
    };
    inputs.iter().map(count).sum()
}
