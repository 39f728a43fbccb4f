//! Values of parameters as they go over the wire (RFC 6570, as OpenAPI uses it).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stands for itself in a value; all else is encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stands for itself in the fixed part of a path.
const IN_PATH: &AsciiSet = &UNRESERVED
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'%');

/// A value, encoded.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A fixed part of a path.
pub(super) fn in_path(text: &str) -> String {
    utf8_percent_encode(text, IN_PATH).to_string()
}

/// A value in the style `simple`: parts joined by commas. `each` writes a part; `None` where the value has parts of parts.
pub(super) fn simple(value: &Value, is_exploded: bool, each: fn(&str) -> String) -> Option<String> {
    let part = |value: &Value| plain(value).map(|text| each(&text));
    match value {
        Value::Array(list) => list.iter().map(part).collect::<Option<Vec<_>>>().map(|parts| parts.join(",")),
        Value::Object(map) => {
            let between = if is_exploded { "=" } else { "," };
            let pair = |(name, value): (&String, &Value)| Some(format!("{}{between}{}", each(name), part(value)?));
            map.iter().map(pair).collect::<Option<Vec<_>>>().map(|parts| parts.join(","))
        }
        plain => part(plain),
    }
}

/// A value in the style `form`, as pairs for the query.
pub(super) fn form(name: &str, value: &Value, is_exploded: bool) -> Option<Vec<String>> {
    let pair = |name: &str, value: &Value| Some(format!("{}={}", encoded(name), encoded(&plain(value)?)));
    match value {
        Value::Array(list) if is_exploded => list.iter().map(|value| pair(name, value)).collect(),
        Value::Object(map) if is_exploded => map.iter().map(|(name, value)| pair(name, value)).collect(),
        Value::Array(list) if list.is_empty() => Some(Vec::new()),
        joined => Some(vec![format!("{}={}", encoded(name), simple(joined, false, encoded)?)]),
    }
}

/// A text, a number, true or false.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
