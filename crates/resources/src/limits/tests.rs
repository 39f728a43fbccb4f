#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::{ErrorCode, Scope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Counts, GatewayLimit, Limit, Principals, Unit, Window};
use crate::testing::{Bench, golden};

const ALICE: Uuid = Uuid::from_u128(0xa);
const TEAM: Uuid = Uuid::from_u128(0xb);

fn bench() -> Bench {
    let mut bench = Bench::new("accounts/acct1/providers/Cupola.Gateway/limits/monthly");
    bench.tenant.principals = vec![(ALICE, "User"), (TEAM, "Group")];
    bench
}

fn body() -> Value {
    json!({ "properties": {
        "unit": "tokens", "amount": "5000", "window": "month", "counts": "each",
        "appliesTo": { "principals": [{ "id": TEAM }, { "id": ALICE, "type": "User" }], "models": ["tiny"] },
        "description": "what a team may use",
    }})
}

/// The body with one field of its properties replaced, or removed by null.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = body();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(&format!("/properties{parent}")).unwrap();
    parent.as_object_mut().unwrap().insert(name.to_owned(), value);
    body
}

#[test]
fn a_limit_is_read_back_as_it_was_written() {
    let limit = Limit::from_resource(&bench().stored::<GatewayLimit>(&body())).unwrap();
    assert_eq!(
        (limit.unit, limit.amount, limit.window, limit.counts),
        (Unit::Tokens, 5000, Window::Month, Counts::Each)
    );
    assert!(limit.scope().as_str().ends_with("/accounts/acct1"));
    let Principals::These(list) = &limit.principals else { panic!("{limit:?}") };
    let list: Vec<(Uuid, &str)> = list.iter().map(|one| (one.id, one.kind.as_str())).collect();
    assert_eq!(list, [(TEAM, "Group"), (ALICE, "User")]);
    assert_eq!(limit.models.as_deref(), Some(&["SmolLM2-135M-Instruct".to_owned()][..]), "the catalog's own name");
}

#[test]
fn a_limit_is_for_those_it_names_and_one_for_all_is_for_keys_too() {
    let named = Limit::from_resource(&bench().stored::<GatewayLimit>(&body())).unwrap();
    assert!(named.is_for(&[Uuid::from_u128(9), TEAM]) && !named.is_for(&[Uuid::from_u128(9)]) && !named.is_for(&[]));
    assert!(named.is_for_model("smollm2-135m-instruct") && !named.is_for_model("gpt-4o"));
    let all = json!({ "principals": "all" });
    let all = Limit::from_resource(&bench().stored::<GatewayLimit>(&with("/appliesTo", all))).unwrap();
    assert!(all.is_for(&[]) && all.is_for_model("gpt-4o"));
}

#[test]
fn bad_input_names_the_field_and_what_was_expected() {
    let nobody = json!([{ "id": Uuid::from_u128(9) }]);
    for (pointer, value, target, expected) in [
        ("/unit", json!("Words"), "properties.unit", "`Tokens` or `Requests`"),
        ("/unit", Value::Null, "properties.unit", "is required"),
        ("/window", json!("Minutes"), "properties.window", "did you mean `Minute`?"),
        ("/counts", json!(1), "properties.counts", "expected a string"),
        ("/amount", json!(0), "properties.amount", "at least 1"),
        ("/amount", json!(1.5), "properties.amount", "a whole number"),
        ("/amount", json!(10_u64.pow(16)), "properties.amount", "at most 1000000000000000"),
        ("/amount", Value::Null, "properties.amount", "is required"),
        ("/appliesTo", Value::Null, "properties.appliesTo", "is required"),
        ("/appliesTo", json!("All"), "properties.appliesTo", "expected an object"),
        ("/appliesTo/principals", Value::Null, "properties.appliesTo.principals", "`\"All\"`"),
        ("/appliesTo/principals", json!("Alice"), "properties.appliesTo.principals", "got the string `Alice`"),
        ("/appliesTo/principals", json!([]), "properties.appliesTo.principals", "is empty"),
        ("/appliesTo/principals", json!([{ "type": "User" }]), "properties.appliesTo.principals[0].id", "is required"),
        ("/appliesTo/principals", nobody, "properties.appliesTo.principals[0]", "does not exist"),
        (
            "/appliesTo/principals",
            json!([{ "id": TEAM, "type": "User" }]),
            "properties.appliesTo.principals[0]",
            "'Group'",
        ),
        (
            "/appliesTo/principals",
            json!([{ "id": Uuid::nil(), "type": "SystemDefined" }]),
            "properties.appliesTo.principals[0]",
            "\"All\"",
        ),
        ("/appliesTo/models", json!([]), "properties.appliesTo.models", "leave it out"),
        ("/appliesTo/models", json!(["SmolLM"]), "properties.appliesTo.models[0]", "`SmolLM2-135M-Instruct`"),
        ("/appliesTo/model", json!(["x"]), "properties.appliesTo.model", "did you mean `models`?"),
        ("/description", json!("x".repeat(2049)), "properties.description", "longer than 2048"),
        ("/cost", json!(1), "properties.cost", "not known"),
    ] {
        let error = bench().put::<GatewayLimit>(&with(pointer, value.clone())).expect_err(pointer);
        assert_eq!(error.target.as_deref(), Some(target), "{pointer} {value}");
        assert!(error.message.contains(expected), "{pointer} {value}: {}", error.message);
    }
}

#[test]
fn a_limit_hangs_where_requests_pass() {
    let subscription = "/subscriptions/11111111-1111-1111-1111-111111111111";
    let account = format!("{subscription}/resourceGroups/rg1/providers/Microsoft.CognitiveServices/accounts/a1");
    let here = |scope: &str| {
        let id = Scope::parse(&format!("{scope}/providers/Cupola.Gateway/limits/l1")).unwrap();
        Bench { id, ..bench() }.put::<GatewayLimit>(&body())
    };
    for scope in [
        subscription,
        &format!("{subscription}/resourceGroups/rg1"),
        &account,
        &format!("{account}/projects/p1"),
        &format!("{account}/deployments/chat"),
        &format!("{account}/connections/c1"),
        &format!("{account}/projects/p1/connections/c1"),
    ] {
        assert!(here(scope).is_ok(), "{scope}");
    }
    for scope in [
        "",
        "/providers/Microsoft.Management/managementGroups/mg1",
        &format!("{subscription}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/s1"),
        &format!("{account}/providers/Cupola.Gateway/limits/other"),
    ] {
        assert_eq!(here(scope).unwrap_err().code, ErrorCode::InvalidRequestUri, "{scope}");
    }
}

#[test]
fn a_row_that_is_no_limit_is_an_error_and_not_no_limit() {
    let mut damaged = bench().stored::<GatewayLimit>(&body());
    damaged.properties.insert("amount".to_owned(), json!(0));
    let error = Limit::from_resource(&damaged).unwrap_err();
    assert!(error.id == damaged.id && error.to_string().contains("/limits/monthly"), "{error}");
}

#[test]
fn a_limit_on_the_wire_is_the_golden_one() {
    golden("limit", &bench().wire::<GatewayLimit>(&body()));
}
