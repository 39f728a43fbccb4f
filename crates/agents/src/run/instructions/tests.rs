#![allow(clippy::unwrap_used)]

use serde_json::{Map, Value, json};

use super::filled;

fn fill(text: &str, declared: Value, given: Value) -> Result<String, (String, String)> {
    let given: Map<String, Value> = given.as_object().unwrap().clone();
    filled(text, &declared, &given).map_err(|error| (error.param.unwrap(), error.message))
}

#[test]
fn places_are_filled_with_what_is_given_or_declared() {
    let declared = json!({"name": {"required": true}, "tone": {"default_value": "kind"}, "more": {}});
    let cases = [
        ("Help {{name}}.", "Help Ada."),
        ("Help {{ name }}, be {{tone}}{{more}}.", "Help Ada, be kind."),
        ("{{other}} {{name", "{{other}} {{name"),
        ("{{{{name}}}}", "{{Ada}}"),
        ("no place", "no place"),
    ];
    for (text, expected) in cases {
        assert_eq!(fill(text, declared.clone(), json!({"name": "Ada"})).unwrap(), expected, "{text}");
    }
    assert_eq!(fill("{{list}}", json!({"list": {}}), json!({"list": [1, "a"]})).unwrap(), r#"[1,"a"]"#);
}

#[test]
fn a_value_cannot_ask_for_another_place() {
    let declared = json!({"a": {}, "secret": {"default_value": "s3"}});
    assert_eq!(fill("{{a}}", declared, json!({"a": "{{secret}}"})).unwrap(), "{{secret}}");
}

#[test]
fn what_is_needed_or_unknown_is_refused_by_name() {
    let declared = json!({"name": {"required": true}});
    let (field, told) = fill("{{name}}", declared.clone(), json!({})).unwrap_err();
    assert_eq!(field, "structured_inputs.name");
    assert!(told.contains("need"), "{told}");
    let (field, told) = fill("{{name}}", declared, json!({"nmae": "Ada", "name": "x"})).unwrap_err();
    assert_eq!(field, "structured_inputs.nmae");
    assert!(told.contains("`name`"), "{told}");
    let (_, told) = fill("", Value::Null, json!({"a": 1})).unwrap_err();
    assert!(told.contains("none"), "{told}");
}
