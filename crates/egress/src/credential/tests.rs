#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn nothing(_: &str) -> Option<String> {
    None
}

fn of_file(path: &Path) -> Credential {
    Credential::open(&SecretSource::File(path.to_owned()), &nothing).unwrap()
}

#[test]
fn a_secret_never_prints() {
    let secret = Secret::new("sk-0123456789".to_owned());
    let credential = Credential { kept: Kept::Fixed(secret.clone()) };
    assert_eq!(format!("{secret:?} {credential:?}"), "*** ***");
}

#[test]
fn a_variable_that_is_not_set_is_named_and_a_key_in_its_place_is_not() {
    let open = |name: &str| Credential::open(&SecretSource::Env(name.to_owned()), &nothing).unwrap_err().to_string();
    assert!(open("UPSTREAM_KEY").contains("`UPSTREAM_KEY`"));
    for pasted in ["sk-proj-abcdef", "0123456789abcdef", "", "a b"] {
        assert_eq!(open(pasted), CredentialError::NotAName.to_string(), "{pasted}");
    }
}

#[test]
fn a_rotated_file_is_read_again_also_when_it_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    fs::write(&path, "first-secret\n").unwrap();
    let credential = of_file(&path);
    assert_eq!(credential.current().reveal(), "first-secret");
    fs::write(dir.path().join("new"), "other-secret\n").unwrap();
    fs::rename(dir.path().join("new"), &path).unwrap();
    assert_eq!(credential.current().reveal(), "other-secret");
}

#[test]
fn the_last_good_secret_stays_while_the_file_is_gone_or_empty() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    fs::write(&path, "good-secret").unwrap();
    let credential = of_file(&path);
    fs::write(&path, "").unwrap();
    assert_eq!(credential.current().reveal(), "good-secret");
    fs::remove_file(&path).unwrap();
    assert_eq!(credential.current().reveal(), "good-secret");
    fs::write(&path, "new-secret").unwrap();
    assert_eq!(credential.current().reveal(), "new-secret");
}

#[test]
fn what_a_header_cannot_carry_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    for (text, error) in [
        ("", CredentialError::Empty),
        ("a\u{7f}b", CredentialError::NotPrintable),
        ("ключ", CredentialError::NotPrintable),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(Credential::open(&SecretSource::File(path.clone()), &nothing).unwrap_err(), error, "{text}");
    }
}

#[test]
fn a_secret_in_an_answer_is_replaced_wherever_it_stands() {
    let secret = Secret::new("sk-0123456789".to_owned());
    let scrubbed = secret.scrub(Bytes::from_static(b"sk-0123456789: bad key sk-0123456789, sk-01"));
    assert_eq!(scrubbed, "***: bad key ***, sk-01");
    assert_eq!(secret.scrub(Bytes::from_static(b"nothing here")), "nothing here");
    assert_eq!(Secret::new("a".to_owned()).scrub(Bytes::from_static(b"banana")), "banana");
}
