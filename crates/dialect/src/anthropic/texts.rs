//! The texts of a messages request that its model reads.

use tape::Node;

use crate::estimate::{schema_text, text_of};

/// Gives each text that costs prompt tokens to `see`: system, messages, tools, the schema of the answer. Pictures have none.
pub fn texts(body: Node<'_>, see: &mut dyn FnMut(&str)) {
    content(body.get("system"), see);
    for message in list(body.get("messages")) {
        content(message.get("content"), see);
    }
    for tool in list(body.get("tools")) {
        text_of(tool.get("name"), see);
        text_of(tool.get("description"), see);
        schema_text(tool.get("input_schema"), see);
    }
    let config = body.get("output_config");
    schema_text(config.and_then(|config| config.get("format")?.get("schema")), see);
}

fn list(value: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    value.map(Node::items).into_iter().flatten()
}

fn content(content: Option<Node<'_>>, see: &mut dyn FnMut(&str)) {
    text_of(content, see);
    for block in list(content) {
        text_of(block.get("text"), see);
        text_of(block.get("thinking"), see);
        if block.get("type").and_then(Node::as_str).as_deref() == Some("tool_use") {
            text_of(block.get("name"), see);
            schema_text(block.get("input"), see);
        }
        if let Some(result) = block.given("content") {
            // Results hold texts and pictures, and no results.
            text_of(Some(result), see);
            for inner in result.items() {
                text_of(inner.get("text"), see);
            }
        }
    }
}
