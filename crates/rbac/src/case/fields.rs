//! Strict reading of one JSON object: what is misspelled or of another type is said, with its path.

use arm::nearest;
use serde_json::{Map, Value};

use super::case_error::CaseError;

/// An error repeats this many characters of a wrong value.
const MOST_SHOWN: usize = 60;

/// The fields of one object. `null` counts as absent.
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The object at a path (empty: the case itself), if it is one and has no other fields than these.
    pub(super) fn of(value: &'a Value, path: &str, known: &[&str]) -> Result<Fields<'a>, CaseError> {
        let Value::Object(map) = value else {
            let problem = format!("expected an object, found {}", shown(value));
            return Err(CaseError { case: None, field: path.to_owned(), problem });
        };
        let fields = Fields { path: path.to_owned(), map };
        let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) else {
            return Ok(fields);
        };
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are `{}`", known.join("`, `")),
        };
        Err(fields.error(name, format!("no such field; {hint}")))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a Value, CaseError> {
        self.get(name).ok_or_else(|| self.error(name, "this field is required".to_owned()))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, CaseError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.wrong(name, "a text", other)),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<String, CaseError> {
        self.required(name)?;
        Ok(self.text(name)?.unwrap_or_default())
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, CaseError> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.wrong(name, "`true` or `false`", other)),
        }
    }

    /// The entries of a list, none where it is absent.
    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], CaseError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(self.wrong(name, "a list", other)),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, CaseError> {
        let mut texts = Vec::new();
        for (at, value) in self.list(name)?.iter().enumerate() {
            match value {
                Value::String(text) => texts.push(text.clone()),
                other => return Err(self.wrong(&format!("{name}[{at}]"), "a text", other)),
            }
        }
        Ok(texts)
    }

    /// The path of a field.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(super) fn error(&self, name: &str, problem: String) -> CaseError {
        CaseError { case: None, field: self.path(name), problem }
    }

    pub(super) fn wrong(&self, name: &str, expected: &str, found: &Value) -> CaseError {
        self.error(name, format!("expected {expected}, found {}", shown(found)))
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let start: String = text.chars().take(MOST_SHOWN).collect();
    if start.len() == text.len() { format!("`{text}`") } else { format!("`{start}…`") }
}
