#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use serde_json::{Value, json};

use super::{Fields, listed};

fn error_of(body: Value, read: impl Fn(&Fields<'_>) -> Result<(), arm::ArmError>) -> arm::ArmError {
    read(&Fields::new("sku", body.as_object().unwrap())).expect_err("the field is refused")
}

#[test]
fn a_number_may_come_as_text_because_az_sends_it_so() {
    let body = json!({ "capacity": "10" });
    let fields = Fields::new("sku", body.as_object().unwrap());
    assert_eq!(fields.whole_number("capacity", 1, 100).unwrap(), Some(10));
    assert_eq!(fields.whole_number("missing", 1, 100).unwrap(), None);
}

#[test]
fn a_wrong_number_names_field_expectation_and_value() {
    for (value, got) in [
        (json!(0), "`0`"),
        (json!(-1), "`-1`"),
        (json!(1.5), "`1.5`"),
        (json!("ten"), "the string `ten`"),
        (json!([1]), "an array"),
        (json!(true), "`true`"),
    ] {
        let error =
            error_of(json!({ "capacity": value }), |fields| fields.whole_number("capacity", 1, 100).map(|_| ()));
        assert_eq!(error.message, format!("`sku.capacity`: expected a whole number of at least 1, got {got}"));
        assert_eq!(error.target.as_deref(), Some("sku.capacity"));
    }
    let error = error_of(json!({ "capacity": 101 }), |fields| fields.whole_number("capacity", 1, 100).map(|_| ()));
    assert_eq!(error.message, "`sku.capacity`: expected a whole number of at most 100, got `101`");
}

#[test]
fn null_counts_as_absent() {
    let body = json!({ "name": null });
    let fields = Fields::new("sku", body.as_object().unwrap());
    assert_eq!(fields.string("name").unwrap(), None);
    assert!(fields.required_string("name").is_err());
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one() {
    let error = error_of(json!({ "capcity": 1 }), |fields| fields.only(&["name", "capacity"], "a sku"));
    assert_eq!(error.message, "`sku.capcity` is not known for a sku; did you mean `capacity`?");
}

#[test]
fn a_choice_is_answered_in_its_known_writing() {
    let body = json!({ "name": "globalstandard" });
    let fields = Fields::new("sku", body.as_object().unwrap());
    assert_eq!(fields.one_of("name", &["Standard", "GlobalStandard"]).unwrap(), Some("GlobalStandard"));
    let error = error_of(json!({ "name": "Gold" }), |fields| fields.one_of("name", &["A", "B"]).map(|_| ()));
    assert_eq!(error.message, "`sku.name`: expected one of `A` or `B`, got `Gold`");
}

#[test]
fn a_long_or_odd_value_is_cut_before_it_is_repeated() {
    let long = format!("{}\r\n{}", "a".repeat(50), "b".repeat(500));
    let error = error_of(json!({ "name": long }), |fields| fields.one_of("name", &["A"]).map(|_| ()));
    assert!(error.message.len() < 150 && !error.message.contains('\n'), "{}", error.message);
}

#[test]
fn lists_read_like_sentences() {
    assert_eq!(listed(&["a"]), "`a`");
    assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` or `c`");
}
