//! Whole answers, said in the other protocol.

use dialect::anthropic;
use dialect::openai::chat_exchange as chat;
use serde_json::Value;

use super::context;
use crate::golden;

#[test]
fn a_completion_is_shown_to_a_messages_client() {
    golden::check_cases("exchange/answers-chat-to-messages.json", 9, |case| {
        let answer = chat::read_answer(case["answer"].to_string().as_bytes()).unwrap();
        vec![("written", anthropic::write_answer(&answer, &context()))]
    });
}

#[test]
fn a_message_is_shown_to_a_chat_client() {
    golden::check_cases("exchange/answers-messages-to-chat.json", 8, |case| {
        let answer = anthropic::read_answer(case["answer"].to_string().as_bytes()).unwrap();
        vec![("written", chat::write_answer(&answer, &context()))]
    });
}

#[test]
fn an_answer_that_cannot_be_made_out_says_what_is_wrong() {
    let chat = |body: &str| chat::read_answer(body.as_bytes()).unwrap_err().reason;
    assert!(chat("<html>").starts_with("no JSON"));
    assert_eq!(chat("{}"), "expected `choices[0]`");
    assert_eq!(chat(r#"{"choices":[{}]}"#), "expected `choices[0].message`");
    assert_eq!(chat(r#"{"error":{"code":"busy","message":"x"}}"#), "an error, `busy`, with a good status");
    assert!(chat(r#"{"choices":[{"message":{"content":[{"type":"audio"}]}}]}"#).contains("content[0]"));
    assert!(chat(r#"{"choices":[{"message":{"tool_calls":[{"id":"x"}]}}]}"#).contains("tool_calls[0]"));
    let messages = |body: &str| anthropic::read_answer(body.as_bytes()).unwrap_err().reason;
    assert!(messages("").starts_with("no JSON"));
    assert_eq!(messages("{}"), "expected an array in `content`");
    assert!(messages(r#"{"content":[{"type":"text","text":"x"},{"type":"server_tool_use"}]}"#).contains("content[1]"));
    let error = Value::from_iter([("type", "error"), ("error", "busy")]);
    assert!(messages(&error.to_string()).starts_with("an error"));
}
