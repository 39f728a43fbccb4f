//! Quota: what a subscription may deploy of a model in a region, and what of it is used.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Answer, Bench, GROUP, OTHER_SUBSCRIPTION, READER, SUBSCRIPTION, account, deployment, foundry,
};

/// Creators that all want the last of the quota.
const CREATORS: usize = 64;
const USAGES_READER: Uuid = Uuid::from_u128(0xbba4_8692_92b0_4667_a9ad_c31c_7b33_4ac2);
const USAGE_NAME: &str = "HuggingFace.GlobalStandard.SmolLM2-135M-Instruct";
/// A hundred units of each model as `GlobalStandard`.
const HUNDRED: &str = "[quota]\nGlobalStandard = 100\n";

fn of(capacity: u64) -> Value {
    let mut body = deployment();
    body["sku"]["capacity"] = json!(capacity);
    body
}

fn deployed(account: &str, name: &str) -> String {
    format!("{account}/deployments/{name}")
}

fn usages(subscription: &str, region: &str) -> String {
    format!("/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/{region}/usages")
}

/// Units in use and the limit of the model's quota, as the list at `path` says them.
async fn used(bench: &Bench, path: &str) -> (u64, u64) {
    let list = bench.get("admin", path).await;
    assert_eq!(list.status, 200, "{list:?}");
    let entry = list.body["value"].as_array().unwrap().iter().find(|one| one["name"]["value"] == USAGE_NAME).unwrap();
    assert_eq!(entry["unit"], "Count");
    (entry["currentValue"].as_u64().unwrap(), entry["limit"].as_u64().unwrap())
}

/// Limit, used and wanted, as a refusal says them.
fn facts(refused: &Answer) -> (u64, u64, u64) {
    assert_eq!((refused.status, refused.code()), (400, "InsufficientQuota"), "{refused:?}");
    let info = &refused.body["error"]["additionalInfo"][0]["info"];
    let number = |name: &str| info[name].as_u64().unwrap();
    (number("limit"), number("used"), number("wanted"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_parallel_creators_stop_exactly_at_the_quota() {
    let bench = Arc::new(Bench::with_catalog(HUNDRED).await);
    assert_eq!(bench.put("admin", &account("acct2"), foundry()).await.status, 201);
    let mut creators = JoinSet::new();
    for at in 0..CREATORS {
        let (bench, account) = (Arc::clone(&bench), account(if at % 2 == 0 { "acct1" } else { "acct2" }));
        creators.spawn(async move { bench.put("admin", &deployed(&account, &format!("d{at}")), of(10)).await });
    }
    let answers = creators.join_all().await;
    let (made, refused): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 10, "accounts of one subscription and region share");
    assert!(refused.iter().all(|refusal| facts(refusal) == (100, 100, 10)), "{refused:?}");
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (100, 100));

    // One goes, one comes.
    let gone = made[0].body["id"].as_str().unwrap();
    assert_eq!(bench.delete("admin", gone).await.status, 200);
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "late"), of(11)).await.code(), "InsufficientQuota");
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "late"), of(10)).await.status, 201);
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "later"), of(1)).await.code(), "InsufficientQuota");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_updates_stop_at_the_quota_too() {
    let bench = Arc::new(Bench::with_catalog(HUNDRED).await);
    for at in 0..8 {
        assert_eq!(bench.put("admin", &deployed(ACCOUNT, &format!("d{at}")), of(5)).await.status, 201);
    }
    let mut writers = JoinSet::new();
    for at in 0..8 {
        let bench = Arc::clone(&bench);
        let body = json!({ "sku": { "capacity": 20 } });
        writers.spawn(async move { bench.patch("admin", &deployed(ACCOUNT, &format!("d{at}")), body).await.status });
    }
    let answers = writers.join_all().await;
    // 40 are used, each update takes 15 more.
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 4, "{answers:?}");
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (100, 100));
}

#[tokio::test]
async fn an_update_counts_the_difference() {
    let bench = Bench::with_catalog(HUNDRED).await;
    let path = deployed(ACCOUNT, "chat");
    assert_eq!(bench.put("admin", &path, of(80)).await.status, 201);
    let refused = bench.put("admin", &path, of(101)).await;
    assert_eq!(facts(&refused), (100, 80, 21));
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("takes 21 more units") && message.contains("80 of 100 are used"), "{message}");
    assert_eq!(refused.body["error"]["target"], "sku.capacity");
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (80, 100), "a refusal takes nothing");
    assert_eq!(bench.put("admin", &path, of(100)).await.status, 200);
    assert_eq!(bench.patch("admin", &path, json!({ "sku": { "capacity": 30 } })).await.status, 200);
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (30, 100));
}

#[tokio::test]
async fn regions_subscriptions_and_types_have_quotas_of_their_own() {
    let bench = Bench::with_catalog(HUNDRED).await;
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "all"), of(100)).await.status, 201);
    let mut elsewhere = foundry();
    elsewhere["location"] = json!("eastus2");
    assert_eq!(bench.put("admin", &account("east"), elsewhere).await.status, 201);
    assert_eq!(bench.put("admin", &deployed(&account("east"), "all"), of(100)).await.status, 201);
    let group = GROUP.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION);
    assert_eq!(bench.put("admin", &group, json!({ "location": "local" })).await.status, 201);
    let other = account("acct9").replace(SUBSCRIPTION, OTHER_SUBSCRIPTION);
    assert_eq!(bench.put("admin", &other, foundry()).await.status, 201);
    assert_eq!(bench.put("admin", &deployed(&other, "all"), of(100)).await.status, 201);
    let mut regional = of(100);
    regional["sku"]["name"] = json!("Standard");
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "regional"), regional).await.status, 201);
    for (subscription, region) in [(SUBSCRIPTION, "local"), (SUBSCRIPTION, "EastUS2"), (OTHER_SUBSCRIPTION, "local")] {
        assert_eq!(used(&bench, &usages(subscription, region)).await, (100, 100), "{subscription} {region}");
    }
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "westeurope")).await, (0, 100));
}

