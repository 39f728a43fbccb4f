//! Reads typed fields of a JSON object and names the field, what was expected and what came when it is of another type.

use arm::{ArmError, ErrorCode};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Longest piece of a caller's value repeated in an error, characters: enough to recognise it, too short to flood a log.
const QUOTE_LIMIT_CHARS: usize = 60;

/// A JSON object with the path that leads to it, such as `properties.model`.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    path: &'a str,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The object `map`, found at `path`; the body itself has the path "".
    pub fn new(path: &'a str, map: &'a Map<String, Value>) -> Fields<'a> {
        Fields { path, map }
    }

    /// The value of `name`; JSON null counts as absent, as ARM treats it.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A string that may be absent.
    pub fn string(&self, name: &str) -> Result<Option<&'a str>, ArmError> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A string that must be there and not be empty.
    pub fn required_string(&self, name: &str) -> Result<&'a str, ArmError> {
        match self.string(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => {
                Err(invalid(&self.path_of(name), format!("`{}` is required and must be a string", self.path_of(name))))
            }
        }
    }

    /// A boolean that may be absent.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ArmError> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// An object that may be absent.
    pub fn object(&self, name: &str) -> Result<Option<&'a Map<String, Value>>, ArmError> {
        self.typed(name, "an object", Value::as_object)
    }

    /// An array that may be absent.
    pub fn array(&self, name: &str) -> Result<Option<&'a Vec<Value>>, ArmError> {
        self.typed(name, "an array", Value::as_array)
    }

    /// A whole number in `least..=most`: as a number, as text (the Azure CLI sends `"10"`), or with a fraction of zero
    /// (templates of languages without whole numbers send `10.0`).
    pub fn whole_number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, ArmError> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number = match value {
            Value::Number(number) => number.as_u64().or_else(|| from_text(&number.to_string())),
            Value::String(text) => from_text(text),
            _ => None,
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            Some(number) if number > most => {
                Err(self.mismatch(name, &format!("a whole number of at most {most}"), value))
            }
            _ => Err(self.mismatch(name, &format!("a whole number of at least {least}"), value)),
        }
    }

    /// One of `known`, compared without case and answered in its known writing; may be absent. An unknown one is told the nearest.
    pub fn one_of(&self, name: &str, known: &[&'static str]) -> Result<Option<&'static str>, ArmError> {
        let Some(given) = self.string(name)? else {
            return Ok(None);
        };
        match known.iter().find(|choice| choice.eq_ignore_ascii_case(given)) {
            Some(choice) => Ok(Some(choice)),
            None => {
                let path = self.path_of(name);
                let near = arm::nearest(given, known.iter().copied());
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let message = format!("`{path}`: expected one of {}, got `{}`{hint}", listed(known), quoted(given));
                Err(invalid(&path, message))
            }
        }
    }

    /// Refuses names that are not in `known`, suggesting the nearest one; `what` is the thing that has these fields.
    pub fn only(&self, known: &[&str], what: &str) -> Result<(), ArmError> {
        for name in self.map.keys() {
            if known.iter().any(|known| known == name) {
                continue;
            }
            let path = self.path_of(&quoted(name));
            let hint = arm::nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
            return Err(invalid(&path, format!("`{path}` is not known for {what}{}", hint.unwrap_or_default())));
        }
        Ok(())
    }

    /// The whole path of the field `name`.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The error of a field `name` that is not `expected`.
    pub fn mismatch(&self, name: &str, expected: &str, got: &Value) -> ArmError {
        let path = self.path_of(name);
        invalid(&path, format!("`{path}`: expected {expected}, got {}", shown(got)))
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ArmError> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.mismatch(name, expected, value)),
        }
    }
}

/// A whole number written out, with or without a fraction of zero.
fn from_text(text: &str) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    is_whole.then(|| whole.parse().ok()).flatten()
}

/// The error of a body whose field at `path` is wrong.
pub(crate) fn invalid(path: &str, message: String) -> ArmError {
    ArmError::new(ErrorCode::InvalidRequestContent, message).with_target(path)
}

/// A body may repeat the GUID that the URL ends in, as `name` or at the end of an `id` read at any scope; another one would be
/// another resource.
pub(crate) fn named_as_in_url(top: &Fields<'_>, name: Uuid) -> Result<(), ArmError> {
    for field in ["id", "name"] {
        let Some(given) = top.string(field)? else { continue };
        let last = given.rsplit('/').next().unwrap_or_default();
        if Uuid::try_parse(last).ok() != Some(name) {
            let message = format!("`{field}` in the body is `{}`, but the URL names `{name}`", quoted(given));
            return Err(ArmError::new(ErrorCode::MismatchingResourceName, message).with_target(field));
        }
    }
    Ok(())
}

/// `a`, `b` or `c`, in back-ticks.
pub fn listed(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

/// A caller's value, named by its type and shortened.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::String(text) => format!("the string `{}`", quoted(text)),
        other => format!("`{}`", quoted(&other.to_string())),
    }
}

/// At most [`QUOTE_LIMIT_CHARS`] characters of a caller's text, control characters left out.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(QUOTE_LIMIT_CHARS).collect();
    if text.chars().count() > QUOTE_LIMIT_CHARS {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
