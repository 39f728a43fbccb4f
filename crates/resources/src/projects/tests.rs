#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use serde_json::{Value, json};
use uuid::Uuid;

use super::Project;
use crate::accounts::Account;
use crate::testing::{Bench, golden};

fn in_account(properties: Value) -> Bench {
    let account =
        json!({ "location": "local", "kind": "AIServices", "sku": { "name": "S0" }, "properties": properties });
    let parent = Bench::new("accounts/acct1").stored::<Account>(&account);
    Bench { parent: Some(parent), ..Bench::new("accounts/acct1/projects/proj1") }
}

#[test]
fn the_first_project_is_the_default_and_has_its_own_identity() {
    let bench = in_account(json!({ "allowProjectManagement": true }));
    let project = bench.stored::<Project>(&json!({}));
    assert_eq!(project.properties["isDefault"], json!(true));
    assert_eq!(project.identity.unwrap().principal_id, Some(Uuid::from_u128(1)));
    assert_eq!(project.location.as_deref(), Some("local"));
    assert_eq!(project.properties["displayName"], json!("proj1"));
}

#[test]
fn the_second_project_is_not_the_default() {
    let mut bench = in_account(json!({ "allowProjectManagement": true }));
    let first = Bench { parent: bench.parent.clone(), ..Bench::new("accounts/acct1/projects/first") };
    bench.tenant.resources.push(first.stored::<Project>(&json!({})));
    assert_eq!(bench.stored::<Project>(&json!({})).properties["isDefault"], json!(false));
}

#[test]
fn an_account_without_project_management_takes_none() {
    let error = in_account(json!({})).put::<Project>(&json!({})).unwrap_err();
    assert!(error.message.contains("allowProjectManagement"), "{}", error.message);
}

#[test]
fn a_patch_changes_the_description_and_nothing_else() {
    let bench = in_account(json!({ "allowProjectManagement": true }))
        .with_existing::<Project>(&json!({ "properties": { "displayName": "Risk" } }));
    let patched = bench.patch::<Project>(&json!({ "properties": { "description": "new" } })).unwrap();
    assert_eq!(json!(patched.properties), json!({ "displayName": "Risk", "description": "new", "isDefault": true }));
    assert_eq!(patched.identity, bench.existing.unwrap().identity);
}

#[test]
fn bad_input_names_the_field() {
    let bench = in_account(json!({ "allowProjectManagement": true }));
    for (body, target) in [
        (json!({ "properties": { "displayName": 1 } }), "properties.displayName"),
        (json!({ "properties": { "colour": "red" } }), "properties.colour"),
        (json!({ "sku": { "name": "S0" } }), "sku"),
        (json!({ "identity": { "type": "None" } }), "identity.type"),
    ] {
        assert_eq!(bench.put::<Project>(&body).unwrap_err().target.as_deref(), Some(target), "{body}");
    }
}

#[test]
fn a_project_on_the_wire_is_the_golden_one() {
    let bench = in_account(json!({ "allowProjectManagement": true }));
    golden(
        "project",
        &bench.wire::<Project>(&json!({ "properties": { "displayName": "Risk", "description": "Credit risk" } })),
    );
}
