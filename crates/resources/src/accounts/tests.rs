#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::ErrorCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Account, has_project_management, local_auth_is_off};
use crate::kind::Accepted;
use crate::projects::Project;
use crate::testing::{Bench, Tenant, resource, scope};

fn foundry(properties: Value) -> Value {
    json!({ "location": "East US 2", "kind": "aiservices", "sku": { "name": "s0" }, "properties": properties })
}

#[test]
fn a_new_account_gets_its_defaults() {
    let stored = Bench::new("accounts/Acct1").stored::<Account>(&foundry(json!({})));
    assert_eq!(stored.location.as_deref(), Some("eastus2"));
    assert_eq!(stored.kind.as_deref(), Some("AIServices"));
    assert_eq!(stored.properties["customSubDomainName"], json!("acct1"));
    assert!(!local_auth_is_off(&stored) && !has_project_management(&stored));
    assert_eq!(stored.identity, None);
}

#[test]
fn project_management_brings_an_identity_and_cannot_lose_it() {
    let bench = Bench::new("accounts/acct1");
    let stored = bench.stored::<Account>(&foundry(json!({ "allowProjectManagement": true })));
    assert_eq!(stored.identity.unwrap().principal_id, Some(Uuid::from_u128(1)));
    let mut without = foundry(json!({ "allowProjectManagement": true }));
    without["identity"] = json!({ "type": "None" });
    assert_eq!(bench.put::<Account>(&without).unwrap_err().target.as_deref(), Some("identity.type"));
}

#[test]
fn an_openai_account_has_no_projects() {
    let body = json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" }, "properties": { "allowProjectManagement": true } });
    let error = Bench::new("accounts/acct1").put::<Account>(&body).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.allowProjectManagement"));
}

#[test]
fn a_whole_resource_put_keeps_identity_and_ignores_what_is_read_only() {
    let before = foundry(json!({ "allowProjectManagement": true }));
    let mut bench = Bench::new("accounts/acct1").with_existing::<Account>(&before);
    let mut kept = bench.existing.clone().unwrap();
    kept.identity.as_mut().unwrap().principal_id = Some(Uuid::from_u128(77));
    bench.existing = Some(kept);
    let mut body = bench.wire::<Account>(&before);
    body["properties"]["disableLocalAuth"] = json!(true);
    body["properties"]["endpoint"] = json!("https://evil.example/");
    body["properties"]["internalId"] = json!("forged");
    let after = resource::<Account>(&bench.id, bench.put::<Account>(&body).unwrap());
    assert_eq!(after.identity.as_ref().unwrap().principal_id, Some(Uuid::from_u128(77)));
    assert!(local_auth_is_off(&after));
    assert_eq!(after.properties["internalId"], bench.existing.unwrap().properties["internalId"]);
    assert!(after.properties.get("endpoint").is_none());
}

#[test]
fn openai_becomes_aiservices_and_never_the_other_way() {
    let openai = json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" } });
    let bench = Bench::new("accounts/acct1").with_existing::<Account>(&openai);
    assert_eq!(bench.patch::<Account>(&json!({ "kind": "AIServices" })).unwrap().kind.as_deref(), Some("AIServices"));
    let bench = Bench::new("accounts/acct1").with_existing::<Account>(&foundry(json!({})));
    assert_eq!(bench.patch::<Account>(&json!({ "kind": "OpenAI" })).unwrap_err().target.as_deref(), Some("kind"));
}

#[test]
fn a_subdomain_is_unique_and_never_changes() {
    let mut bench = Bench::new("accounts/acct1");
    bench.tenant = Tenant { taken: Some("taken"), ..Tenant::default() };
    let error = bench.put::<Account>(&foundry(json!({ "customSubDomainName": "TAKEN" }))).unwrap_err();
    assert_eq!(error.code, ErrorCode::CustomDomainInUse);
    let bench =
        Bench::new("accounts/acct1").with_existing::<Account>(&foundry(json!({ "customSubDomainName": "mine" })));
    assert!(bench.patch::<Account>(&json!({ "properties": { "customSubDomainName": "MINE" } })).is_ok());
    let error = bench.patch::<Account>(&json!({ "properties": { "customSubDomainName": "other" } })).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.customSubDomainName"));
    assert!(Bench::new("accounts/a1").put::<Account>(&foundry(json!({ "customSubDomainName": "a/b" }))).is_err());
}

