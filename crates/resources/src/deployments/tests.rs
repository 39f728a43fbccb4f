#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::{ErrorCode, Resource};
use serde_json::{Value, json};

use super::{Deployment, ModelRef, Rate, capacity_of, model_of, rate_limits_per_unit, rate_of, usages};
use crate::accounts::Account;
use crate::kind::{Kind, View};
use crate::model_catalog::Catalog;
use crate::testing::{Bench, SITE, Tenant, golden, scope};

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
fn a_deployment_shows_what_its_model_does_and_nothing_else() {
    let shown = |model| bench().wire::<Deployment>(&of_model(model, json!({ "name": "Standard" })));
    assert_eq!(shown(good_model())["properties"]["capabilities"], json!({ "chatCompletion": "true" }));
    let embeds = json!({ "format": "HuggingFace", "name": "all-MiniLM-L6-v2", "version": "1" });
    assert_eq!(shown(embeds)["properties"]["capabilities"], json!({ "embeddings": "true" }));
    // What a client sends of it is not its to say.
    let mut body = of_model(good_model(), json!({ "name": "Standard" }));
    body["properties"]["capabilities"] = json!({ "embeddings": "true" });
    assert_eq!(bench().wire::<Deployment>(&body)["properties"]["capabilities"], json!({ "chatCompletion": "true" }));
}

#[test]
fn a_deployment_that_kept_no_capability_is_for_chat() {
    let mut old = bench().stored::<Deployment>(&of_model(good_model(), json!({ "name": "Standard" })));
    old.properties.remove("capabilities");
    let shown = Deployment::present(&old, &View { site: SITE, parent: None, catalog: &Catalog::default() });
    assert_eq!(shown["properties"]["capabilities"], json!({ "chatCompletion": "true" }));
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
        (spilling("Standard", "chat2"), "properties.spilloverDeploymentName"),
        (spilling("ProvisionedManaged", "a/b"), "properties.spilloverDeploymentName"),
        (spilling("ProvisionedManaged", "nowhere"), "properties.spilloverDeploymentName"),
        (json!({ "kind": "x", "sku": { "name": "Standard" }, "properties": { "model": good_model() } }), "kind"),
    ] {
        assert_eq!(bench().put::<Deployment>(&body).unwrap_err().target.as_deref(), Some(target), "{body}");
    }
}

#[test]
fn an_unknown_type_is_answered_with_the_nearest() {
    for (given, near) in
        [("Standart", "`Standard`"), ("GlobalStandart", "`GlobalStandard`"), ("DataZone", "`DataZoneBatch`")]
    {
        let error = bench().put::<Deployment>(&of_model(good_model(), json!({ "name": given }))).unwrap_err();
        assert_eq!((error.code, error.target.as_deref()), (ErrorCode::InvalidRequestContent, Some("sku.name")));
        assert!(error.message.ends_with(&format!("; did you mean {near}?")), "{}", error.message);
    }
}

#[test]
fn provisioned_and_batch_types_have_no_token_rate() {
    for name in ["ProvisionedManaged", "GlobalBatch"] {
        let wire = bench().wire::<Deployment>(&of_model(good_model(), json!({ "name": name, "capacity": 50 })));
        assert_eq!((&wire["properties"]["rateLimits"], wire["properties"].get("callRateLimit")), (&json!([]), None));
    }
}

fn spilling(sku: &str, target: &str) -> Value {
    let mut body = of_model(good_model(), json!({ "name": sku }));
    body["properties"]["spilloverDeploymentName"] = json!(target);
    body
}

/// A stored deployment of the bench's account.
fn deployed(name: &str, model: &str, sku: &str, capacity: u64) -> Resource {
    let mut deployment =
        bench().stored::<Deployment>(&of_model(good_model(), json!({ "name": sku, "capacity": capacity })));
    deployment.id = scope(&format!("accounts/acct1/deployments/{name}"));
    deployment.properties["model"] = json!({ "format": "OpenAI", "name": model, "version": "1" });
    deployment
}

#[test]
fn a_provisioned_deployment_spills_over_to_a_standard_one_that_keeps_data_in_the_same_place() {
    for (from, to, is_fit) in [
        ("ProvisionedManaged", "Standard", true),
        ("GlobalProvisionedManaged", "GlobalStandard", true),
        ("DataZoneProvisionedManaged", "DataZoneStandard", true),
        ("ProvisionedManaged", "GlobalStandard", false),
        ("GlobalProvisionedManaged", "GlobalProvisionedManaged", false),
    ] {
        let mut bench = bench();
        bench.tenant.resources.push(deployed("more", "tiny", to, 1));
        let put = bench.put::<Deployment>(&spilling(from, "more"));
        assert_eq!(put.is_ok(), is_fit, "{from} {to}");
        match put {
            Ok(accepted) => assert_eq!(accepted.properties["spilloverDeploymentName"], json!("more")),
            Err(error) => assert!(error.message.contains("expected a deployment of the type `"), "{}", error.message),
        }
    }
}

fn model(name: &str, more: &str) -> String {
    format!(
        "[[model]]\nname = \"{name}\"\nversion = \"1\"\nformat = \"OpenAI\"\n{more}\nruns = {{ embedded = {{ file = \"f\" }} }}\n"
    )
}

