//! How many tokens a text is about, where nobody counted.

use tape::Node;

/// Bytes of a token on the average of English text and code; other scripts have more bytes and more tokens.
const BYTES_PER_TOKEN: u64 = 4;

/// Tokens of a text of so many bytes.
pub fn tokens(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Gives a value that is text to `see`.
pub(crate) fn text_of(value: Option<Node<'_>>, see: &mut dyn FnMut(&str)) {
    if let Some(text) = value.and_then(Node::as_str) {
        see(&text);
    }
}

/// Gives a text, or each of a list, to `see`.
pub(crate) fn text_or_texts(value: Option<Node<'_>>, see: &mut dyn FnMut(&str)) {
    text_of(value, see);
    for item in value.map(Node::items).into_iter().flatten() {
        text_of(Some(item), see);
    }
}

/// Gives a value that is an object to `see`, as compact JSON: this is how a prompt's template prints it.
pub(crate) fn schema_text(value: Option<Node<'_>>, see: &mut dyn FnMut(&str)) {
    if let Some(schema) = value.filter(|schema| schema.is_object()) {
        see(&schema.compact());
    }
}
