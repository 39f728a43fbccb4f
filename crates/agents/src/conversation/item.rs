//! The items that a caller adds to a conversation: checked, each with its name, in the strict form in which they are shown.

mod message;

use std::collections::HashSet;

use dialect::openai::OpenAiError;
use dialect::openai::responses::{ItemIds, input_items};
use resources::{Fields, listed, quoted};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::failure::{hint, of_field, wrong};

/// Most items of one request (the service's limit).
pub(crate) const ITEMS_AT_ONCE: usize = 20;
/// Longest name of an item, bytes, as the store takes it.
const NAME_LIMIT_BYTES: usize = 256;

/// Items with the texts that each must have.
const TYPES: &[(&str, &[&str])] = &[
    ("message", &["role"]),
    ("function_call", &["call_id", "name", "arguments"]),
    ("function_call_output", &["call_id"]),
    ("reasoning", &[]),
    ("mcp_list_tools", &["server_label"]),
    ("mcp_call", &["server_label", "name", "arguments"]),
    ("mcp_approval_request", &["server_label", "name", "arguments"]),
    ("mcp_approval_response", &["approval_request_id"]),
    ("openapi_call", &["call_id", "name", "arguments"]),
    ("openapi_call_output", &["call_id"]),
    ("custom_tool_call", &["call_id", "name", "input"]),
    ("custom_tool_call_output", &["call_id"]),
];
/// Of which item, which member, what it is in words, and whether a value is that.
type Member = (&'static str, &'static str, &'static str, fn(&Value) -> bool);
/// Members that are no texts and must be there.
const MEMBERS: &[Member] = &[
    ("message", "content", "a text or a list of parts", Value::is_array),
    ("function_call_output", "output", "a text or a list of parts", is_output),
    ("openapi_call_output", "output", "a text or a list of parts", is_output),
    ("custom_tool_call_output", "output", "a text or a list of parts", is_output),
    ("reasoning", "summary", "a list", Value::is_array),
    ("mcp_list_tools", "tools", "a list", Value::is_array),
    ("mcp_approval_response", "approve", "true or false", Value::is_boolean),
];

/// Reads the field `items`; absent and null are none.
pub(crate) fn read(given: Option<&Value>) -> Result<Vec<Value>, OpenAiError> {
    let list = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong("items", "`items`: expected a list of items")),
    };
    if list.len() > ITEMS_AT_ONCE {
        let message = format!("`items` has {} items; expected at most {ITEMS_AT_ONCE} at a time", list.len());
        return Err(wrong("items", message));
    }
    list.iter().enumerate().try_for_each(|(at, item)| type_of(&format!("items[{at}]"), item))?;
    let mut ids = ItemIds::of_input(&Uuid::new_v4().simple().to_string());
    let items = input_items(&Value::Array(list.clone()), &mut ids, &mut |_| None).map_err(|error| {
        let field = error.field.replacen("input", "items", 1);
        wrong(field.clone(), format!("`{field}`: {}", error.reason))
    })?;
    let mut names = HashSet::new();
    items.into_iter().enumerate().map(|(at, item)| checked(&format!("items[{at}]"), item, &mut names)).collect()
}

/// The type, before anything is made of the item.
fn type_of(path: &str, item: &Value) -> Result<(), OpenAiError> {
    let Value::Object(map) = item else {
        return Err(wrong(path, format!("`{path}`: expected an object")));
    };
    let fields = Fields::new(path, map);
    let field = fields.path_of("type");
    match fields.string("type").map_err(of_field)? {
        None if fields.value("role").is_some() => Ok(()),
        None => Err(wrong(field.clone(), format!("`{field}` is required, such as `message`"))),
        Some(known) if TYPES.iter().any(|(name, _)| *name == known) => Ok(()),
        Some("item_reference") => {
            let message = format!("`{field}`: what is said in a conversation is sent, not referred to");
            Err(wrong(field, message))
        }
        Some(other) => {
            let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
            let hint = hint(other, known.iter().copied());
            let message = format!("`{field}`: expected {}, but got `{}`{hint}", listed(&known), quoted(other));
            Err(wrong(field, message))
        }
    }
}

fn checked(path: &str, mut item: Value, names: &mut HashSet<String>) -> Result<Value, OpenAiError> {
    let Value::Object(map) = &mut item else { return Ok(item) };
    let fields = Fields::new(path, map);
    let kind = fields.required_string("type").map_err(of_field)?;
    for text in TYPES.iter().filter(|(name, _)| *name == kind).flat_map(|(_, texts)| *texts) {
        if fields.string(text).map_err(of_field)?.is_none() {
            let field = fields.path_of(text);
            return Err(wrong(field.clone(), format!("`{field}` is required and must be a string")));
        }
    }
    for (_, name, expected, holds) in MEMBERS.iter().filter(|(of, ..)| *of == kind) {
        match fields.value(name) {
            Some(value) if holds(value) => {}
            value => return Err(of_field(fields.mismatch(name, expected, value.unwrap_or(&Value::Null)))),
        }
    }
    let name = fields.required_string("id").map_err(of_field)?.to_owned();
    if name.len() > NAME_LIMIT_BYTES || name.chars().any(char::is_control) {
        let field = fields.path_of("id");
        let message = format!("`{field}`: expected 1 to {NAME_LIMIT_BYTES} bytes without control characters");
        return Err(wrong(field, message));
    }
    if kind == "message" {
        message::check(&fields)?;
    }
    if !names.insert(name) {
        let field = fields.path_of("id");
        return Err(wrong(field.clone(), format!("`{field}`: another item of `items` has the same id")));
    }
    complete(&mut item);
    Ok(item)
}

/// Parts of an answer have a list of annotations, which strict clients read.
fn complete(item: &mut Value) {
    let parts = item.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten();
    for part in parts.filter_map(Value::as_object_mut) {
        if part.get("type").and_then(Value::as_str) == Some("output_text") {
            part.entry("annotations").or_insert_with(|| json!([]));
        }
    }
}

fn is_output(value: &Value) -> bool {
    value.is_string() || value.is_array()
}

#[cfg(test)]
mod tests;
