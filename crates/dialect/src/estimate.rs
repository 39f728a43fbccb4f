//! How many tokens a text is about, where nobody counted.

use serde_json::Value;

/// Bytes of a token on the average of English text and code; other scripts have more bytes and more tokens.
const BYTES_PER_TOKEN: u64 = 4;

/// Tokens of a text of so many bytes.
pub fn tokens(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(BYTES_PER_TOKEN)
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