#[test]
fn a_rate_is_the_capacity_times_what_a_unit_of_the_model_allows() {
    let own = "requests_per_unit = \"3/2\"\ntokens_per_unit = 500";
    let catalog =
        Catalog::from_toml(&(model("o1", "") + &model("mine", own) + &model("o3", "requests_per_unit = 4"))).unwrap();
    for (name, units, tokens_per_minute, requests_per_minute) in [
        ("gpt-4o", 10, 10_000, 60),
        ("o3", 10, 10_000, 40),
        ("O4-mini", 10, 10_000, 10),
        ("o1", 12, 12_000, 2),
        ("o1", 11, 11_000, 1),
        ("o3-mini", 100, 100_000, 10),
        ("o1-mini", 100, 100_000, 10),
        ("o3-pro", 100, 100_000, 10),
        ("o3-pro", 1, 1_000, 1),
        ("o3-mini", 9, 9_000, 1),
        ("o3-mini", 29, 29_000, 2),
        ("o1-like", 60, 60_000, 360),
        ("mine", 10, 5_000, 15),
    ] {
        let rate = rate_of(&deployed("chat", name, "GlobalStandard", units), &catalog);
        assert_eq!(rate, Some(Rate { tokens_per_minute, requests_per_minute }), "{name} {units}");
    }
    assert_eq!(rate_of(&deployed("chat", "o1", "GlobalProvisionedManaged", 10), &catalog), None);
}

#[test]
fn one_unit_is_shown_in_whole_numbers() {
    let catalog = Catalog::default();
    for (name, count, renewal_period) in [("gpt-4o", 1, 10), ("o3", 1, 60), ("o1", 1, 360), ("o3-mini", 1, 600)] {
        let shown = rate_limits_per_unit(catalog.unit_rate(name, "1"));
        assert_eq!(shown[0], json!({ "key": "request", "renewalPeriod": renewal_period, "count": count }), "{name}");
        assert_eq!(shown[1], json!({ "key": "token", "renewalPeriod": 60, "count": 1000 }));
    }
}

/// The account `acct1` in `local` and these deployments in it.
fn tenant(deployments: Vec<Resource>) -> Tenant {
    let mut resources = vec![bench().parent.unwrap()];
    resources.extend(deployments);
    Tenant { resources, ..Tenant::default() }
}

fn limited() -> Catalog {
    let first = model("gpt", "aliases = [\"chatty\"]\nquota = { Standard = 10 }");
    Catalog::from_toml(&(first + &model("other", "") + "[quota]\nProvisionedManaged = 100\nStandard = 20\n")).unwrap()
}

#[test]
fn capacity_is_given_as_long_as_there_is_quota() {
    let there = || vec![deployed("a", "gpt", "Standard", 6), deployed("b", "gpt", "GlobalStandard", 500)];
    for (name, model, sku, units, is_fit, why) in [
        ("c", "gpt", "Standard", 4, true, "up to the limit"),
        ("c", "gpt", "Standard", 5, false, "one unit above it"),
        ("c", "chatty", "Standard", 5, false, "another name is the same model"),
        ("c", "other", "Standard", 20, true, "another model has its own, from the common table"),
        ("c", "other", "Standard", 21, false, "and no more"),
        ("a", "gpt", "Standard", 10, true, "an update counts the difference"),
        ("a", "gpt", "Standard", 11, false, "which must fit too"),
        ("b", "gpt", "Standard", 5, false, "another type is a new taking"),
        ("c", "other", "DataZoneStandard", 10_000, true, "ten thousand where nobody says anything"),
        ("c", "other", "DataZoneStandard", 10_001, false, "and no more"),
    ] {
        let room = Deployment::room_for(&deployed(name, model, sku, units), &limited(), &tenant(there()));
        assert_eq!(room.is_ok(), is_fit, "{why}: {room:?}");
    }
}

#[test]
fn provisioned_units_are_for_all_models_together() {
    let there = || vec![deployed("a", "gpt", "ProvisionedManaged", 60)];
    let wanted = |units| deployed("b", "other", "ProvisionedManaged", units);
    assert!(Deployment::room_for(&wanted(40), &limited(), &tenant(there())).is_ok());
    let error = Deployment::room_for(&wanted(41), &limited(), &tenant(there())).unwrap_err();
    assert_eq!(error.code, ErrorCode::InsufficientQuota);
    let info = &error.additional_info[0]["info"];
    assert_eq!((&info["limit"], &info["used"], &info["wanted"]), (&json!(100), &json!(60), &json!(41)));
    assert_eq!(info["quota"], "OpenAI.ProvisionedManaged");
}

#[test]
fn what_is_above_a_lowered_limit_may_stay_and_shrink() {
    let there = || vec![deployed("a", "gpt", "Standard", 50)];
    for (units, is_fit) in [(50, true), (30, true), (51, false)] {
        let room = Deployment::room_for(&deployed("a", "gpt", "Standard", units), &limited(), &tenant(there()));
        assert_eq!(room.is_ok(), is_fit, "{units}");
    }
}

#[test]
fn usages_count_a_model_that_the_catalog_has_lost() {
    let tenant = tenant(vec![deployed("a", "gone", "Standard", 7), deployed("b", "chatty", "Standard", 2)]);
    let catalog = limited();
    let at = |region| usages(&catalog, &tenant, &scope("accounts/acct1"), region);
    let used: Vec<(String, u64, u64)> = at(Some("local"))
        .iter()
        .filter(|one| one.used > 0)
        .map(|one| (one.quota.name(), one.used, one.limit))
        .collect();
    assert_eq!(used, [("OpenAI.Standard.gone".to_owned(), 7, 20), ("OpenAI.Standard.gpt".to_owned(), 2, 10)]);
    assert!(at(Some("eastus2")).iter().all(|one| one.used == 0), "another region has its own");
}

#[test]
fn a_deployment_on_the_wire_is_the_golden_one() {
    let body = of_model(good_model(), json!({ "name": "GlobalStandard", "capacity": 1000 }));
    golden("deployment", &bench().wire::<Deployment>(&body));
}
