//! `properties.metadata`: strings all of them, some of which hold JSON.

use arm::ArmError;
use serde_json::{Map, Value};

use super::spelling;
use crate::fields::{Fields, invalid, quoted};

/// Where the metadata stands in a body.
const PATH: &str = "properties.metadata";
/// What a gateway connection reads of it.
const READ: &[&str] = &[
    DEPLOYMENT_IN_PATH,
    INFERENCE_API_VERSION,
    DEPLOYMENT_API_VERSION,
    MODELS,
    MODEL_DISCOVERY,
    CUSTOM_HEADERS,
    AUTH_CONFIG,
];
/// Names that templates write for what is a member of `authConfig`.
const FLAT: &[(&str, &str)] = &[("authHeaderName", "name"), ("authHeaderFormat", "format")];
/// Longest api-version, characters: far beyond any that exists.
const VERSION_LIMIT_CHARS: usize = 64;

pub(super) const DEPLOYMENT_IN_PATH: &str = "deploymentInPath";
pub(super) const INFERENCE_API_VERSION: &str = "inferenceAPIVersion";
pub(super) const DEPLOYMENT_API_VERSION: &str = "deploymentAPIVersion";
pub(super) const MODELS: &str = "models";
pub(super) const MODEL_DISCOVERY: &str = "modelDiscovery";
pub(super) const CUSTOM_HEADERS: &str = "customHeaders";
pub(super) const AUTH_CONFIG: &str = "authConfig";

/// The metadata of a connection: each value is a string.
#[derive(Clone, Copy)]
pub(super) struct Metadata<'a>(Option<&'a Map<String, Value>>);

impl<'a> Metadata<'a> {
    /// The metadata of a connection's properties, whatever its category.
    pub(super) fn read(properties: &Fields<'a>) -> Result<Metadata<'a>, ArmError> {
        let map = properties.object("metadata")?;
        for (name, value) in map.into_iter().flatten() {
            if !value.is_string() && !value.is_null() {
                return Err(no_string(name, value));
            }
        }
        Ok(Metadata(map))
    }

    /// Refuses names that a gateway connection would not read although they were meant for it.
    pub(super) fn well_spelled(&self) -> Result<(), ArmError> {
        let Some(map) = self.0 else { return Ok(()) };
        for name in map.keys() {
            let flat = FLAT.iter().find(|(flat, _)| spelling::folded(flat) == spelling::folded(name));
            if let Some((_, member)) = flat {
                let path = path_of(&quoted(name));
                let message = format!("`{path}` would never be read; write it as `{member}` in `{PATH}.{AUTH_CONFIG}`");
                return Err(invalid(&path, message));
            }
        }
        spelling::check(PATH, map, READ)
    }

    /// A text; an empty one counts as absent, as templates write it.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0?.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// The JSON that a text holds.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, ArmError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let path = path_of(name);
        match serde_json::from_str(text) {
            Ok(Value::String(_)) => {
                Err(invalid(&path, format!("`{path}` holds JSON that was encoded twice; encode it once")))
            }
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let place = format!("line {}, column {}", error.line(), error.column());
                Err(invalid(&path, format!("`{path}` must hold JSON as text; it cannot be read from {place} on")))
            }
        }
    }

    /// An api-version; where one is set at all it is a plain word.
    pub(super) fn api_version(&self, name: &str) -> Result<Option<String>, ArmError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if text.chars().all(is_plain) && text.len() <= VERSION_LIMIT_CHARS {
            return Ok(Some(text.to_owned()));
        }
        let path = path_of(name);
        let message = format!("`{path}`: expected the version alone, such as `2024-10-21`, got `{}`", quoted(text));
        Err(invalid(&path, message))
    }

    /// `"true"` or `"false"`.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, ArmError> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let path = path_of(name);
                let message = format!("`{path}`: expected `\"true\"` or `\"false\"`, got `\"{}\"`", quoted(other));
                Err(invalid(&path, message))
            }
        }
    }
}

/// The whole path of a name.
pub(super) fn path_of(name: &str) -> String {
    format!("{PATH}.{name}")
}

/// The error of a value that is no string, and how it is written as one.
fn no_string(name: &str, value: &Value) -> ArmError {
    let path = path_of(&quoted(name));
    let mend = match value {
        Value::Array(_) | Value::Object(_) => {
            "write the JSON as text: `\"[…]\"`, with its own quotes escaped".to_owned()
        }
        other => format!("write `\"{}\"`", quoted(&other.to_string())),
    };
    invalid(&path, format!("`{path}` must be a string, as all metadata are; {mend}"))
}
