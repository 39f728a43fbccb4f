#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use egress::{Egress, Settings};
use serde_json::{Value, json};

use super::check;

const CASES: &str = include_str!("../../../../../conformance/agents/definition.json");

#[test]
fn definitions_are_kept_or_refused_as_the_table_says() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let egress = Egress::new(Settings::default()).unwrap();
    for case in cases {
        let story = case["story"].as_str().unwrap();
        match (check(&case["definition"], &egress), case.get("refused")) {
            (Ok(model), None) => assert_eq!(model, case["definition"]["model"], "{story}"),
            (Err(error), Some(refused)) => {
                assert_eq!(error.param.as_deref(), refused["field"].as_str(), "{story}: {}", error.message);
                for part in refused["says"].as_array().unwrap() {
                    assert!(error.message.contains(part.as_str().unwrap()), "{story}: {}", error.message);
                }
            }
            (Ok(_), Some(_)) => panic!("{story}: it was kept"),
            (Err(error), None) => panic!("{story}: {}", error.message),
        }
    }
}

#[test]
fn so_many_tools_and_no_more() {
    let egress = Egress::new(Settings::default()).unwrap();
    let with = |count: usize| {
        let tools: Vec<Value> = (0..count).map(|at| json!({"type": "function", "name": format!("f{at}")})).collect();
        json!({"kind": "prompt", "model": "chat", "tools": tools})
    };
    assert!(check(&with(128), &egress).is_ok());
    assert_eq!(check(&with(129), &egress).unwrap_err().param.as_deref(), Some("definition.tools"));
}
