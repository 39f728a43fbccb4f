#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::check_answers;

fn request() -> Value {
    json!({"type": "mcp_approval_request", "id": "mcpr_1", "server_label": "docs", "name": "drop", "arguments": "{}"})
}

fn answer(approve: bool) -> Value {
    json!({"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": approve})
}

fn call() -> Value {
    json!({"type": "mcp_call", "id": "mcp_1", "approval_request_id": "mcpr_1", "name": "drop", "arguments": "{}"})
}

/// Why an input is refused.
fn why(before: &[Value], input: &[Value], has_agent: bool) -> String {
    let failure = check_answers(before, input, has_agent).unwrap_err();
    assert_eq!(failure.status, 400);
    failure.body["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_holds_once() {
    assert!(check_answers(&[request()], &[answer(true)], true).is_ok());
    let twice = [
        (vec![request(), answer(true)], vec![answer(true)], "input[0]"),
        (vec![request(), answer(false)], vec![answer(true)], "input[0]"),
        (vec![request(), call()], vec![answer(true)], "input[0]"),
        (vec![request()], vec![answer(true), answer(true)], "input[1]"),
        (vec![request()], vec![answer(false), answer(true)], "input[1]"),
    ];
    for (before, input, place) in twice {
        let told = why(&before, &input, true);
        assert!(told.contains(place) && told.contains("answered already"), "{told}");
    }
}

#[test]
fn a_caller_brings_a_request_along_only_where_no_agent_answers() {
    let input = [request(), answer(true)];
    assert!(check_answers(&[], &input, false).is_ok());
    assert!(why(&[], &input, true).contains("nobody asked"));
    assert!(why(&[], &[answer(true)], false).contains("nobody asked"));
}

#[test]
fn who_tells_of_the_call_as_well_does_not_ask_for_it_again() {
    let told = [request(), answer(true), call()];
    assert!(super::answers(&[], &told, false).next().is_none());
    assert_eq!(super::answers(&[], &told[..2], false).count(), 1);
}
