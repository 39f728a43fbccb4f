//! The texts of a body that cost tokens of the prompt.

use tape::Node;

use crate::estimate::text_of;

/// Visits every text that the model reads: instructions, items, functions, the schema of the answer.
pub fn texts(body: Node<'_>, visit: &mut dyn FnMut(&str)) {
    text_of(body.get("instructions"), visit);
    if let Some(input) = body.get("input") {
        text_of(Some(input), visit);
        of_items(input, visit);
    }
    for tool in body.get("tools").map(Node::items).into_iter().flatten() {
        strings(tool, &["name", "description"], visit);
        json_text(tool.get("parameters"), visit);
    }
    if let Some(format) = body.get("text").and_then(|text| text.get("format")) {
        strings(format, &["name", "description"], visit);
        json_text(format.get("schema"), visit);
    }
}

/// Visits every text of a list of items: what was said, called, given back and thought.
pub(super) fn of_items(items: Node<'_>, visit: &mut dyn FnMut(&str)) {
    for item in items.items() {
        strings(item, &["name", "arguments"], visit);
        for field in ["content", "output", "summary"] {
            let Some(said) = item.get(field) else { continue };
            text_of(Some(said), visit);
            said.items().for_each(|part| strings(part, &["text", "refusal"], visit));
        }
    }
}

fn strings(object: Node<'_>, names: &[&str], visit: &mut dyn FnMut(&str)) {
    names.iter().for_each(|name| text_of(object.get(name), visit));
}

/// A schema is read as the text that it is.
fn json_text(schema: Option<Node<'_>>, visit: &mut dyn FnMut(&str)) {
    if let Some(schema) = schema.filter(|schema| !schema.is_null()) {
        visit(&schema.compact());
    }
}
