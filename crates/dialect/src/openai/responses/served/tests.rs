#![allow(clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::{UNKNOWN, for_model, function_name};

fn call(id: &str, name: &str) -> Value {
    json!({"type": "function_call", "call_id": id, "name": name, "arguments": "{}"})
}

fn result(id: &str, output: &str) -> Value {
    json!({"type": "function_call_output", "call_id": id, "output": output})
}

fn mcp(more: Value) -> Value {
    let mut item =
        json!({"type": "mcp_call", "id": "mcp_1", "server_label": "there", "name": "look", "arguments": "{}"});
    for (name, value) in more.as_object().into_iter().flatten() {
        item[name] = value.clone();
    }
    item
}

#[test]
fn calls_of_servers_are_told_as_calls_of_functions() {
    let message = json!({"id": "msg_1", "status": "completed", "type": "message", "role": "user", "content": "Hi"});
    let plain = json!({"type": "message", "role": "user", "content": "Hi"});
    let blocks = json!({"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]});
    let openapi =
        json!({"type": "openapi_call", "id": "oa_1", "call_id": "call_1", "name": "lib_look", "arguments": "{}"});
    let found =
        json!({"type": "openapi_call_output", "id": "oao_1", "call_id": "call_1", "name": "lib_look", "output": "x"});
    let cases = [
        (message, vec![plain]),
        (mcp(json!({"output": "found"})), vec![call("mcp_1", "there_look"), result("mcp_1", "found")]),
        (mcp(json!({"error": "broken"})), vec![call("mcp_1", "there_look"), result("mcp_1", "broken")]),
        (mcp(json!({"error": {"message": "late"}})), vec![call("mcp_1", "there_look"), result("mcp_1", "late")]),
        (mcp(json!({"error": blocks})), vec![call("mcp_1", "there_look"), result("mcp_1", "one\ntwo")]),
        (mcp(json!({})), vec![call("mcp_1", "there_look"), result("mcp_1", "The call failed.")]),
        (mcp(json!({"status": "incomplete"})), vec![call("mcp_1", "there_look"), result("mcp_1", UNKNOWN)]),
        (openapi, vec![call("call_1", "lib_look"), result("call_1", UNKNOWN)]),
        (found, vec![result("call_1", "x")]),
        (json!({"type": "mcp_list_tools", "id": "mcpl_1", "tools": []}), vec![]),
    ];
    for (item, expected) in cases {
        assert_eq!(for_model(std::slice::from_ref(&item)), expected, "{item}");
    }
}

#[test]
fn a_call_that_has_its_result_is_told_with_that_alone() {
    let asked = json!({"type": "openapi_call", "call_id": "call_1", "name": "lib_look", "arguments": "{}"});
    let found = json!({"type": "openapi_call_output", "call_id": "call_1", "output": "x"});
    assert_eq!(for_model(&[asked, found]), [call("call_1", "lib_look"), result("call_1", "x")]);
}

#[test]
fn only_a_call_that_was_not_allowed_is_told() {
    let mut request = mcp(json!({}));
    request["type"] = json!("mcp_approval_request");
    let answer =
        |approve: bool| json!({"type": "mcp_approval_response", "approval_request_id": "mcp_1", "approve": approve});
    assert!(for_model(&[request.clone()]).is_empty(), "nobody has answered yet");
    assert!(for_model(&[request.clone(), answer(true)]).is_empty(), "the call itself is told");
    let told = for_model(&[request, answer(false)]);
    assert!(
        told.len() == 2 && told[1]["output"].as_str().is_some_and(|text| text.contains("did not approve")),
        "{told:?}"
    );
}

#[test]
fn names_of_functions_are_such_as_every_model_takes() {
    assert_eq!(function_name("my server", "look.up"), "my_server_look_up");
    let long = |last: char| function_name("server", &format!("{}{last}", "x".repeat(80)));
    assert_eq!(long('a').len(), 64);
    assert_ne!(long('a'), long('b'), "two long names stay two");
}
