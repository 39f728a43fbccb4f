//! The texts of a chat completion request that its model reads.

use serde_json::Value;

use crate::estimate::{schema_text, text_of};

/// Gives each text that costs prompt tokens to `see`: messages, tools, the schema of the answer. Pictures and sounds have none.
pub fn texts(body: &Value, see: &mut dyn FnMut(&str)) {
    for message in list(body.get("messages")) {
        for name in ["content", "refusal", "reasoning_content", "name"] {
            text_of(message.get(name), see);
        }
        for part in list(message.get("content")) {
            text_of(part.get("text").or_else(|| part.get("refusal")), see);
        }
        let calls = list(message.get("tool_calls")).iter().filter_map(|call| call.get("function"));
        for call in calls.chain(message.get("function_call")) {
            text_of(call.get("name"), see);
            text_of(call.get("arguments"), see);
        }
    }
    let tools = list(body.get("tools")).iter().filter_map(|tool| tool.get("function"));
    for function in tools.chain(list(body.get("functions"))) {
        text_of(function.get("name"), see);
        text_of(function.get("description"), see);
        schema_text(function.get("parameters"), see);
    }
    schema_text(body.pointer("/response_format/json_schema/schema"), see);
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}
