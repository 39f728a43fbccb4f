#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;
use crate::data::DataKind;

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

#[test]
fn what_an_object_says_opens_at_its_place_only() {
    let (seals, body) = (seals(), serde_json::json!({ "said": "open sesame" }));
    let scope = arm::Scope::subscription("s").child("resourceGroups", "RG");
    let key = DataKey::new(DataKind::Conversation, &scope, "c").part(DataKind::ConversationItem, "i");
    let sealed = seals.seal_object(&key, &body).unwrap();
    assert_ne!(sealed, seals.seal_object(&key, &body).unwrap());
    assert_eq!(seals.open_object(&key, &sealed).unwrap(), body);
    let same = DataKey { scope: arm::Scope::subscription("S").child("resourceGroups", "rg"), ..key.clone() };
    assert_eq!(seals.open_object(&same, &sealed).unwrap(), body, "places have no case");

    let others = [
        DataKey { id: "j".to_owned(), ..key.clone() },
        DataKey { parent: Some("d".to_owned()), ..key.clone() },
        DataKey { parent: None, ..key.clone() },
        DataKey { kind: DataKind::RunStep, ..key.clone() },
        DataKey { scope: arm::Scope::subscription("s"), ..key.clone() },
    ];
    for other in others {
        assert!(seals.open_object(&other, &sealed).is_err(), "{other:?}");
    }
    assert!(self::seals().open_object(&key, &sealed).is_err(), "another master key");
}
