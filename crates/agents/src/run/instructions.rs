//! The instructions of an agent, with the places `{{name}}` in them filled.

use dialect::openai::OpenAiError;
use serde_json::{Map, Value};

/// Longest filled instructions, bytes: no model reads more.
const INSTRUCTIONS_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Fills the places of `text` with `given`, or with the defaults that the agent's `structured_inputs` declare. What is given and
/// not declared, or needed and not given, is an error; a place that names nothing declared stays as it is.
pub(crate) fn filled(text: &str, declared: &Value, given: &Map<String, Value>) -> Result<String, OpenAiError> {
    let declared = declared.as_object();
    if let Some(name) = given.keys().find(|name| declared.is_none_or(|declared| !declared.contains_key(*name))) {
        return Err(undeclared(name, declared));
    }
    let mut values = Map::new();
    for (name, rule) in declared.into_iter().flatten() {
        let value = given.get(name).or_else(|| rule.get("default_value")).filter(|value| !value.is_null());
        match value {
            Some(value) => {
                values.insert(name.clone(), value.clone());
            }
            None if rule.get("required") == Some(&Value::Bool(true)) => {
                let field = format!("structured_inputs.{name}");
                let message = format!("missing required parameter: `{field}`, which the agent's instructions need");
                return Err(OpenAiError::invalid("missing_required_parameter", field, message));
            }
            None => {
                values.insert(name.clone(), Value::String(String::new()));
            }
        }
    }
    let filled = fill(text, &values);
    if filled.len() > INSTRUCTIONS_LIMIT_BYTES {
        let message = format!("`structured_inputs` make the instructions longer than {INSTRUCTIONS_LIMIT_BYTES} bytes");
        return Err(OpenAiError::invalid("invalid_value", "structured_inputs", message));
    }
    Ok(filled)
}

fn undeclared(name: &str, declared: Option<&Map<String, Value>>) -> OpenAiError {
    let names: Vec<String> =
        declared.into_iter().flat_map(Map::keys).map(|name| format!("`{name}`")).take(20).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let shown: String = name.chars().take(80).collect();
    let message = format!("`structured_inputs.{shown}`: the agent declares no such input; it declares {known}");
    OpenAiError::invalid("invalid_value", format!("structured_inputs.{shown}"), message)
}

/// What a value puts into a place is not looked at again, so that it cannot ask for another.
fn fill(text: &str, values: &Map<String, Value>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        match behind.split_once("}}").and_then(|(name, after)| Some((values.get(name.trim())?, after))) {
            Some((value, after)) => {
                match value {
                    Value::String(text) => filled.push_str(text),
                    other => filled.push_str(&other.to_string()),
                }
                rest = after;
            }
            None => {
                filled.push_str("{{");
                rest = behind;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
