#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::ErrorCode;
use serde_json::json;

use super::{Draft, IdentityWish};
use crate::accounts::Account;
use crate::kind::Kind;
use crate::testing::{Bench, scope};

fn read(body: serde_json::Value) -> Result<Draft, arm::ArmError> {
    Draft::from_json(&body, &scope("accounts/acct1"), Account::TYPE)
}

#[test]
fn a_body_may_repeat_the_url_in_any_case() {
    let id = scope("accounts/acct1").as_str().to_uppercase().replace("/SUBSCRIPTIONS/", "/subscriptions/");
    let body =
        json!({ "id": id, "name": "ACCT1", "type": "microsoft.cognitiveservices/ACCOUNTS", "location": "local" });
    assert_eq!(read(body).unwrap().location.as_deref(), Some("local"));
}

#[test]
fn a_body_that_names_another_resource_is_refused() {
    for (field, value) in [
        ("id", json!(scope("accounts/acct2").as_str())),
        ("id", json!("not an id")),
        ("name", json!("acct2")),
        ("type", json!("Microsoft.Storage/storageAccounts")),
    ] {
        let error = read(json!({ field: value })).unwrap_err();
        assert_eq!((error.code, error.target.as_deref()), (ErrorCode::MismatchingResourceName, Some(field)));
    }
}

#[test]
fn a_misspelt_top_level_name_is_refused_with_the_right_one() {
    let error = read(json!({ "propertys": {} })).unwrap_err();
    assert_eq!(error.message, "`propertys` is not known for a resource; did you mean `properties`?");
}

#[test]
fn wrong_types_name_the_field() {
    for (body, message) in [
        (json!({ "location": 1 }), "`location`: expected a string, got `1`"),
        (json!({ "properties": [] }), "`properties`: expected an object, got an array"),
        (json!({ "tags": { "a": 1 } }), "`tags.a`: expected a string, got `1`"),
        (json!({ "identity": { "type": 1 } }), "`identity.type`: expected a string, got `1`"),
    ] {
        assert_eq!(read(body).unwrap_err().message, message);
    }
}

#[test]
fn an_identity_of_another_kind_is_refused_and_none_is_a_wish() {
    assert_eq!(
        read(json!({ "identity": { "type": "None" } })).unwrap().identity,
        Some(IdentityWish { system_assigned: false })
    );
    assert!(read(json!({ "identity": { "type": "SystemAssigned, UserAssigned" } })).is_err());
}

#[test]
fn features_of_other_resources_are_refused_unless_null() {
    assert!(read(json!({ "zones": null, "plan": null })).is_ok());
    assert!(read(json!({ "zones": ["1"] })).is_err());
}

#[test]
fn a_patch_changes_what_it_names_and_null_removes() {
    let body = json!({
        "location": "local", "kind": "AIServices", "sku": { "name": "S0" }, "tags": { "a": "1", "b": "2" },
        "properties": { "disableLocalAuth": false, "networkAcls": { "defaultAction": "Deny", "ipRules": [{ "value": "10.0.0.0/8" }] } },
    });
    let bench = Bench::new("accounts/acct1").with_existing::<Account>(&body);
    let patch = json!({ "tags": { "b": null, "c": "3" }, "properties": { "disableLocalAuth": true } });
    let patched = bench.patch::<Account>(&patch).unwrap();
    assert_eq!(json!(patched.tags), json!({ "a": "1", "c": "3" }));
    assert_eq!(patched.properties["disableLocalAuth"], json!(true));
    assert_eq!(patched.properties["networkAcls"]["ipRules"][0]["value"], json!("10.0.0.0/8"));
    assert_eq!(patched.kind.as_deref(), Some("AIServices"));
}
