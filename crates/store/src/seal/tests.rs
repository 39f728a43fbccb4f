#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn seals() -> Seals {
    let dir = tempfile::tempdir().unwrap();
    Seals::derive(&MasterKey::create(&dir.path().join("master.key")).unwrap()).unwrap()
}

#[test]
fn a_sealed_secret_opens_in_its_place_only() {
    let (seals, id) = (seals(), Uuid::new_v4());
    let owner = CredentialOwner::Object(Uuid::new_v4());
    let sealed = seals.seal(&owner, id, &Secret::from("open sesame".to_owned())).unwrap();
    assert!(!sealed.contains("open sesame"));
    assert_eq!(seals.open(&owner, id, &sealed).unwrap().expose(), "open sesame");

    assert!(seals.open(&owner, Uuid::new_v4(), &sealed).is_err());
    assert!(seals.open(&CredentialOwner::Server, id, &sealed).is_err());
    assert!(self::seals().open(&owner, id, &sealed).is_err(), "another master key");
}

#[test]
fn a_sealed_secret_with_any_byte_changed_does_not_open() {
    let (seals, id) = (seals(), Uuid::new_v4());
    let sealed = seals.seal(&CredentialOwner::Server, id, &Secret::from("open sesame".to_owned())).unwrap();
    let bytes = STANDARD_NO_PAD.decode(sealed.strip_prefix(FORMAT).unwrap()).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let text = format!("{FORMAT}{}", STANDARD_NO_PAD.encode(changed));
        assert!(seals.open(&CredentialOwner::Server, id, &text).is_err(), "byte {at}");
    }
    for text in ["", "v1.", "v1.AAAA", "v2.AAAA", "v1.!"] {
        assert!(seals.open(&CredentialOwner::Server, id, text).is_err(), "{text}");
    }
}

#[test]
fn the_same_secret_is_sealed_differently_each_time() {
    let (seals, id, secret) = (seals(), Uuid::new_v4(), Secret::from("same".to_owned()));
    let seal = || seals.seal(&CredentialOwner::Server, id, &secret).unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn digests_of_one_use_are_not_those_of_another() {
    let seals = seals();
    let (ann, bob) = (CredentialOwner::Object(Uuid::new_v4()), CredentialOwner::Object(Uuid::new_v4()));
    assert_ne!(seals.key_index("x"), seals.client_secret(&ann, "x"));
    assert_ne!(seals.client_secret(&ann, "x"), seals.client_secret(&bob, "x"));
    assert_eq!(seals.client_secret(&ann, "x"), seals.client_secret(&ann, "x"));
    assert_eq!(unhex(&hex(&seals.key_index("x"))), Some(seals.key_index("x")));
    assert_eq!(unhex("0g"), None);
    assert_eq!(unhex(&"+1".repeat(32)), None);
}
