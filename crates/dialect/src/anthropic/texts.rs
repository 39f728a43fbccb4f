//! The texts of a messages request that its model reads.

use serde_json::Value;

use crate::estimate::{schema_text, text_of};

/// Gives each text that costs prompt tokens to `see`: system, messages, tools, the schema of the answer. Pictures have none.
pub fn texts(body: &Value, see: &mut dyn FnMut(&str)) {
    content(body.get("system"), see);
    for message in body.get("messages").and_then(Value::as_array).into_iter().flatten() {
        content(message.get("content"), see);
    }
    for tool in body.get("tools").and_then(Value::as_array).into_iter().flatten() {
        text_of(tool.get("name"), see);
        text_of(tool.get("description"), see);
        schema_text(tool.get("input_schema"), see);
    }
    schema_text(body.pointer("/output_config/format/schema"), see);
}

fn content(content: Option<&Value>, see: &mut dyn FnMut(&str)) {
    text_of(content, see);
    for block in content.and_then(Value::as_array).into_iter().flatten() {
        text_of(block.get("text"), see);
        text_of(block.get("thinking"), see);
        if block.get("type").and_then(Value::as_str) == Some("tool_use") {
            text_of(block.get("name"), see);
            schema_text(block.get("input"), see);
        }
        if let Some(result) = block.get("content").filter(|content| !content.is_null()) {
            // Results hold texts and pictures, and no results.
            text_of(Some(result), see);
            for inner in result.as_array().into_iter().flatten() {
                text_of(inner.get("text"), see);
            }
        }
    }
}
