#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;

fn parse(extra: Value) -> Result<ChatRequest, OpenAiError> {
    let mut body = json!({"model": "chat", "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    ChatRequest::parse(body)
}

#[test]
fn what_is_not_read_survives_in_its_order() {
    let request = parse(json!({"zeta": 1, "user": "u-7", "metadata": {"b": 1, "a": [1.50]}})).unwrap();
    let names: Vec<&String> = request.rest.keys().collect();
    assert_eq!(names, ["zeta", "user", "metadata"]);
    assert_eq!(request.rest["metadata"], json!({"b": 1, "a": [1.50]}));
}

#[test]
fn null_counts_as_absent() {
    let nothing = json!({"max_tokens": null, "stop": null, "stream": null, "temperature": null, "stream_options": null, "n": null});
    assert_eq!(parse(nothing).unwrap(), parse(json!({})).unwrap());
}

#[test]
fn both_words_for_the_limit_are_read() {
    assert_eq!(parse(json!({"max_tokens": 5})).unwrap().max_tokens, Some(5));
    assert_eq!(parse(json!({"max_completion_tokens": 6})).unwrap().max_tokens, Some(6));
}

#[test]
fn stop_may_be_one_text_or_a_list() {
    assert_eq!(parse(json!({"stop": "END"})).unwrap().stop, ["END"]);
    assert_eq!(parse(json!({"stop": ["a", "b", "c", "d"]})).unwrap().stop, ["a", "b", "c", "d"]);
    assert!(parse(json!({"stop": []})).unwrap().stop.is_empty());
}

#[test]
fn usage_comes_only_in_a_stream_that_asked_for_it() {
    let asked = parse(json!({"stream": true, "stream_options": {"include_usage": true}})).unwrap();
    assert!(asked.stream && asked.include_usage);
    assert!(!parse(json!({"stream": true, "stream_options": {}})).unwrap().include_usage);
}

#[test]
fn text_parts_are_joined_for_a_plain_model() {
    let body = json!({"messages": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "ann"},
        {"role": "assistant", "content": "c"},
    ]});
    let plain = PlainChat::from_request(&ChatRequest::parse(body).unwrap()).unwrap();
    let said: Vec<(&str, &str)> =
        plain.messages.iter().map(|message| (message.role, message.content.as_str())).collect();
    assert_eq!(said, [("system", "Be brief."), ("user", "ab"), ("assistant", "c")]);
}

#[test]
fn a_turn_that_only_called_tools_needs_no_content() {
    let body = json!({"messages": [{"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]}]});
    let request = ChatRequest::parse(body).unwrap();
    assert_eq!(request.messages[0].content, Content::None);
    assert_eq!(request.messages[0].rest["tool_calls"], json!([{"id": "1"}]));
}

#[test]
fn a_plain_model_takes_wishes_that_change_nothing() {
    let harmless = json!({
        "tools": [], "logprobs": false, "logit_bias": {}, "modalities": ["text"], "response_format": {"type": "text"},
        "user": "u", "store": true, "metadata": {}, "service_tier": "auto", "parallel_tool_calls": true, "tool_choice": "none",
    });
    assert!(PlainChat::from_request(&parse(harmless).unwrap()).is_ok());
}
