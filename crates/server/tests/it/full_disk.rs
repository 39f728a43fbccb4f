//! A full disk: nothing is acknowledged that is not kept, and decisions go on.

use http::{Method, StatusCode};
use serde_json::Value;

use super::client::Client;
use super::running::Running;

/// Room for the demo, for some writes, and for some hundred records.
const SMALL_KIB: u32 = 512;
/// More requests than the journal has room for.
const REQUESTS: usize = 2000;

async fn send(client: &Client, method: Method, path: &str, token: &str, body: &str) -> (StatusCode, Value) {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    client.send(method, path, &headers, body).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_writes_are_503_and_decisions_go_on() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Running::demo(dir.path()).terminate().success());
    let running = Running::demo_on_a_small_disk(dir.path(), SMALL_KIB);
    let token = running.client.arm_token(&running.env).await;
    let group = format!("/subscriptions/{}/resourceGroups", running.env["CUPOLA_SUBSCRIPTION_ID"]);
    let path = |number: usize| format!("{group}/full-{number}?api-version=1");

    let mut acknowledged = Vec::new();
    let mut full = false;
    for number in 0..REQUESTS {
        let (status, body) =
            send(&running.client, Method::PUT, &path(number), &token, r#"{"location": "westeurope"}"#).await;
        match status {
            StatusCode::CREATED => acknowledged.push(path(number)),
            StatusCode::SERVICE_UNAVAILABLE => full = true,
            other => panic!("{other}: {body}"),
        }
        if full {
            break;
        }
    }
    assert!(full, "the disk never filled, so nothing was tried");
    assert!(!acknowledged.is_empty(), "the disk was full from the start, so nothing was tried");

    let mut unrecorded = false;
    for _ in 0..REQUESTS {
        let (status, _) = send(&running.client, Method::GET, &path(0), &token, "").await;
        unrecorded = status == StatusCode::SERVICE_UNAVAILABLE;
        if unrecorded {
            break;
        }
        assert_eq!(status, StatusCode::OK);
    }
    assert!(unrecorded, "the journal never filled, so nothing was tried");
    let (status, body) = send(&running.client, Method::GET, &path(0), "nobody", "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    let missing = format!("{group}/none/providers/Microsoft.CognitiveServices/accounts/none?api-version=1");
    let (status, body) = send(&running.client, Method::GET, &missing, &token, "").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{body}");
    running.kill();

    let running = Running::demo(dir.path());
    let token = running.client.arm_token(&running.env).await;
    for path in &acknowledged {
        let (status, body) = send(&running.client, Method::GET, path, &token, "").await;
        assert_eq!(status, StatusCode::OK, "`{path}` was acknowledged and is gone: {body}");
    }
}
