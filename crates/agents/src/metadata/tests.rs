#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::read;

#[test]
fn sixteen_texts_are_kept_and_no_seventeenth() {
    let labels = |count: usize| Value::Object((0..count).map(|at| (format!("name{at}"), json!("text"))).collect());
    assert_eq!(read(Some(&labels(16))).unwrap().len(), 16);
    assert!(read(Some(&labels(17))).unwrap_err().message.contains("at most 16"));
    assert!(read(None).unwrap().is_empty());
    assert!(read(Some(&Value::Null)).unwrap().is_empty());
}

#[test]
fn what_is_no_short_text_is_refused_by_name() {
    for (labels, field) in [
        (json!({"a": 1}), "metadata.a"),
        (json!({"a": "x".repeat(513)}), "metadata.a"),
        (json!({"": "x"}), "metadata."),
        (json!(["a"]), "metadata"),
    ] {
        let error = read(Some(&labels)).unwrap_err();
        assert_eq!(error.param.as_deref(), Some(field), "{}", error.message);
    }
    let longest = json!({"k".repeat(64): "é".repeat(512)});
    assert_eq!(read(Some(&longest)).unwrap().len(), 1);
    assert!(read(Some(&json!({"k".repeat(65): ""}))).is_err());
}
