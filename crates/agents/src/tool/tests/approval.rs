//! Which calls wait for a yes.

use serde_json::{Value, json};

use super::super::fields::Fields;
use super::super::mcp::McpServer;

fn needs(require_approval: Value, name: &str, is_read_only: bool) -> bool {
    let tool = json!({
        "type": "mcp", "server_label": "docs", "server_url": "https://a.example", "require_approval": require_approval,
    });
    McpServer::read(&Fields::of("tools[0]", &tool).unwrap()).unwrap().needs_approval(name, is_read_only)
}

#[test]
fn every_call_needs_a_yes_unless_it_is_said_otherwise() {
    for (given, expected) in [(Value::Null, true), (json!("always"), true), (json!("never"), false)] {
        assert_eq!(needs(given.clone(), "drop", false), expected, "{given}");
    }
}

#[test]
fn a_tool_in_neither_list_or_in_both_needs_a_yes() {
    let lists = json!({"always": {"tool_names": ["drop", "both"]}, "never": {"tool_names": ["search", "both"]}});
    for (name, expected) in [("drop", true), ("search", false), ("both", true), ("other", true)] {
        assert_eq!(needs(lists.clone(), name, false), expected, "{name}");
    }
    let reading = json!({"never": {"read_only": true}});
    assert!(!needs(reading.clone(), "search", true));
    assert!(needs(reading, "search", false));
}
