//! The texts of a chat completion request that its model reads.

use tape::Node;

use crate::estimate::{schema_text, text_of};

/// Gives each text that costs prompt tokens to `see`: messages, tools, the schema of the answer. Pictures and sounds have none.
pub fn texts(body: Node<'_>, see: &mut dyn FnMut(&str)) {
    for message in list(body.get("messages")) {
        let [content, refusal, thought, name, calls, call] =
            message.pick(["content", "refusal", "reasoning_content", "name", "tool_calls", "function_call"]);
        [content, refusal, thought, name].into_iter().for_each(|text| text_of(text, see));
        for part in list(content) {
            text_of(part.get("text").or_else(|| part.get("refusal")), see);
        }
        let calls = list(calls).filter_map(|call| call.get("function"));
        for call in calls.chain(call) {
            text_of(call.get("name"), see);
            text_of(call.get("arguments"), see);
        }
    }
    let tools = list(body.get("tools")).filter_map(|tool| tool.get("function"));
    for function in tools.chain(list(body.get("functions"))) {
        text_of(function.get("name"), see);
        text_of(function.get("description"), see);
        schema_text(function.get("parameters"), see);
    }
    let format = body.get("response_format");
    schema_text(format.and_then(|format| format.get("json_schema")?.get("schema")), see);
}

fn list(value: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    value.map(Node::items).into_iter().flatten()
}