#[tokio::test]
async fn what_goes_with_its_account_or_group_is_given_back() {
    let bench = Bench::with_catalog(HUNDRED).await;
    assert_eq!(bench.put("admin", &account("acct2"), foundry()).await.status, 201);
    for (account, capacity) in [(account("acct1"), 60), (account("acct2"), 40)] {
        assert_eq!(bench.put("admin", &deployed(&account, "chat"), of(capacity)).await.status, 201);
    }
    let both = [account("acct1"), account("acct2")].map(|account| format!("{account}/usages"));
    assert_eq!(
        (used(&bench, &both[0]).await, used(&bench, &both[1]).await),
        ((60, 100), (40, 100)),
        "an account's own"
    );
    assert_eq!(bench.delete("admin", &account("acct2")).await.status, 202);
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (60, 100));
    assert_eq!(bench.delete("admin", GROUP).await.status, 202);
    assert_eq!(used(&bench, &usages(SUBSCRIPTION, "local")).await, (0, 100));
}

#[tokio::test]
async fn usages_are_for_those_who_may_read_them_at_the_subscription() {
    let bench = Bench::with_account().await;
    let path = usages(SUBSCRIPTION, "local");
    assert_eq!(bench.get("", &path).await.status, 401);
    assert_eq!(bench.get("alice", &path).await.code(), "AuthorizationFailed");
    bench.grant("alice", USAGES_READER, GROUP).await;
    assert_eq!(bench.get("alice", &path).await.code(), "AuthorizationFailed", "the region is not in the group");
    bench.grant("bob", USAGES_READER, &format!("/subscriptions/{SUBSCRIPTION}")).await;
    let list = bench.get("bob", &format!("{path}?$filter=name.value%20eq%20'{USAGE_NAME}'")).await;
    assert_eq!((list.status, list.body["value"].as_array().unwrap().len()), (200, 1), "{list:?}");
    assert_eq!(list.body["value"][0]["limit"], 10_000, "what is said where the operator says nothing");
    assert_eq!(bench.get("admin", &format!("{path}?$filter=colour%20eq%20'red'")).await.code(), "InvalidFilter");
    assert_eq!(bench.get("admin", &usages(SUBSCRIPTION, "atlantis")).await.status, 400);
    let nowhere = usages("33333333-3333-3333-3333-333333333333", "local");
    assert_eq!(bench.get("admin", &nowhere).await.code(), "SubscriptionNotFound");
    assert_eq!(bench.get("admin", &format!("{}/usages", account("nobody"))).await.code(), "ResourceNotFound");
}

#[tokio::test]
async fn model_capacities_are_what_is_left() {
    let bench = Bench::with_catalog(HUNDRED).await;
    assert_eq!(bench.put("admin", &deployed(ACCOUNT, "chat"), of(30)).await.status, 201);
    let provider = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.CognitiveServices");
    let model = "modelFormat=HuggingFace&modelName=smollm2-135m-instruct&modelVersion=1";
    let left = |list: &Answer, region: &str| {
        let value = list.body["value"].as_array().unwrap_or_else(|| panic!("{list:?}")).clone();
        let here = |one: &&Value| one["location"] == region && one["properties"]["skuName"] == "GlobalStandard";
        value.iter().find(here).map(|one| one["properties"]["availableCapacity"].clone())
    };
    let here = bench.get("admin", &format!("{provider}/locations/local/modelCapacities?{model}")).await;
    assert_eq!((left(&here, "local"), left(&here, "eastus2")), (Some(json!(70)), None));
    let everywhere = bench.get("admin", &format!("{provider}/modelCapacities?{model}")).await;
    assert_eq!((left(&everywhere, "local"), left(&everywhere, "eastus2")), (Some(json!(70)), Some(json!(100))));
    for (query, told) in [
        ("modelFormat=HuggingFace&modelVersion=1", "`modelName` is required"),
        ("modelFormat=OpenAI&modelName=SmolLM2-135M-Instruct&modelVersion=1", "no model has"),
        ("modelFormat=HuggingFace&modelName=SmolLM2&modelVersion=1", "`SmolLM2-135M-Instruct`"),
    ] {
        let refused = bench.get("admin", &format!("{provider}/modelCapacities?{query}")).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidParameter"), "{query}");
        assert!(refused.body["error"]["message"].as_str().unwrap().contains(told), "{refused:?}");
    }
}

#[tokio::test]
async fn a_models_skus_say_what_a_unit_is_and_how_many_there_may_be() {
    let bench = Bench::with_catalog(HUNDRED).await;
    bench.grant("alice", READER, ACCOUNT).await;
    let models = bench.get("alice", &format!("{ACCOUNT}/models")).await;
    let skus = models.body["value"][0]["skus"].as_array().unwrap();
    let sku = skus.iter().find(|sku| sku["name"] == "GlobalStandard").unwrap();
    assert_eq!(sku["usageName"], USAGE_NAME);
    assert_eq!(sku["capacity"], json!({ "default": 1, "minimum": 1, "maximum": 100, "step": 1 }));
    assert_eq!(
        sku["rateLimits"],
        json!([
            { "key": "request", "renewalPeriod": 10, "count": 1 },
            { "key": "token", "renewalPeriod": 60, "count": 1000 },
        ])
    );
}
