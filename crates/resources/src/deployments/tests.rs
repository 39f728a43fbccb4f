#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::ErrorCode;
use serde_json::{Value, json};

use super::{Deployment, ModelRef, capacity_of, model_of};
use crate::accounts::Account;
use crate::testing::{Bench, golden};

fn bench() -> Bench {
    let account = json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" } });
    let parent = Bench::new("accounts/acct1").stored::<Account>(&account);
    Bench { parent: Some(parent), ..Bench::new("accounts/acct1/deployments/chat") }
}

fn of_model(model: Value, sku: Value) -> Value {
    json!({ "sku": sku, "properties": { "model": model } })
}

fn good_model() -> Value {
    json!({ "format": "HuggingFace", "name": "SmolLM2-135M-Instruct", "version": "1" })
}

#[test]
fn capacity_comes_as_text_from_az_and_is_a_number_afterwards() {
    let stored =
        bench().stored::<Deployment>(&of_model(good_model(), json!({ "name": "GlobalStandard", "capacity": "10" })));
    assert_eq!((capacity_of(&stored), stored.sku), (10, Some(json!({ "name": "GlobalStandard", "capacity": 10 }))));
}

#[test]
fn an_unknown_model_is_answered_with_the_nearest_names() {
    let model = json!({ "format": "HuggingFace", "name": "SmolLM-135M", "version": "1" });
    let error = bench().put::<Deployment>(&of_model(model, json!({ "name": "Standard" }))).unwrap_err();
    assert_eq!(error.code, ErrorCode::DeploymentModelNotSupported);
    assert!(error.message.contains("`SmolLM2-135M-Instruct`"), "{}", error.message);
    let model = json!({ "format": "OpenAI", "name": "gpt-99", "version": "1" });
    let error = bench().put::<Deployment>(&of_model(model, json!({ "name": "Standard" }))).unwrap_err();
    assert!(error.message.contains("`SmolLM2-135M-Instruct`"), "{}", error.message);
}

#[test]
fn a_wrong_version_or_format_names_the_right_ones() {
    for (model, right) in [
        (json!({ "format": "HuggingFace", "name": "tiny", "version": "9" }), "it has `1`"),
        (json!({ "format": "OpenAI", "name": "tiny" }), "`HuggingFace`, not `OpenAI`"),
    ] {
        let error = bench().put::<Deployment>(&of_model(model, json!({ "name": "Standard" }))).unwrap_err();
        assert_eq!(error.code, ErrorCode::DeploymentModelNotSupported);
        assert!(error.message.contains(right), "{}", error.message);
    }
}

#[test]
fn a_deployment_keeps_the_name_it_was_asked_for_in_the_catalogs_writing() {
    let model = json!({ "format": "huggingface", "name": "TINY" });
    let stored = bench().stored::<Deployment>(&of_model(model, json!({ "name": "Standard" })));
    assert_eq!(model_of(&stored), Some(ModelRef { name: "tiny", version: "1" }));
}

#[test]
fn a_patch_may_change_the_capacity_alone() {
    let body = of_model(good_model(), json!({ "name": "GlobalStandard", "capacity": 5 }));
    let patched =
        bench().with_existing::<Deployment>(&body).patch::<Deployment>(&json!({ "sku": { "capacity": 7 } })).unwrap();
    assert_eq!(patched.sku, Some(json!({ "name": "GlobalStandard", "capacity": 7 })));
    assert_eq!(patched.properties["model"], good_model());
}

#[test]
fn bad_input_names_the_field() {
    for (body, target) in [
        (json!({ "properties": { "model": good_model() } }), "sku"),
        (of_model(good_model(), json!({ "name": "Gold" })), "sku.name"),
        (of_model(good_model(), json!({ "name": "Standard", "capacity": 0 })), "sku.capacity"),
        (of_model(good_model(), json!({ "name": "Standard", "capacity": "many" })), "sku.capacity"),
        (json!({ "sku": { "name": "Standard" } }), "properties.model"),
        (of_model(json!("gpt"), json!({ "name": "Standard" })), "properties.model"),
        (of_model(json!({ "name": "tiny" }), json!({ "name": "Standard" })), "properties.model.format"),
        (
            json!({ "sku": { "name": "Standard" }, "properties": { "model": good_model(), "versionUpgradeOption": "Never" } }),
            "properties.versionUpgradeOption",
        ),
        (
            json!({ "sku": { "name": "Standard" }, "properties": { "model": good_model(), "raiPolicyName": "mine" } }),
            "properties.raiPolicyName",
        ),
        (json!({ "kind": "x", "sku": { "name": "Standard" }, "properties": { "model": good_model() } }), "kind"),
    ] {
        assert_eq!(bench().put::<Deployment>(&body).unwrap_err().target.as_deref(), Some(target), "{body}");
    }
}

#[test]
fn provisioned_types_have_no_token_rate() {
    let body = of_model(good_model(), json!({ "name": "ProvisionedManaged", "capacity": 50 }));
    assert_eq!(bench().wire::<Deployment>(&body)["properties"]["rateLimits"], json!([]));
}

#[test]
fn a_deployment_on_the_wire_is_the_golden_one() {
    let body = of_model(good_model(), json!({ "name": "GlobalStandard", "capacity": 1000 }));
    golden("deployment", &bench().wire::<Deployment>(&body));
}
