#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use arm::{ArmError, Scope};
use serde_json::{Value, json};

use super::*;

const SCOPE: &str = "/subscriptions/11111111-1111-1111-1111-111111111111";
const ALICE: &str = "22222222-2222-2222-2222-222222222222";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";

fn body() -> Value {
    json!({
        "denyAssignmentName": "no deletes",
        "permissions": [{ "actions": ["*/delete"], "notActions": ["Microsoft.Authorization/*/delete"] }],
        "principals": [{ "id": ALICE, "type": "User" }],
        "excludePrincipals": [],
        "isSystemProtected": false,
    })
}

fn read(name: &str, value: Value) -> Result<Wanted, ArmError> {
    let mut properties = body();
    properties[name] = value;
    Wanted::from_json(&json!({ "properties": properties }), &Scope::parse(SCOPE).unwrap())
}

#[test]
fn what_is_read_is_what_is_stored() {
    let wanted = read("description", json!("why")).unwrap();
    let stored = wanted.properties(|_| Some("User"));
    assert_eq!(stored["denyAssignmentName"], "no deletes");
    assert_eq!(stored["principals"], json!([{ "id": ALICE, "type": "User" }]));
    assert_eq!(stored["permissions"][0]["actions"], json!(["*/delete"]));
    assert_eq!((&stored["doNotApplyToChildScopes"], &stored["isSystemProtected"]), (&json!(false), &json!(false)));
}

#[test]
fn everybody_is_the_zero_guid_with_its_own_type_and_is_never_excluded() {
    let everybody = json!([{ "id": ZERO, "type": "SystemDefined" }]);
    assert_eq!(read("principals", everybody.clone()).unwrap().principals[0].id, EVERYBODY);
    for wrong in [
        json!([{ "id": ZERO, "type": "User" }]),
        json!([{ "id": ZERO }]),
        json!([{ "id": ALICE, "type": "SystemDefined" }]),
        json!([{ "id": ZERO, "type": "SystemDefined" }, { "id": ALICE }]),
    ] {
        assert!(read("principals", wrong.clone()).is_err(), "{wrong}");
    }
    let error = read("excludePrincipals", everybody).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.excludePrincipals[0]"));
}

#[test]
fn bad_input_names_the_field() {
    for (name, value, target) in [
        ("denyAssignmentName", json!(" "), "properties.denyAssignmentName"),
        ("denyAssignmentName", json!("x".repeat(513)), "properties.denyAssignmentName"),
        ("permissions", json!([]), "properties.permissions"),
        ("permissions", json!([{ "actions": [] }]), "properties.permissions"),
        ("permissions", json!([{ "notActions": ["*"] }]), "properties.permissions"),
        ("permissions", json!([{ "actions": ["a/*/b/*"] }]), "properties.permissions[0].actions[0]"),
        ("permissions", json!([{ "actions": ["*"], "allActions": [] }]), "properties.permissions[0].allActions"),
        ("principals", json!([]), "properties.principals"),
        ("principals", json!([{ "id": "alice" }]), "properties.principals[0].id"),
        ("principals", json!([{ "id": ALICE, "type": "Robot" }]), "properties.principals[0].type"),
        ("principals", json!([7]), "properties.principals[0]"),
        ("doNotApplyToChildScopes", json!("yes"), "properties.doNotApplyToChildScopes"),
        ("scope", json!("/subscriptions/other"), "properties.scope"),
        ("conditionVersion", json!("3.0"), ""),
        ("princpals", json!([]), "properties.princpals"),
    ] {
        let error = match read(name, value.clone()) {
            Err(error) => error,
            // A version without a condition says nothing.
            Ok(wanted) => {
                assert!(target.is_empty() && wanted.condition.is_none(), "{name} = {value} was accepted");
                continue;
            }
        };
        assert_eq!(error.target.as_deref(), Some(target), "{name} = {value}: {error}");
    }
}

#[test]
fn each_condition_is_found_where_it_stands() {
    let mut permissions = body()["permissions"].clone();
    permissions[0]["condition"] = json!("inner");
    let mut properties = body();
    properties["permissions"] = permissions;
    properties["condition"] = json!("outer");
    let wanted = Wanted::from_json(&json!({ "properties": properties }), &Scope::parse(SCOPE).unwrap()).unwrap();
    assert_eq!(
        wanted.conditions(),
        [("properties.condition".to_owned(), "outer"), ("properties.permissions[0].condition".to_owned(), "inner"),]
    );
}
