//! What is refused in a definition: `conformance/agents`.

use std::fs;
use std::path::PathBuf;

use egress::{Egress, Settings};
use serde_json::{Value, json};

use super::super::{GivenIn, check, shown};

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/agents")).join(name)
}

/// Compares each case with what the file expects of it, or rewrites the file.
pub(crate) fn check_cases(
    name: &str,
    table: &mut Value,
    cases: fn(&mut Value) -> &mut Vec<Value>,
    answer: impl Fn(&Value) -> Value,
) {
    for case in cases(table) {
        case["expect"] = answer(case);
    }
    let text = serde_json::to_string_pretty(table).unwrap() + "\n";
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        fs::write(path(name), text).unwrap();
        return;
    }
    assert_eq!(text, fs::read_to_string(path(name)).unwrap(), "{name} differs; `cargo xtask bless` if it should");
}

/// A table.
pub(crate) fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap()
}

#[test]
fn each_mistake_in_a_tool_is_named_with_its_mend() {
    let settings = Settings { allowed_targets: vec!["http://127.0.0.1:9999".to_owned()], ..Settings::default() };
    let egress = Egress::new(settings).unwrap();
    let mut table = read("tools.json");
    assert!(table.as_array().unwrap().len() >= 60, "the table lost its cases");
    let answer = |case: &Value| {
        let given_in = if case["given_in"] == "request" { GivenIn::Request } else { GivenIn::Agent };
        match check(std::slice::from_ref(&case["tool"]), given_in, &egress) {
            Ok(()) => json!("accepted"),
            Err(error) => json!({"field": error.field, "message": error.message}),
        }
    };
    check_cases("tools.json", &mut table, |table| table.as_array_mut().unwrap(), answer);
}

#[test]
fn two_tools_of_one_name_are_refused_and_so_are_too_many() {
    let egress = Egress::new(Settings::default()).unwrap();
    let function = json!({"type": "function", "name": "now"});
    let error = check(&[function.clone(), function.clone()], GivenIn::Agent, &egress).unwrap_err();
    assert_eq!(error.field, "tools[1].name");
    let many: Vec<Value> = (0..129).map(|index| json!({"type": "function", "name": format!("f{index}")})).collect();
    assert!(check(&many[..128], GivenIn::Agent, &egress).is_ok());
    assert_eq!(check(&many, GivenIn::Agent, &egress).unwrap_err().field, "tools");
}

#[test]
fn a_secret_of_a_request_is_not_repeated() {
    let tool = json!({"type": "mcp", "server_label": "a", "headers": {"x-key": "1"}, "authorization": "2"});
    assert_eq!(shown(&tool), json!({"type": "mcp", "server_label": "a"}));
    let function = json!({"type": "function", "name": "a", "headers": 1});
    assert_eq!(shown(&function), function);
}
