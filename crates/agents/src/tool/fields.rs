//! Reading a tool's definition field by field, so that what is wrong is named by its place.

use serde_json::{Map, Value};

/// Characters of what was given that an error repeats.
const QUOTED_CHARS: usize = 80;
/// Names of tools and functions: what every model API takes.
const NAME_LIMIT_CHARS: usize = 64;

/// What is wrong with a tool's definition, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}")]
pub(crate) struct ToolError {
    /// The field, from the list on: `tools[0].server_url`.
    pub(crate) field: String,
    /// What was expected, and how to mend it.
    pub(crate) message: String,
}

impl ToolError {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> ToolError {
        ToolError { field: field.into(), message: message.into() }
    }
}

/// An object, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The object at `path`.
    pub(super) fn of(path: impl Into<String>, value: &'a Value) -> Result<Fields<'a>, ToolError> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Fields { path, map }),
            other => Err(ToolError::new(path, format!("expected an object, got {}", shape(other)))),
        }
    }

    /// Where a field stands.
    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// An error about a field.
    pub(super) fn wrong(&self, name: &str, message: impl Into<String>) -> ToolError {
        ToolError::new(self.path_of(name), message)
    }

    /// A field; null counts as left out.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Refuses a field that nobody would read.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ToolError> {
        match self.map.iter().find(|(name, value)| !value.is_null() && !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let mend = match arm::nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there is {}", listed(known)),
                };
                Err(self.wrong(&quoted(name), format!("no such field; {mend}")))
            }
        }
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, ToolError> {
        self.value(name).map(|value| value.as_str().ok_or_else(|| self.not(name, "a string", value))).transpose()
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, name: &str) -> Result<&'a str, ToolError> {
        let text = self.text(name)?.ok_or_else(|| self.wrong(name, "it is required, and missing"))?;
        if text.trim().is_empty() { Err(self.wrong(name, "it is empty")) } else { Ok(text) }
    }

    /// A name that model APIs take for a function.
    pub(super) fn required_name(&self, name: &str) -> Result<&'a str, ToolError> {
        let text = self.required_text(name)?;
        if is_name(text) {
            return Ok(text);
        }
        let expected = format!("expected 1 to {NAME_LIMIT_CHARS} letters, digits, `_` and `-`, got `{}`", quoted(text));
        Err(self.wrong(name, expected))
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ToolError> {
        self.value(name).map(|value| value.as_bool().ok_or_else(|| self.not(name, "true or false", value))).transpose()
    }

    /// An object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Fields<'a>>, ToolError> {
        self.value(name).map(|value| Fields::of(self.path_of(name), value)).transpose()
    }

    /// An object that must be there.
    pub(super) fn required_object(&self, name: &str) -> Result<Fields<'a>, ToolError> {
        self.object(name)?.ok_or_else(|| self.wrong(name, "it is required, and missing; expected an object"))
    }

    /// A list of texts, none empty.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, ToolError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.not(name, "a list of strings", value))?;
        let text = |(index, value): (usize, &Value)| match value.as_str().filter(|text| !text.is_empty()) {
            Some(text) => Ok(text.to_owned()),
            None => {
                let at = format!("{name}[{index}]");
                Err(self.wrong(&at, format!("expected a string that is not empty, got {}", shape(value))))
            }
        };
        list.iter().enumerate().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Its members.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.map.iter()
    }

    /// A value of the wrong shape.
    pub(super) fn not(&self, name: &str, expected: &str, given: &Value) -> ToolError {
        self.wrong(name, format!("expected {expected}, got {}", shape(given)))
    }
}

/// Whether model APIs take this as the name of a function.
pub(super) fn is_name(text: &str) -> bool {
    (1..=NAME_LIMIT_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Names for a reader: `a`, `b` and `c`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What was given, short and in one line.
pub(super) fn quoted(text: &str) -> String {
    let clean = |c: char| if c.is_control() || c == '`' { '?' } else { c };
    let mut short: String = text.chars().take(QUOTED_CHARS).map(clean).collect();
    if text.chars().nth(QUOTED_CHARS).is_some() {
        short.push('…');
    }
    short
}

/// The shape of a value, for who expected another.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!("`{}`", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
