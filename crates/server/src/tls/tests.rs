#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::os::unix::fs::PermissionsExt;

use super::*;

fn start(dir: &Path) -> Trust {
    prepare(dir, "ai.contoso.example", None, Timestamp::now()).unwrap().1
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
    let error = prepare(dir.path(), "localhost", None, Timestamp::now()).unwrap_err().to_string();
    assert!(error.contains("ca.key") && error.contains("damaged"), "{error}");
}

#[test]
fn the_bundle_holds_the_given_system_authorities_and_ours() {
    let dir = tempfile::tempdir().unwrap();
    let system = dir.path().join("system.crt");
    std::fs::write(&system, "SYSTEM\n").unwrap();
    let (_, trust) = prepare(dir.path(), "localhost", Some(&system), Timestamp::now()).unwrap();
    let bundle = std::fs::read_to_string(&trust.bundle).unwrap();
    let ours = std::fs::read_to_string(&trust.ca).unwrap();
    assert_eq!(bundle, format!("SYSTEM\n{ours}"));
}

#[test]
fn our_own_bundle_is_never_taken_for_the_system_s() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("ca-bundle.pem");
    std::fs::write(&own, "OLD").unwrap();
    let (_, trust) = prepare(dir.path(), "localhost", Some(&own), Timestamp::now()).unwrap();
    assert!(!std::fs::read_to_string(trust.bundle).unwrap().contains("OLD"));
}

#[test]
fn a_host_that_no_certificate_can_name_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert!(prepare(dir.path(), "ü.example", None, Timestamp::now()).is_err());
}
