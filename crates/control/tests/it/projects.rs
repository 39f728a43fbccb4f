use serde_json::json;

use crate::support::{ACCOUNT, Bench, account};

fn project(name: &str) -> String {
    format!("{ACCOUNT}/projects/{name}")
}

#[tokio::test]
async fn a_project_has_its_own_identity_and_endpoint() {
    let bench = Bench::with_account().await;
    let body = json!({ "location": "local", "identity": { "type": "SystemAssigned" }, "properties": { "displayName": "Risk" } });
    let made = bench.put("admin", &project("proj1"), body).await;
    assert_eq!((made.status, made.body["name"].as_str()), (201, Some("acct1/proj1")), "{made:?}");
    assert_eq!(made.body["id"], project("proj1"));
    assert_eq!(made.body["properties"]["isDefault"], json!(true));
    assert_eq!(
        made.body["properties"]["endpoints"]["AI Foundry API"],
        "https://localhost:8443/accounts/acct1/api/projects/proj1"
    );
    let principal = made.body["identity"]["principalId"].as_str().unwrap().parse().unwrap();
    let world = bench.store.world();
    assert_eq!(world.directory.object(principal).unwrap().display_name, "acct1/projects/proj1");
    let second = bench.put("admin", &project("proj2"), json!({})).await;
    assert_eq!(second.body["properties"]["isDefault"], json!(false));
    assert_eq!(bench.get("admin", &format!("{ACCOUNT}/projects")).await.names(), ["acct1/proj1", "acct1/proj2"]);
}

#[tokio::test]
async fn a_patch_is_done_at_once_so_that_az_does_not_poll() {
    let bench = Bench::with_account().await;
    bench.put("admin", &project("proj1"), json!({})).await;
    let patched = bench.patch("admin", &project("proj1"), json!({ "properties": { "description": "d" } })).await;
    assert_eq!((patched.status, patched.body["properties"]["provisioningState"].as_str()), (200, Some("Succeeded")));
    assert_eq!(patched.body["properties"]["description"], "d");
}

#[tokio::test]
async fn a_project_needs_a_parent_that_may_have_projects() {
    let bench = Bench::with_account().await;
    let orphan = format!("{}/projects/p1", account("nothing"));
    assert_eq!(bench.put("admin", &orphan, json!({})).await.code(), "ParentResourceNotFound");
    let body = json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" } });
    bench.put("admin", &account("plain"), body).await;
    let refused = bench.put("admin", &format!("{}/projects/p1", account("plain")), json!({})).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"));
}

#[tokio::test]
async fn an_account_takes_its_projects_along() {
    let bench = Bench::with_account().await;
    let made = bench.put("admin", &project("proj1"), json!({})).await;
    let principal = made.body["identity"]["principalId"].as_str().unwrap().parse().unwrap();
    assert_eq!(bench.delete("admin", ACCOUNT).await.status, 202);
    assert_eq!(bench.get("admin", &project("proj1")).await.code(), "ParentResourceNotFound");
    assert!(bench.store.world().directory.object(principal).is_none());
}
