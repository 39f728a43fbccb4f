#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::{AgentReference, Wanted, needs_run};

fn of(body: Value) -> Wanted {
    Wanted::of(&body, None).unwrap()
}

fn refusal(body: Value, named: Option<&str>) -> (String, String) {
    let error = Wanted::of(&body, named).unwrap_err();
    (error.param.unwrap(), error.message)
}

#[test]
fn only_what_asks_for_more_than_a_model_needs_a_run() {
    let plain = [
        json!({"model": "m", "input": "Hi"}),
        json!({"model": "m", "input": [{"role": "user", "content": "Hi"}], "tools": [{"type": "function", "name": "f"}]}),
        json!({"model": "m", "previous_response_id": "resp_1", "background": false, "conversation": null}),
    ];
    for body in plain {
        assert!(!needs_run(&body), "{body}");
    }
    let more = [
        json!({"agent_reference": {"name": "a"}}),
        json!({"agent": {"name": "a"}}),
        json!({"model": "m", "conversation": "conv_1"}),
        json!({"model": "m", "background": true}),
        json!({"model": "m", "tools": [{"type": "mcp"}]}),
        json!({"model": "m", "tools": [{"type": "function"}, {"type": "openapi"}]}),
        json!({"model": "m", "input": [{"type": "mcp_approval_response"}]}),
        json!({"model": "m", "structured_inputs": {}}),
    ];
    for body in more {
        assert!(needs_run(&body), "{body}");
    }
}

#[test]
fn servers_beside_an_agent_are_those_of_its_version() {
    for kind in ["mcp", "openapi"] {
        let tools = json!([{"type": "function", "name": "f"}, {"type": kind}]);
        let (param, message) = refusal(json!({"agent_reference": {"name": "a"}, "tools": tools}), None);
        assert_eq!(param, "tools[1]");
        assert!(message.contains("put the tool into a version of `a`"), "{message}");
    }
}

#[test]
fn an_agent_is_named_in_either_way_or_by_the_path() {
    let named = |name: &str, version: Option<&str>| {
        Some(AgentReference { name: name.to_owned(), version: version.map(str::to_owned) })
    };
    let cases = [
        (json!({"agent_reference": {"type": "agent_reference", "name": "a"}}), None, named("a", None)),
        (json!({"agent": {"name": "a", "version": "3"}}), None, named("a", Some("3"))),
        (json!({"agent_reference": {"name": "a", "version": 3}}), None, named("a", Some("3"))),
        (json!({"agent_reference": {"name": "a", "version": "latest"}}), None, named("a", None)),
        (json!({}), Some("b"), named("b", None)),
        (json!({"agent_reference": {"name": "b", "version": "2"}}), Some("b"), named("b", Some("2"))),
    ];
    for (body, path, expected) in cases {
        assert_eq!(Wanted::of(&body, path).unwrap().agent, expected, "{body}");
    }
}

#[test]
fn what_is_said_goes_to_the_model_and_what_is_ours_does_not() {
    let wanted = of(json!({"model": "m", "input": "Hi", "temperature": 0.5, "text": {"format": {"type": "text"}},
        "tool_choice": "auto", "stream": true, "store": true, "conversation": {"id": "conv_1"}, "user": null}));
    let names: Vec<&str> = wanted.question.keys().map(String::as_str).collect();
    assert_eq!(names, ["model", "temperature", "text", "tool_choice"]);
    assert_eq!((wanted.conversation.as_deref(), wanted.is_stream, wanted.is_stored), (Some("conv_1"), true, true));
    for nothing in [json!(""), json!([]), Value::Null] {
        assert_eq!(of(json!({"model": "m", "input": nothing})).input, None);
    }
}

#[test]
fn what_cannot_be_is_refused_with_the_field_and_the_mend() {
    let cases = [
        (json!({}), None, "model", "agent_reference"),
        (json!({"agent_reference": {"name": "a"}, "model": "m"}), None, "model", "leave `model` out"),
        (
            json!({"agent_reference": {"name": "a"}, "instructions": "x"}),
            None,
            "instructions",
            "leave `instructions` out",
        ),
        (json!({"agent_reference": {"name": "a"}, "agent": {"name": "a"}}), None, "agent", "send one of them"),
        (json!({"agent_reference": "a"}), None, "agent_reference", "agent_reference"),
        (json!({"agent_reference": {"type": "agent"}}), None, "agent_reference.type", "`agent_reference`"),
        (json!({"agent_reference": {}}), None, "agent_reference.name", "my-agent"),
        (json!({"agent_reference": {"name": "c"}}), Some("b"), "agent_reference.name", "endpoint of `b`"),
        (json!({"model": "m", "conversation": 1}), None, "conversation", "conv_"),
        (json!({"model": "m", "conversation": {}}), None, "conversation", "conv_"),
        (
            json!({"model": "m", "conversation": "c", "previous_response_id": "r"}),
            None,
            "previous_response_id",
            "exclude",
        ),
        (json!({"model": "m", "background": true, "store": false}), None, "store", "leave `store` out"),
        (json!({"model": "m", "background": "yes"}), None, "background", "a boolean"),
        (json!({"model": "m", "structured_inputs": {"a": 1}}), None, "structured_inputs", "agent_reference"),
        (json!({"model": "m", "structured_inputs": []}), None, "structured_inputs", "an object"),
        (json!({"model": "m", "tools": {}}), None, "tools", "an array"),
        (json!({"model": "m", "max_tool_calls": 0}), None, "max_tool_calls", "1 to 128"),
    ];
    for (body, named, field, told) in cases {
        let (param, message) = refusal(body.clone(), named);
        assert_eq!(param, field, "{body}");
        assert!(message.contains(told), "{body}: {message}");
    }
}
