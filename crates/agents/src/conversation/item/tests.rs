#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::read;

fn one(item: Value) -> Value {
    read(Some(&json!([item]))).unwrap().remove(0)
}

fn refused(items: Value) -> (String, String) {
    let error = read(Some(&items)).unwrap_err();
    (error.param.unwrap(), error.message)
}

#[test]
fn the_short_form_of_a_message_becomes_the_strict_one() {
    let said = one(json!({"role": "user", "content": "hello"}));
    assert!(said["id"].as_str().unwrap().starts_with("msg_"), "{said}");
    assert_eq!((&said["type"], &said["status"]), (&json!("message"), &json!("completed")));
    assert_eq!(said["content"], json!([{"type": "input_text", "text": "hello"}]));

    let answered = one(json!({"role": "assistant", "content": [{"type": "output_text", "text": "yes"}]}));
    assert_eq!(answered["content"][0]["annotations"], json!([]));
}

#[test]
fn each_item_has_a_name_of_its_own() {
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c", "output": ""});
    let items = read(Some(&json!([call, output, {"role": "user", "content": "x", "id": "msg_mine"}]))).unwrap();
    let names: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(names[0].starts_with("fc_") && names[1].starts_with("fco_"), "{names:?}");
    assert_eq!(names[2], "msg_mine");
    let again = read(Some(&json!([{"role": "user", "content": "x"}]))).unwrap();
    let other = read(Some(&json!([{"role": "user", "content": "x"}]))).unwrap();
    assert_ne!(again[0]["id"], other[0]["id"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (items, field, part) in [
        (json!({}), "items", "a list"),
        (json!(vec![json!({"role": "user", "content": "x"}); 21]), "items", "at most 20"),
        (json!(["x"]), "items[0]", "an object"),
        (json!([{"content": "x"}]), "items[0].type", "required"),
        (json!([{"type": "mesage", "role": "user"}]), "items[0].type", "did you mean `message`?"),
        (json!([{"type": "item_reference", "id": "msg_1"}]), "items[0].type", "not referred to"),
        (json!([{"role": "usr", "content": "x"}]), "items[0].role", "did you mean `user`?"),
        (json!([{"role": "user"}]), "items[0].content", "a list of parts"),
        (
            json!([{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]),
            "items[0].content[0].type",
            "`input_text`",
        ),
        (json!([{"role": "user", "content": [{"type": "input_text"}]}]), "items[0].content[0].text", "`text`"),
        (json!([{"type": "function_call", "call_id": "c", "name": "f"}]), "items[0].arguments", "required"),
        (json!([{"type": "function_call_output", "call_id": "c"}]), "items[0].output", "a text"),
        (json!([{"type": "mcp_approval_response", "approval_request_id": "r"}]), "items[0].approve", "true or false"),
        (
            json!([{"role": "user", "content": "x", "id": "a"}, {"role": "user", "content": "y", "id": "a"}]),
            "items[1].id",
            "same id",
        ),
    ] {
        let (named, message) = refused(items.clone());
        assert_eq!(named, field, "{items}: {message}");
        assert!(message.contains(part), "{items}: {message}");
    }
}

#[test]
fn a_message_may_be_long_and_no_longer() {
    let message = |length: usize| json!([{"role": "user", "content": "é".repeat(length)}]);
    assert!(read(Some(&message(1_500_000))).is_ok());
    assert_eq!(read(Some(&message(1_500_001))).unwrap_err().code, "content_size_exceeded");
}
