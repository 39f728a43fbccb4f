//! The texts of a body that cost tokens of the prompt.

use serde_json::Value;

/// Visits every text that the model reads: instructions, items, functions, the schema of the answer.
pub fn texts(body: &Value, visit: &mut dyn FnMut(&str)) {
    let given = |name: &str| body.get(name).filter(|value| !value.is_null());
    if let Some(Value::String(text)) = given("instructions") {
        visit(text);
    }
    match given("input") {
        Some(Value::String(text)) => visit(text),
        Some(items) => of_items(items, visit),
        None => {}
    }
    for tool in given("tools").and_then(Value::as_array).into_iter().flatten() {
        strings(tool, &["name", "description"], visit);
        json_text(tool.get("parameters"), visit);
    }
    if let Some(format) = body.pointer("/text/format") {
        strings(format, &["name", "description"], visit);
        json_text(format.get("schema"), visit);
    }
}

/// Visits every text of a list of items: what was said, called, given back and thought.
pub(super) fn of_items(items: &Value, visit: &mut dyn FnMut(&str)) {
    for item in items.as_array().into_iter().flatten() {
        strings(item, &["name", "arguments"], visit);
        for field in ["content", "output", "summary"] {
            match item.get(field) {
                Some(Value::String(text)) => visit(text),
                Some(Value::Array(parts)) => {
                    parts.iter().for_each(|part| strings(part, &["text", "refusal"], visit));
                }
                _ => {}
            }
        }
    }
}

fn strings(object: &Value, names: &[&str], visit: &mut dyn FnMut(&str)) {
    names.iter().filter_map(|name| object.get(*name)?.as_str()).for_each(visit);
}

/// A schema is read as the text that it is.
fn json_text(schema: Option<&Value>, visit: &mut dyn FnMut(&str)) {
    if let Some(schema) = schema.filter(|schema| !schema.is_null()) {
        visit(&schema.to_string());
    }
}
