//! A power cut loses no acknowledged write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};

use super::client::Client;
use super::running::Running;

/// Cuts; each comes a little later in the stream of writes than the one before.
const ROUNDS: u64 = 4;
/// Writers at once.
const WRITERS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_no_acknowledged_write() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let running = Running::demo(dir.path());
        let token = running.client.arm_token(&running.env).await;
        for path in &acknowledged {
            let (status, _) = get(&running.client, path, &token).await;
            assert_eq!(status, StatusCode::OK, "`{path}` was acknowledged and is gone after a cut");
        }
        let cut = Arc::new(AtomicBool::new(false));
        let group = format!("/subscriptions/{}/resourceGroups", running.env["CUPOLA_SUBSCRIPTION_ID"]);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (client, token, cut) = (running.client.clone(), token.clone(), Arc::clone(&cut));
                let prefix = format!("{group}/cut-{round}-{writer}");
                tokio::spawn(async move { write_until(&client, &token, &prefix, &cut).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(200 + 150 * round)).await;
        running.kill();
        cut.store(true, Ordering::Relaxed);
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
    }
    assert!(!acknowledged.is_empty(), "no write was acknowledged before a cut, so nothing was tried");
}

/// Makes resource groups until the connection breaks; returns those that were acknowledged.
async fn write_until(client: &Client, token: &str, prefix: &str, cut: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let path = format!("{prefix}-{number}?api-version=1");
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        match client.send(Method::PUT, &path, &headers, r#"{"location": "westeurope"}"#).await {
            Ok((status, body)) => {
                assert_eq!(status, StatusCode::CREATED, "{body}");
                acknowledged.push(path);
            }
            Err(_) => return acknowledged,
        }
        if cut.load(Ordering::Relaxed) {
            return acknowledged;
        }
    }
    acknowledged
}

async fn get(client: &Client, path: &str, token: &str) -> (StatusCode, serde_json::Value) {
    let bearer = format!("Bearer {token}");
    client.send(Method::GET, path, &[("authorization", &bearer)], "").await.unwrap()
}

#[tokio::test]
async fn a_torn_journal_record_is_cut_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    running.client.arm_token(&running.env).await;
    running.kill();
    let journal = dir.path().join("journal");
    let last = std::fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let whole = std::fs::read(&last).unwrap();
    let torn = [whole.as_slice(), b"0badc0de {\"time\":\"2026-"].concat();
    std::fs::write(&last, torn).unwrap();

    let running = Running::demo(dir.path());
    let (status, said) = running.terminate_and_listen();
    assert!(status.success());
    assert!(said.contains("the journal ended in part of a record"), "{said}");
    assert!(said.contains("cut 23 bytes"), "{said}");
    assert!(std::fs::read(&last).unwrap().starts_with(&whole));
}
