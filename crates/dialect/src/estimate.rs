//! How many tokens a text is about, where nobody counted.

use serde_json::Value;

/// Bytes of a token on the average of English text and code; other scripts have more bytes and more tokens.
const BYTES_PER_TOKEN: u64 = 4;
/// Tokens that a chat template adds to each message.
const TOKENS_PER_MESSAGE: u64 = 4;

/// Tokens of a text of so many bytes.
pub fn tokens(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Tokens of a chat request's messages and tools. What is no text (an image, a sound) counts as nothing.
pub fn prompt_tokens(body: &Value) -> u64 {
    let messages = body.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let said: u64 = messages.iter().map(message_bytes).sum();
    let tools: u64 = ["tools", "functions"].iter().filter_map(|name| body.get(*name)).map(all_bytes).sum();
    tokens(said + tools) + TOKENS_PER_MESSAGE * messages.len() as u64
}

fn message_bytes(message: &Value) -> u64 {
    let content = match message.get("content") {
        Some(Value::String(text)) => text.len() as u64,
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).map(|text| text.len() as u64).sum()
        }
        _ => 0,
    };
    content + message.get("tool_calls").map_or(0, all_bytes)
}

/// Bytes of the names and the text in a value.
fn all_bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(items) => items.iter().map(all_bytes).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() as u64 + all_bytes(value)).sum(),
        _ => 1,
    }
}

/// Gives a value that is text to `see`.
pub(crate) fn text_of(value: Option<&Value>, see: &mut dyn FnMut(&str)) {
    if let Some(text) = value.and_then(Value::as_str) {
        see(text);
    }
}

/// Gives a value that is an object to `see`, as compact JSON: this is how a prompt's template prints it.
pub(crate) fn schema_text(value: Option<&Value>, see: &mut dyn FnMut(&str)) {
    if let Some(schema) = value.filter(|schema| schema.is_object()) {
        see(&schema.to_string());
    }
}