#[test]
fn project_management_stays_on_while_there_are_projects() {
    let mut bench =
        Bench::new("accounts/acct1").with_existing::<Account>(&foundry(json!({ "allowProjectManagement": true })));
    let off = json!({ "properties": { "allowProjectManagement": false } });
    assert!(bench.patch::<Account>(&off).is_ok());
    let project = resource::<Project>(&scope("accounts/acct1/projects/p1"), Accepted::default());
    bench.tenant.resources.push(project);
    assert_eq!(bench.patch::<Account>(&off).unwrap_err().target.as_deref(), Some("properties.allowProjectManagement"));
}

#[test]
fn an_account_does_not_move() {
    let bench = Bench::new("accounts/acct1").with_existing::<Account>(&foundry(json!({})));
    assert!(bench.patch::<Account>(&json!({ "location": "eastus2" })).is_ok());
    assert_eq!(
        bench.patch::<Account>(&json!({ "location": "local" })).unwrap_err().code,
        ErrorCode::InvalidResourceLocation
    );
}

#[test]
fn bad_input_names_the_field() {
    let bench = Bench::new("accounts/acct1");
    for (body, code, target) in [
        (json!({ "kind": "AIServices", "sku": { "name": "S0" } }), ErrorCode::LocationRequired, "location"),
        (
            json!({ "location": "eastus22", "kind": "AIServices", "sku": { "name": "S0" } }),
            ErrorCode::LocationNotAvailableForResourceType,
            "location",
        ),
        (json!({ "location": "local", "sku": { "name": "S0" } }), ErrorCode::InvalidRequestContent, "kind"),
        (
            json!({ "location": "local", "kind": "TextAnalytics", "sku": { "name": "S0" } }),
            ErrorCode::InvalidApiSetId,
            "kind",
        ),
        (json!({ "location": "local", "kind": "AIServices" }), ErrorCode::InvalidRequestContent, "sku"),
        (
            json!({ "location": "local", "kind": "AIServices", "sku": { "name": "S9" } }),
            ErrorCode::InvalidRequestContent,
            "sku.name",
        ),
        (
            foundry(json!({ "disableLocalAuth": "yes" })),
            ErrorCode::InvalidRequestContent,
            "properties.disableLocalAuth",
        ),
        (foundry(json!({ "disableLocalAut": true })), ErrorCode::InvalidRequestContent, "properties.disableLocalAut"),
        (
            foundry(json!({ "publicNetworkAccess": "Maybe" })),
            ErrorCode::InvalidRequestContent,
            "properties.publicNetworkAccess",
        ),
        (
            foundry(json!({ "networkAcls": { "ipRules": [1] } })),
            ErrorCode::InvalidRequestContent,
            "properties.networkAcls.ipRules",
        ),
        (
            foundry(json!({ "networkAcls": { "ipRules": [{ "value": "10.0.0.0/33" }] } })),
            ErrorCode::InvalidRequestContent,
            "properties.networkAcls.ipRules",
        ),
        (
            foundry(json!({ "encryption": { "keySource": "Microsoft.KeyVault" } })),
            ErrorCode::InvalidRequestContent,
            "properties.encryption",
        ),
        (foundry(json!({ "restore": true })), ErrorCode::InvalidRequestContent, "properties.restore"),
    ] {
        let error = bench.put::<Account>(&body).unwrap_err();
        assert_eq!((error.code, error.target.as_deref()), (code, Some(target)), "{body}");
    }
}

#[test]
fn addresses_and_ranges_are_network_rules() {
    for value in ["10.1.2.3", "10.0.0.0/8", "0.0.0.0/0", "fd00::1", "fd00::/8"] {
        let body = foundry(json!({ "networkAcls": { "defaultAction": "Deny", "ipRules": [{ "value": value }] } }));
        let stored = Bench::new("accounts/acct1").stored::<Account>(&body);
        assert_eq!(stored.properties["networkAcls"]["ipRules"][0]["value"], json!(value));
    }
}

#[test]
fn a_damaged_row_counts_as_local_auth_off() {
    let mut stored = Bench::new("accounts/acct1").stored::<Account>(&foundry(json!({})));
    stored.properties.remove("disableLocalAuth");
    assert!(local_auth_is_off(&stored));
}

#[test]
fn an_account_on_the_wire_is_the_golden_one() {
    let body = foundry(json!({ "allowProjectManagement": true }));
    crate::testing::golden(
        "account",
        &Bench { id: scope("accounts/acct1"), ..Bench::new("accounts/acct1") }.wire::<Account>(&body),
    );
}
