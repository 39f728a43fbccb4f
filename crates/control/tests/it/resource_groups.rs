use bytes::Bytes;
use serde_json::json;

use crate::support::{ACCOUNT, Bench, GROUP, SUBSCRIPTION, foundry};

#[tokio::test]
async fn a_group_is_made_seen_and_removed_with_exact_statuses() {
    let bench = Bench::new().await;
    let lower = GROUP.replace("resourceGroups", "resourcegroups");
    assert_eq!(bench.send("admin", "HEAD", &lower, &[], None).await.status, 404);
    let made = bench.put("admin", &lower, json!({ "location": "East US 2", "tags": { "a": "b" } })).await;
    assert_eq!((made.status, made.body["location"].as_str()), (201, Some("eastus2")), "{made:?}");
    assert_eq!(made.body["id"], GROUP);
    assert_eq!(made.body["type"], "Microsoft.Resources/resourceGroups");
    assert_eq!(bench.put("admin", &lower, json!({ "location": "eastus2" })).await.status, 200);
    let head = bench.send("admin", "HEAD", &lower, &[], None).await;
    assert_eq!((head.status, head.body.is_null()), (204, true));
    let patched = bench.patch("admin", GROUP, json!({ "tags": { "c": "d" } })).await;
    assert_eq!((patched.status, &patched.body["tags"]), (200, &json!({ "c": "d" })));
    assert_eq!(bench.get("admin", &format!("/subscriptions/{SUBSCRIPTION}/resourcegroups")).await.names(), ["rg1"]);
    assert_eq!(bench.delete("admin", GROUP).await.status, 202);
    let gone = bench.get("admin", GROUP).await;
    assert_eq!((gone.status, gone.code()), (404, "ResourceGroupNotFound"));
    assert_eq!(bench.delete("admin", GROUP).await.code(), "ResourceGroupNotFound");
}

#[tokio::test]
async fn a_group_takes_everything_in_it_along() {
    let bench = Bench::with_account().await;
    let identity = bench.get("admin", ACCOUNT).await.body["identity"]["principalId"].as_str().unwrap().parse().unwrap();
    assert!(bench.store.world().directory.object(identity).is_some());
    assert_eq!(bench.delete("admin", GROUP).await.status, 202);
    assert_eq!(bench.get("admin", ACCOUNT).await.code(), "ResourceGroupNotFound");
    assert!(bench.store.world().directory.object(identity).is_none());
}

#[tokio::test]
async fn a_place_that_is_not_there_is_named() {
    let bench = Bench::new().await;
    let nowhere = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/rg1";
    assert_eq!(bench.put("admin", nowhere, json!({ "location": "local" })).await.code(), "SubscriptionNotFound");
    assert_eq!(bench.put("admin", ACCOUNT, foundry()).await.code(), "ResourceGroupNotFound");
    let strange = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.CognitiveServices/accounts/a1");
    assert_eq!(bench.put("admin", &strange, foundry()).await.status, 400);
}

#[tokio::test]
async fn an_etag_guards_against_a_lost_update() {
    let bench = Bench::new().await;
    let first = bench.put("admin", GROUP, json!({ "location": "local" })).await.etag.unwrap();
    let body = || Some(json!({ "location": "local", "tags": { "by": "me" } }));
    let lost = bench.send("admin", "PUT", GROUP, &[("if-match", "\"no such revision\"")], body()).await;
    assert_eq!((lost.status, lost.code()), (412, "PreconditionFailed"));
    let again = bench.send("admin", "PUT", GROUP, &[("if-none-match", "*")], body()).await;
    assert_eq!(again.status, 412);
    let kept = bench.send("admin", "PUT", GROUP, &[("if-match", &first)], body()).await;
    assert_eq!(kept.status, 200);
    assert_ne!(kept.etag.unwrap(), first);
    assert_eq!(bench.send("admin", "DELETE", GROUP, &[("if-match", &first)], None).await.status, 412);
}

#[tokio::test]
async fn the_api_version_must_be_there_and_may_be_any() {
    let bench = Bench::new().await;
    let future = format!("{GROUP}?api-version=2099-01-01-preview");
    let answer = bench.send_raw("admin", "GET", &future, &[], Bytes::new()).await;
    assert_eq!(answer.code(), "ResourceGroupNotFound");
    let answer = bench.send_raw("admin", "GET", GROUP, &[], Bytes::new()).await;
    assert_eq!((answer.status, answer.code()), (400, "MissingApiVersionParameter"));
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused_and_changes_nothing() {
    let bench = Bench::new().await;
    let uri = format!("{GROUP}?api-version=2024-11-01");
    for body in ["", "[]", "{", "\"text\"", "{\"location\": \"local\"} trailing"] {
        let refused = bench.send_raw("admin", "PUT", &uri, &[], Bytes::from(body)).await;
        assert_eq!(refused.status, 400, "{body}: {refused:?}");
    }
    let large = format!("{{\"location\": \"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(bench.send_raw("admin", "PUT", &uri, &[], Bytes::from(large)).await.status, 413);
    assert_eq!(bench.get("admin", GROUP).await.status, 404);
}
