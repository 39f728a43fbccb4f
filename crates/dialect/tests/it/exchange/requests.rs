//! Requests: said in the other protocol, or refused with the caller's field.

use dialect::anthropic::{self, Target, ThinksBy};
use dialect::exchange::{Effort, NotSupported, Reasoning, Request};
use dialect::openai::chat_exchange as chat;
use serde_json::{Value, json};

use super::TARGET;
use crate::{golden, tape};

fn chat_to_messages(body: &Value) -> Result<Value, NotSupported> {
    chat::read_request(body).and_then(|request| anthropic::write_request(&request, &TARGET))
}

fn messages_to_chat(body: &Value) -> Result<Value, NotSupported> {
    anthropic::read_request(body).and_then(|request| chat::write_request(&request))
}

type Translate = fn(&Value) -> Result<Value, NotSupported>;

fn check_said(file: &str, translate: Translate) {
    golden::check_cases(file, 14, |case| {
        let written = translate(&case["request"]).unwrap_or_else(|error| panic!("{}: {error}", case["case"]));
        vec![("written", written)]
    });
}

fn check_refused(file: &str, translate: Translate) {
    golden::check_cases(file, 40, |case| {
        let Err(error) = translate(&case["request"]) else { panic!("{} is accepted", case["request"]) };
        assert!(!error.reason.contains('\n') && error.to_string().contains(&format!("`{}`", error.field)));
        vec![("field", json!(error.field)), ("reason", json!(error.reason))]
    });
}

#[test]
fn a_chat_request_is_said_to_a_messages_model() {
    check_said("exchange/requests-chat-to-messages.json", chat_to_messages);
}

#[test]
fn a_messages_request_is_said_to_a_chat_model() {
    check_said("exchange/requests-messages-to-chat.json", messages_to_chat);
}

#[test]
fn what_a_messages_model_cannot_be_told_is_refused_by_the_callers_field() {
    check_refused("exchange/refused-chat.json", chat_to_messages);
}

#[test]
fn what_a_chat_model_cannot_be_told_is_refused_by_the_callers_field() {
    check_refused("exchange/refused-messages.json", messages_to_chat);
}

#[test]
fn a_model_that_thinks_by_effort_is_told_the_degree() {
    let target = Target { thinks_by: ThinksBy::Effort, ..TARGET };
    let told = |effort: Effort| {
        let reasoning = Some(Reasoning { effort: Some(effort), ..Reasoning::default() });
        let request = Request {
            reasoning,
            ..chat::read_request(&json!({"messages": [{"role": "user", "content": "hi"}]})).unwrap()
        };
        let body = anthropic::write_request(&request, &target).unwrap();
        (body["thinking"]["type"].clone(), body["output_config"]["effort"].clone())
    };
    assert_eq!(told(Effort::High), (json!("adaptive"), json!("high")));
    assert_eq!(told(Effort::Minimal), (json!("adaptive"), json!("low")));
    assert_eq!(told(Effort::None), (json!("disabled"), Value::Null));
}

#[test]
fn a_budget_above_the_limit_is_refused_in_the_words_of_the_caller() {
    let body = json!({"max_tokens": 2000, "messages": [{"role": "user", "content": "hi"}],
        "thinking": {"type": "enabled", "budget_tokens": 2000}});
    let request = anthropic::read_request(&body).unwrap();
    let error = anthropic::write_request(&request, &TARGET).unwrap_err();
    assert_eq!(error.field, "thinking");
    assert!(error.reason.contains("below `max_tokens`, 2000"), "{error}");
}

#[test]
fn a_request_to_count_needs_no_limit() {
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "system": "Be brief."});
    assert_eq!(anthropic::read_count_request(&body).unwrap().turns.len(), 1);
    assert_eq!(anthropic::read_request(&body).unwrap_err().field, "max_tokens");
    assert_eq!(anthropic::read_count(anthropic::count_answer(7).to_string().as_bytes()), Ok(7));
    assert!(anthropic::read_count(b"{}").is_err());
}

#[test]
fn the_outline_of_a_messages_request() {
    let outline = |body: Value| anthropic::Outline::of(tape(&body).root());
    let seen = outline(json!({"model": "claude", "stream": true, "max_tokens": 5, "new_field": 1})).unwrap();
    assert_eq!((seen.model.as_deref(), seen.stream, seen.max_tokens), (Some("claude"), true, Some(5)));
    assert_eq!(outline(json!({"model": 7})).unwrap_err().field, "model");
    assert_eq!(outline(json!([])).unwrap_err().field, "body");
}
