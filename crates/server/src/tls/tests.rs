#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::os::unix::fs::PermissionsExt;

use super::*;

fn called(host: &str) -> Names {
    Names { host: host.to_owned(), domain: None }
}

fn start(dir: &Path) -> Trust {
    prepare(dir, &called("ai.contoso.example"), None, Timestamp::now()).unwrap().1
}

#[test]
fn the_authority_is_made_once_and_its_key_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let first = std::fs::read(start(dir.path()).ca).unwrap();
    let second = std::fs::read(start(dir.path()).ca).unwrap();
    assert_eq!(first, second);
    let mode = std::fs::metadata(dir.path().join("ca.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_folders_have_authorities_of_different_names() {
    let name = || {
        let key = KeyPair::generate().unwrap();
        authority_params(&key).unwrap().distinguished_name
    };
    assert_ne!(name(), name());
}

#[test]
fn a_damaged_authority_key_is_named_with_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path());
    std::fs::write(dir.path().join("ca.key"), "not a key").unwrap();
    let error = prepare(dir.path(), &called("localhost"), None, Timestamp::now()).unwrap_err().to_string();
    assert!(error.contains("ca.key") && error.contains("damaged"), "{error}");
}

#[test]
fn the_bundle_holds_the_given_system_authorities_and_ours() {
    let dir = tempfile::tempdir().unwrap();
    let system = dir.path().join("system.crt");
    std::fs::write(&system, "SYSTEM\n").unwrap();
    let (_, trust) = prepare(dir.path(), &called("localhost"), Some(&system), Timestamp::now()).unwrap();
    let bundle = std::fs::read_to_string(&trust.bundle).unwrap();
    let ours = std::fs::read_to_string(&trust.ca).unwrap();
    assert_eq!(bundle, format!("SYSTEM\n{ours}"));
}

#[test]
fn our_own_bundle_is_never_taken_for_the_system_s() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("ca-bundle.pem");
    std::fs::write(&own, "OLD").unwrap();
    let (_, trust) = prepare(dir.path(), &called("localhost"), Some(&own), Timestamp::now()).unwrap();
    assert!(!std::fs::read_to_string(trust.bundle).unwrap().contains("OLD"));
}

#[test]
fn a_host_that_no_certificate_can_name_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert!(prepare(dir.path(), &called("ü.example"), None, Timestamp::now()).is_err());
}

#[test]
fn the_certificate_covers_the_hosts_of_accounts_under_the_domain() {
    let domain = AccountDomain::new("corp.example", None).unwrap();
    let names = Names { host: "cupola.corp.example".to_owned(), domain: Some(domain) };
    let covered = leaf_params(&names, Timestamp::now()).unwrap().subject_alt_names;
    for name in [
        "cupola.corp.example",
        "*.openai.corp.example",
        "*.services.ai.corp.example",
        "*.cognitiveservices.corp.example",
    ] {
        assert!(covered.contains(&SanType::DnsName(name.try_into().unwrap())), "{name}");
    }
    let plain = leaf_params(&called("cupola.corp.example"), Timestamp::now()).unwrap().subject_alt_names;
    assert_eq!(covered.len(), plain.len() + 3);
}
