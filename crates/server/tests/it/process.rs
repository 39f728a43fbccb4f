//! Starting and stopping, as an operator sees it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use http::{Method, StatusCode};
use serde_json::json;

use super::running::{Running, refused, said};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_demo_starts_serves_and_stops_with_exit_code_0() {
    let dir = folder();
    let data = dir.path().join("made");
    let running = Running::demo(&data);
    assert!(running.url.starts_with("https://localhost:"), "{}", running.url);
    let (status, body) =
        running.client.send(Method::GET, "/metadata/endpoints?api-version=2022-09-01", &[], "").await.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["resourceManager"].as_str().unwrap().trim_end_matches('/'), running.url);
    assert_eq!(running.terminate().code(), Some(0));
}

#[tokio::test]
async fn demo_env_is_private_and_its_admin_holds_no_data_action() {
    let dir = folder();
    let running = Running::demo(dir.path());
    let mode = std::fs::metadata(dir.path().join("demo.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(running.env.len(), 14);
    assert_eq!(running.env["CUPOLA_URL"], running.url);
    assert_eq!(running.env["CUPOLA_USER"], "user@contoso.com");
    let token = running.client.arm_token(&running.env).await;
    let bearer = format!("Bearer {token}");
    let path = format!("/subscriptions/{}?api-version=1", running.env["CUPOLA_SUBSCRIPTION_ID"]);
    let (status, _) = running.client.send(Method::GET, &path, &[("authorization", &bearer)], "").await.unwrap();
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_restart_keeps_ids_and_secrets() {
    let dir = folder();
    let first = Running::demo(dir.path());
    let (url, env) = (first.url.clone(), first.env.clone());
    assert!(first.terminate().success());
    let second = Running::demo(dir.path());
    for (name, value) in &env {
        assert_eq!(&value.replace(&url, &second.url), &second.env[name], "{name}");
    }
    second.client.arm_token(&second.env).await;
}

#[tokio::test]
async fn a_lost_demo_env_is_made_anew_with_new_secrets_for_the_same_tenant() {
    let dir = folder();
    let first = Running::demo(dir.path());
    let env = first.env.clone();
    assert!(first.terminate().success());
    std::fs::remove_file(dir.path().join("demo.env")).unwrap();
    let second = Running::demo(dir.path());
    assert_eq!(env["CUPOLA_TENANT_ID"], second.env["CUPOLA_TENANT_ID"]);
    assert_eq!(env["CUPOLA_ADMIN_CLIENT_ID"], second.env["CUPOLA_ADMIN_CLIENT_ID"]);
    assert_ne!(env["CUPOLA_ADMIN_CLIENT_SECRET"], second.env["CUPOLA_ADMIN_CLIENT_SECRET"]);
    second.client.arm_token(&second.env).await;
}

#[tokio::test]
async fn an_operator_starts_with_a_bootstrap_secret_and_later_without() {
    let dir = folder();
    let secret = "an-operators-own-secret";
    let first = Running::start(dir.path(), &[], &[("CUPOLA_BOOTSTRAP_CLIENT_SECRET", secret)]);
    let ids = std::fs::read_to_string(dir.path().join("operator.env")).unwrap();
    assert!(!ids.contains(secret));
    let id = |name: &str| {
        let line = ids.lines().find(|line| line.contains(name)).unwrap();
        line.split('\'').nth(1).unwrap().to_owned()
    };
    let mut env = first.env.clone();
    env.insert("CUPOLA_URL".to_owned(), first.url.clone());
    env.insert("CUPOLA_TENANT_ID".to_owned(), id("CUPOLA_TENANT_ID"));
    env.insert("CUPOLA_ADMIN_CLIENT_ID".to_owned(), id("CUPOLA_ADMIN_CLIENT_ID"));
    env.insert("CUPOLA_ADMIN_CLIENT_SECRET".to_owned(), secret.to_owned());
    first.client.arm_token(&env).await;
    assert!(first.terminate().success());
    assert!(Running::start(dir.path(), &[], &[]).terminate().success());
    let said = refused(dir.path(), "127.0.0.1:0", &["--demo", "contoso"]);
    assert!(said.contains("not the demo's"), "{said}");
}

#[test]
fn without_a_demo_or_a_bootstrap_secret_nothing_starts_and_nothing_is_made() {
    let dir = folder();
    let data = dir.path().join("d");
    let said = refused(&data, "127.0.0.1:0", &[]);
    assert!(said.contains("CUPOLA_BOOTSTRAP_CLIENT_SECRET") && said.contains("--demo"), "{said}");
    assert!(!data.exists());
}

#[test]
fn a_demo_refuses_every_address_but_loopback() {
    let dir = folder();
    let data = dir.path().join("d");
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let said = refused(&data, listen, &["--demo", "contoso"]);
        assert!(said.contains("loopback"), "{said}");
    }
    assert!(!data.exists());
}

#[test]
fn a_demo_folder_is_not_served_without_the_demo_s_guard() {
    let dir = folder();
    assert!(Running::demo(dir.path()).terminate().success());
    let said = refused(dir.path(), "0.0.0.0:0", &[]);
    assert!(said.contains("--demo contoso"), "{said}");
    std::fs::remove_file(dir.path().join("demo.env")).unwrap();
    let said = refused(dir.path(), "0.0.0.0:0", &[]);
    assert!(said.contains("--demo contoso"), "{said}");
}

#[test]
fn a_used_port_is_named_and_nothing_is_made() {
    let dir = folder();
    let data = dir.path().join("d");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refused(&data, &address, &["--demo", "contoso"]);
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
    assert!(!data.exists());
}

#[test]
fn a_listen_address_that_is_none_is_named() {
    let said = refused(&folder().path().join("d"), "nonsense", &["--demo", "contoso"]);
    assert!(said.contains("`nonsense`"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = folder();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = refused(&file.join("d"), "127.0.0.1:0", &["--demo", "contoso"]);
    assert!(said.contains(&file.display().to_string()), "{said}");
}

#[test]
fn a_folder_in_use_is_named() {
    let dir = folder();
    let _running = Running::demo(dir.path());
    let said = refused(dir.path(), "127.0.0.1:0", &["--demo", "contoso"]);
    assert!(said.contains("in use") && said.contains(&dir.path().display().to_string()), "{said}");
}

#[test]
fn a_damaged_database_is_named() {
    let dir = folder();
    assert!(Running::demo(dir.path()).terminate().success());
    std::fs::write(dir.path().join("cupola.db"), [7_u8; 8192]).unwrap();
    let _ = std::fs::remove_file(dir.path().join("cupola.db-wal"));
    let said = refused(dir.path(), "127.0.0.1:0", &["--demo", "contoso"]);
    assert!(said.contains("damaged"), "{said}");
}

#[test]
fn an_unknown_key_of_the_configuration_is_named_with_the_nearest() {
    let dir = folder();
    let config = dir.path().join("cupola.toml");
    std::fs::write(&config, "public_ulr = \"https://a\"\n").unwrap();
    let said =
        refused(&dir.path().join("d"), "127.0.0.1:0", &["--demo", "contoso", "--config", config.to_str().unwrap()]);
    assert!(said.contains("`public_ulr`") && said.contains("`public_url`"), "{said}");
    assert!(!dir.path().join("d").exists());
}

#[tokio::test]
async fn the_audit_tail_reads_beside_the_running_server() {
    let dir = folder();
    let running = Running::demo(dir.path());
    let token = running.client.arm_token(&running.env).await;
    let bearer = format!("Bearer {token}");
    let path = format!(
        "/subscriptions/{}/resourceGroups/rg-customer-service?api-version=1",
        running.env["CUPOLA_SUBSCRIPTION_ID"]
    );
    running.client.send(Method::GET, &path, &[("authorization", &bearer)], "").await.unwrap();
    let text = said(&["audit", "tail", "--data-dir", dir.path().to_str().unwrap()]);
    let records: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = records.iter().rfind(|record| record["method"] == "GET").unwrap();
    assert_eq!(last["outcome"], "allowed");
    assert_eq!(last["roleName"], "Owner");
    assert!(!text.contains(&token));
}

#[test]
fn every_command_has_help_with_an_example() {
    for arguments in [&["serve"][..], &["audit"], &["audit", "tail"], &["keys"], &["keys", "rotate"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_cupola")).args(arguments).arg("--help").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("Examples:"), "{arguments:?}: {text}");
    }
}

#[tokio::test]
async fn a_hangup_replaces_the_signing_key_and_old_tokens_stay_good() {
    let dir = folder();
    let running = Running::demo(dir.path());
    let old = running.client.arm_token(&running.env).await;
    running.signal("-HUP");
    let path = format!("/{}/discovery/v2.0/keys", running.env["CUPOLA_TENANT_ID"]);
    let keys = loop {
        let (status, body) = running.client.send(Method::GET, &path, &[], "").await.unwrap();
        assert_eq!(status, StatusCode::OK);
        let keys = body["keys"].as_array().unwrap().clone();
        if keys.len() > 1 {
            break keys;
        }
    };
    let new = running.client.arm_token(&running.env).await;
    assert_ne!(old.split('.').next(), new.split('.').next(), "the header names the key");
    for token in [&old, &new] {
        let bearer = [("authorization", &*format!("Bearer {token}"))];
        let answer = running.client.send(Method::GET, "/subscriptions?api-version=1", &bearer, "").await.unwrap();
        assert_eq!(answer.0, StatusCode::OK);
    }
    assert!(running.terminate().success());
    let again = Running::demo(dir.path());
    let (_, body) = again.client.send(Method::GET, &path, &[], "").await.unwrap();
    assert_eq!(body["keys"].as_array().unwrap(), &keys, "a restart finds both");
}

/// `cupola keys rotate` on a data folder.
fn rotate_keys(data_dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cupola")).args(["keys", "rotate", "--data-dir"]).arg(data_dir).output().unwrap()
}

#[tokio::test]
async fn a_command_replaces_the_signing_key_of_a_running_server_and_of_one_that_rests() {
    let dir = folder();
    let running = Running::demo(dir.path());
    let path = format!("/{}/discovery/v2.0/keys", running.env["CUPOLA_TENANT_ID"]);
    let told = rotate_keys(dir.path());
    let said = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success() && said.contains("running server"), "{said} {:?}", told.stderr);
    let (_, two) = running.client.send(Method::GET, &path, &[], "").await.unwrap();
    assert_eq!(two["keys"].as_array().unwrap().len(), 2, "it is done when the command ends");
    assert!(running.terminate().success());
    let done = rotate_keys(dir.path());
    let said = String::from_utf8(done.stdout).unwrap();
    let kid = said.split('`').nth(1).unwrap_or_else(|| panic!("{said} {:?}", done.stderr)).to_owned();
    assert!(done.status.success() && said.contains("next start"), "{said}");
    let again = Running::demo(dir.path());
    let (_, three) = again.client.send(Method::GET, &path, &[], "").await.unwrap();
    assert_eq!((three["keys"].as_array().unwrap().len(), &three["keys"][0]["kid"]), (3, &json!(kid)));
}

#[test]
fn a_command_on_the_keys_of_no_data_folder_says_so_and_makes_nothing() {
    let dir = folder();
    let refused = rotate_keys(dir.path());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("is not a data folder"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn managed_identities_answer_on_a_loopback_address_for_named_resources_alone() {
    let dir = folder();
    let data = dir.path().join("d");
    let said = refused(&data, "127.0.0.1:0", &["--demo", "contoso", "--identity-listen", "0.0.0.0:0"]);
    assert!(said.contains("loopback") && said.contains("`0.0.0.0:0`"), "{said}");
    let config = dir.path().join("cupola.toml");
    std::fs::write(&config, "managed_identities = [\"nonsense\"]\n").unwrap();
    let arguments = ["--demo", "contoso", "--config", config.to_str().unwrap(), "--identity-listen", "127.0.0.1:0"];
    let said = refused(&data, "127.0.0.1:0", &arguments);
    assert!(said.contains("`nonsense`") && said.contains("managed_identities"), "{said}");
    assert!(!data.exists());
}

#[test]
fn an_operator_who_names_no_identity_is_told_so() {
    let dir = folder();
    let data = dir.path().join("d");
    let secret = [("CUPOLA_BOOTSTRAP_CLIENT_SECRET", "0123456789abcdef")];
    assert!(Running::start(&data, &[], &secret).terminate().success());
    let said = refused(&data, "127.0.0.1:0", &["--identity-listen", "127.0.0.1:0"]);
    assert!(said.contains("managed_identities"), "{said}");
}

#[test]
fn identity_env_is_private_and_its_secret_outlives_a_restart() {
    let dir = folder();
    let arguments = ["--demo", "contoso", "--identity-listen", "127.0.0.1:0"];
    let secret = || {
        assert!(Running::start(dir.path(), &arguments, &[]).terminate().success());
        let path = dir.path().join("identity.env");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().find(|line| line.contains("IDENTITY_HEADER")).unwrap().to_owned()
    };
    assert_eq!(secret(), secret());
}
