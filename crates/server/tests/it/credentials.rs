//! Where a key may stand, and where it is never found again.

use http::{Method, StatusCode};

use super::running::Running;

const ACCOUNT: &str = "contoso-customer-service";

/// Every file of a folder, read.
fn contents(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(
            |path| if path.is_dir() { contents(&path) } else { vec![(path.clone(), std::fs::read(&path).unwrap())] },
        )
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_query_is_no_credential_and_is_written_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    // The most talkative log there is.
    let running = Running::start(dir.path(), &["--demo", "contoso"], &[("CUPOLA_LOG", "trace")]);
    let canary = "canary0123456789abcdef0123456789abcdef";
    for name in ["api-key", "subscription-key", "key", "code", "access_token"] {
        let path = format!("/accounts/{ACCOUNT}/openai/v1/models?{name}={canary}");
        let (status, body) = running.client.send(Method::GET, &path, &[], "").await.unwrap();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}: {body}");
        assert!(!body.to_string().contains(canary), "{name}: {body}");
        let arm = format!("/subscriptions?api-version=1&{name}={canary}");
        assert_eq!(
            running.client.send(Method::GET, &arm, &[], "").await.unwrap().0,
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
    }
    let (_, said) = running.terminate_and_listen();
    assert!(!said.contains(canary), "{}", said.lines().find(|line| line.contains(canary)).unwrap());
    for (path, bytes) in contents(dir.path()) {
        let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "the key is in `{}`", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_differ_are_unclear_and_the_same_key_twice_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let path = format!("/accounts/{ACCOUNT}/openai/v1/models");
    for (headers, status) in [
        (vec![("api-key", "a"), ("x-api-key", "b")], 400),
        (vec![("api-key", "a"), ("authorization", "Bearer b")], 400),
        (vec![("api-key", "a"), ("api-key", "a")], 400),
        (vec![("authorization", "Bearer a"), ("authorization", "Bearer a")], 400),
        (vec![("api-key", "a"), ("x-api-key", "a"), ("authorization", "Bearer a")], 401),
    ] {
        let (answered, body) = running.client.send(Method::GET, &path, &headers, "").await.unwrap();
        assert_eq!(answered.as_u16(), status, "{headers:?}: {body}");
    }
}
