//! Operations that clients wait for.

use bytes::Bytes;
use serde_json::json;

use crate::support::{
    ACCOUNT, Answer, Bench, GROUP, OTHER_SUBSCRIPTION, SUBSCRIPTION, URL, account, deployment, foundry,
};

async fn ask(bench: &Bench, who: &str, url: &str) -> Answer {
    let uri = url.strip_prefix(URL).unwrap_or_else(|| panic!("`{url}` is not absolute"));
    bench.send_raw(who, "GET", uri, &[], Bytes::new()).await
}

#[tokio::test]
async fn a_new_account_is_followed_by_its_status_and_is_whole_from_the_start() {
    let bench = Bench::with_account().await;
    let made = bench.put("admin", &account("acct2"), foundry()).await;
    assert_eq!((made.status, made.header("retry-after")), (201, "1"));
    assert_eq!(made.header("location"), "");
    assert_eq!(made.body["properties"]["provisioningState"], "Succeeded");
    let url = made.header("azure-asyncoperation").to_owned();
    assert!(url.ends_with("?api-version=2025-09-01"), "{url}");
    let status = ask(&bench, "admin", &url).await;
    assert_eq!((status.status, &status.body["status"]), (200, &json!("Succeeded")));
    assert_eq!(status.body["resourceId"], json!(account("acct2")));
    assert_eq!(status.body["id"].as_str().unwrap().split('/').nth(2), Some(SUBSCRIPTION));
    assert_eq!(bench.get("admin", &account("acct2")).await.body["properties"]["provisioningState"], "Succeeded");
}

#[tokio::test]
async fn a_second_put_and_a_patch_are_answered_whole() {
    let bench = Bench::with_account().await;
    for answer in [
        bench.put("admin", ACCOUNT, foundry()).await,
        bench.patch("admin", ACCOUNT, json!({ "tags": { "a": "b" } })).await,
    ] {
        assert_eq!((answer.status, answer.header("azure-asyncoperation"), answer.header("location")), (200, "", ""));
        assert_eq!(answer.body["properties"]["provisioningState"], "Succeeded");
    }
}

#[tokio::test]
async fn projects_and_deployments_are_not_polled_and_never_creating() {
    let bench = Bench::with_account().await;
    let project = json!({ "location": "local", "properties": {} });
    for (path, body) in [("projects/p1", project), ("deployments/d", deployment())] {
        let path = format!("{ACCOUNT}/{path}");
        for status in [201, 200] {
            let answer = bench.put("admin", &path, body.clone()).await;
            assert_eq!(
                (answer.status, answer.header("azure-asyncoperation"), answer.header("location")),
                (status, "", "")
            );
            assert_eq!(answer.body["properties"]["provisioningState"], "Succeeded");
        }
        assert_eq!(bench.get("admin", &path).await.body["properties"]["provisioningState"], "Succeeded");
    }
    assert_eq!(bench.delete("admin", &format!("{ACCOUNT}/deployments/d")).await.status, 200);
}

#[tokio::test]
async fn a_removal_is_followed_to_its_end_by_location_or_by_both() {
    let bench = Bench::with_account().await;
    let project = format!("{ACCOUNT}/projects/p1");
    assert_eq!(bench.put("admin", &project, json!({ "location": "local", "properties": {} })).await.status, 201);
    for (path, has_status) in [(project.as_str(), true), (ACCOUNT, false), (GROUP, false)] {
        let gone = bench.delete("admin", path).await;
        assert_eq!((gone.status, gone.header("retry-after")), (202, "1"), "{path}");
        assert_eq!(bench.get("admin", path).await.status, 404, "{path}");
        let result = ask(&bench, "admin", gone.header("location")).await;
        assert_eq!((result.status, &result.body), (204, &serde_json::Value::Null), "{path}");
        assert_eq!(gone.headers.contains_key("azure-asyncoperation"), has_status, "{path}");
        if has_status {
            assert_eq!(ask(&bench, "admin", gone.header("azure-asyncoperation")).await.body["status"], "Succeeded");
        }
    }
}

#[tokio::test]
async fn an_operation_is_its_subscriptions_and_its_beginners() {
    let bench = Bench::with_account().await;
    let gone = bench.delete("admin", GROUP).await;
    let url = gone.header("location").to_owned();
    assert!(url.starts_with(&format!("{URL}/subscriptions/{SUBSCRIPTION}/operationresults/")), "{url}");
    assert_eq!(ask(&bench, "admin", &url).await.status, 204);
    assert_eq!(ask(&bench, "admin", &url.to_uppercase().replace(&URL.to_uppercase(), URL)).await.status, 204);
    for (who, url) in [
        ("bob", url.clone()),
        ("admin", url.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)),
        ("admin", url.replace("operationresults/", "operationresults/0")),
        ("admin", format!("{URL}/subscriptions/{SUBSCRIPTION}/operationresults/none?api-version=1")),
    ] {
        let hidden = ask(&bench, who, &url).await;
        assert_eq!((hidden.status, hidden.code()), (404, "ResourceNotFound"), "{who} {url}");
    }
    assert_eq!(ask(&bench, "", &url).await.status, 401);
}

#[tokio::test]
async fn a_refused_or_failed_write_leaves_no_operation() {
    let bench = Bench::with_account().await;
    let before = bench.store.world().version;
    let mut body = foundry();
    body["properties"]["customSubDomainName"] = json!("acct1");
    let taken = bench.put("admin", &account("acct2"), body).await;
    assert_eq!((taken.status, taken.header("azure-asyncoperation")), (409, ""));
    assert_eq!(bench.delete("bob", GROUP).await.status, 403);
    assert_eq!(bench.store.world().version, before);
}

#[tokio::test]
async fn operations_survive_a_restart_and_show_in_no_list() {
    let bench = Bench::with_account().await;
    let gone = bench.delete("admin", ACCOUNT).await;
    let url = gone.header("location").to_owned();
    let listed = bench.get("admin", &format!("/subscriptions/{SUBSCRIPTION}/resources")).await;
    assert_eq!(listed.names(), Vec::<String>::new());
    let bench = bench.restarted().await;
    assert_eq!(ask(&bench, "admin", &url).await.status, 204);
}
