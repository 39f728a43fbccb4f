//! The labels that a caller puts on things: sixteen at most, texts.

use dialect::openai::OpenAiError;
use resources::quoted;
use serde_json::{Map, Value};

use crate::failure::wrong;

/// Most labels of one thing (the service's limit).
const PAIRS_LIMIT: usize = 16;
/// Longest name of a label, characters (the service's limit).
const NAME_LIMIT_CHARS: usize = 64;
/// Longest label, characters (the service's limit).
const VALUE_LIMIT_CHARS: usize = 512;

/// Reads the field `metadata`; absent and null are no labels.
pub(crate) fn read(given: Option<&Value>) -> Result<Map<String, Value>, OpenAiError> {
    let labels = match given {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(labels)) => labels,
        Some(_) => return Err(wrong("metadata", "`metadata`: expected an object of texts")),
    };
    if labels.len() > PAIRS_LIMIT {
        let message = format!("`metadata` has {} names; expected at most {PAIRS_LIMIT}", labels.len());
        return Err(wrong("metadata", message));
    }
    for (name, value) in labels {
        let field = format!("metadata.{}", quoted(name));
        if name.is_empty() || name.chars().count() > NAME_LIMIT_CHARS {
            let message = format!("`{field}`: expected a name of 1 to {NAME_LIMIT_CHARS} characters");
            return Err(wrong(field, message));
        }
        if value.as_str().is_none_or(|text| text.chars().count() > VALUE_LIMIT_CHARS) {
            let message = format!("`{field}`: expected a text of at most {VALUE_LIMIT_CHARS} characters");
            return Err(wrong(field, message));
        }
    }
    Ok(labels.clone())
}

#[cfg(test)]
mod tests;
