//! The texts of a prompt, as a tokenizer is given them.

use dialect::{anthropic, openai};
use serde_json::{Value, json};
use tape::Node;

use crate::tape;

type Visit = fn(Node<'_>, &mut dyn FnMut(&str));

fn seen(visit: Visit, body: &Value) -> Vec<String> {
    let mut all = Vec::new();
    visit(tape(body).root(), &mut |text| all.push(text.to_owned()));
    all
}

#[test]
fn everything_of_a_chat_request_that_costs_tokens_is_seen_once() {
    let body = json!({
        "model": "unseen", "user": "unseen",
        "messages": [
            {"role": "system", "content": "a"},
            {"role": "user", "name": "b", "content": [{"type": "text", "text": "c"},
                {"type": "image_url", "image_url": {"url": "https://unseen"}}]},
            {"role": "assistant", "content": null, "refusal": "d", "tool_calls": [
                {"id": "unseen", "type": "function", "function": {"name": "e", "arguments": "f"}}]},
            {"role": "tool", "tool_call_id": "unseen", "content": "g"}],
        "tools": [{"type": "function", "function": {"name": "h", "description": "i", "parameters": {"j": 1}}}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "unseen", "schema": {"k": {}}}},
    });
    let expected = ["a", "b", "c", "d", "e", "f", "g", "h", "i", r#"{"j":1}"#, r#"{"k":{}}"#];
    let mut all = seen(openai::texts, &body);
    all.sort();
    let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn everything_of_a_messages_request_that_costs_tokens_is_seen_once() {
    let body = json!({
        "model": "unseen", "metadata": {"user_id": "unseen"},
        "system": [{"type": "text", "text": "a"}],
        "messages": [
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "c", "signature": "unseen"},
                {"type": "tool_use", "id": "unseen", "name": "d", "input": {"e": "f"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "unseen", "content": "g"},
                {"type": "tool_result", "tool_use_id": "unseen", "content": [{"type": "text", "text": "h"}]},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "unseen"}}]}],
        "tools": [{"name": "i", "description": "j", "input_schema": {"k": 1}}],
        "output_config": {"format": {"type": "json_schema", "schema": {"l": {}}}},
    });
    let expected = ["a", "b", "c", "d", r#"{"e":"f"}"#, "g", "h", "i", "j", r#"{"k":1}"#, r#"{"l":{}}"#];
    assert_eq!(seen(anthropic::texts, &body), expected);
}

#[test]
fn a_body_of_any_shape_has_texts_or_none() {
    for odd in [json!(null), json!([]), json!({"messages": 7}), json!({"messages": [7], "tools": [7], "system": {}})] {
        assert!(seen(openai::texts, &odd).is_empty() && seen(anthropic::texts, &odd).is_empty());
    }
}
