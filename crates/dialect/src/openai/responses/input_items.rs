//! What a request said, as items to be kept, listed and said again.

use serde_json::{Map, Value, json};

use super::item_id::ItemIds;
use super::served::for_model;
use crate::exchange::{NotSupported, echo, wrong_type};
use crate::openai::OpenAiError;
use crate::openai::field::wrong_value;

/// Items of a page when the caller names no number (the service's default).
pub const DEFAULT_PAGE: usize = 20;
/// The most items of a page (the service's limit).
pub const MAX_PAGE: usize = 100;

/// The input of a request as a list of items, each with a name. References are resolved by `find`, which knows stored items by
/// name; one that it does not know is refused.
pub fn input_items(
    input: &Value,
    ids: &mut ItemIds,
    find: &mut dyn FnMut(&str) -> Option<Value>,
) -> Result<Vec<Value>, NotSupported> {
    match input {
        Value::String(text) => Ok(vec![filled(message("user", text), ids)]),
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, item)| input_item(&format!("input[{at}]"), item, ids, find)).collect()
        }
        other => Err(wrong_type("input", "a string or an array of items", other)),
    }
}

fn input_item(
    path: &str,
    item: &Value,
    ids: &mut ItemIds,
    find: &mut dyn FnMut(&str) -> Option<Value>,
) -> Result<Value, NotSupported> {
    let Value::Object(fields) = item else { return Err(wrong_type(path, "an object", item)) };
    let word = |name: &str| fields.get(name).and_then(Value::as_str);
    match (word("type"), word("id")) {
        (Some("item_reference"), Some(id)) | (None, Some(id)) if !fields.contains_key("role") => {
            let reason = format!("there is no stored item `{}`", echo(id));
            find(id).ok_or(NotSupported { field: format!("{path}.id"), reason })
        }
        _ => Ok(filled(fields.clone(), ids)),
    }
}

fn message(role: &str, text: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("role".to_owned(), json!(role));
    fields.insert("content".to_owned(), json!(text));
    fields
}

/// The item with its type, name and status, its content as a list of parts.
fn filled(mut fields: Map<String, Value>, ids: &mut ItemIds) -> Value {
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or("message").to_owned();
    let is_assistant = fields.get("role").and_then(Value::as_str) == Some("assistant");
    if let Some(Value::String(text)) = fields.get("content") {
        let part = if is_assistant {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
        } else {
            json!({"type": "input_text", "text": text})
        };
        fields.insert("content".to_owned(), json!([part]));
    }
    let has_name = fields.get("id").is_some_and(Value::is_string);
    if !has_name {
        fields.insert("id".to_owned(), json!(ids.next(&kind)));
    }
    if kind != "reasoning" {
        fields.entry("status").or_insert_with(|| json!("completed"));
    }
    fields.insert("type".to_owned(), json!(kind));
    Value::Object(fields)
}

/// A body that goes on from `history` (the items of the answers before, oldest first) without naming them: what a model is sent
/// that does not know what is stored here.
pub fn with_history(body: &Value, history: &[Value], input: &[Value]) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.shift_remove("previous_response_id");
        let all: Vec<Value> = history.iter().chain(input).cloned().collect();
        fields.insert("input".to_owned(), Value::Array(for_model(&all)));
    }
    body
}

/// Which items of a list are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Those behind the item of this name.
    pub after: Option<String>,
    /// At most so many, 1 to [`MAX_PAGE`].
    pub limit: usize,
    /// Whether the oldest comes first; the newest does, unless the caller says otherwise.
    pub is_ascending: bool,
}

impl Page {
    /// Reads the query's `after`, `limit` and `order`.
    pub fn of(after: Option<&str>, limit: Option<&str>, order: Option<&str>) -> Result<Page, OpenAiError> {
        let limit = match limit {
            None => DEFAULT_PAGE,
            Some(text) => text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit)).ok_or_else(|| {
                let got = echo(text);
                wrong_value("limit", format!("invalid value for `limit`: expected 1 to {MAX_PAGE}, but got `{got}`"))
            })?,
        };
        let is_ascending = match order {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(other) => {
                let got = echo(other);
                let message = format!("invalid value for `order`: expected `asc` or `desc`, but got `{got}`");
                return Err(wrong_value("order", message));
            }
        };
        Ok(Page { after: after.map(str::to_owned), limit, is_ascending })
    }

    /// The page of `items`, oldest first: `{"object": "list", "data", "first_id", "last_id", "has_more"}`. `last_id` is null on
    /// the last page, because clients go on until it is.
    pub fn cut(&self, items: &[Value]) -> Result<Value, OpenAiError> {
        let mut order: Vec<&Value> = items.iter().collect();
        if !self.is_ascending {
            order.reverse();
        }
        let id = |item: &Value| item.get("id").cloned().unwrap_or(Value::Null);
        let from = match &self.after {
            None => 0,
            Some(after) => {
                let at = order.iter().position(|item| id(item) == after.as_str());
                let message = || format!("invalid value for `after`: there is no item `{}` in this list", echo(after));
                at.ok_or_else(|| wrong_value("after", message()))? + 1
            }
        };
        let data: Vec<&Value> = order.iter().skip(from).take(self.limit).copied().collect();
        let has_more = order.len() > from + data.len();
        let last = data.last().filter(|_| has_more).map_or(Value::Null, |item| id(item));
        let first = data.first().map_or(Value::Null, |item| id(item));
        Ok(json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": has_more}))
    }
}
