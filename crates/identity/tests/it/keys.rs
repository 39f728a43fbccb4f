//! Signing keys live sealed in the store and outlive a restart.

use std::sync::Arc;

use identity::{
    Audience, Authority, Issuer, KEY_LIFETIME_DAYS, KeyError, Person, SigningKeys, TOKEN_LIFETIME_S, TokenError,
    Verifier,
};
use jiff::{SignedDuration, Timestamp};
use rbac::{Permit, Task, Writes};
use store::Store;

use crate::fixture::{FixedClock, PRINCIPAL, PRINCIPAL_APP, TENANT, URL, USER, app, fixture, now, task_permit};

#[tokio::test]
async fn a_first_start_makes_a_key_and_a_second_start_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let permit = task_permit(Task::SigningKey);
    let first = SigningKeys::load(&store, &permit, now()).await.unwrap().jwks(now());
    store.close().await;
    drop(store);

    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let again = SigningKeys::load(&store, &permit, now()).await.unwrap().jwks(now());
    store.close().await;
    assert_eq!(first, again);
    assert_eq!(first["keys"].as_array().unwrap().len(), 1);
    assert_eq!(first["keys"][0]["alg"], "RS256");
    assert!(first["keys"][0].get("d").is_none(), "the private exponent is not published");
}

#[test]
fn without_a_key_there_is_no_set_of_keys() {
    assert!(matches!(SigningKeys::of(Vec::new()), Err(KeyError::None)));
}

fn after_s(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn kids(keys: &SigningKeys, at: Timestamp) -> Vec<String> {
    let set = keys.jwks(at);
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// A permit of the store's own time: its clock stands still.
fn permit() -> Permit<Writes> {
    task_permit(Task::SigningKey)
}

#[tokio::test]
async fn a_replaced_key_verifies_until_the_last_token_under_it_has_expired() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let keys = Arc::new(SigningKeys::load(&store, &permit(), now()).await.unwrap());
    let authority = Authority::new(URL, TENANT);
    let (issuer, verifier) = (Issuer::new(authority.clone(), keys.clone()), Verifier::new(authority, keys.clone()));
    let verify = |token: &str, at| verifier.verify(token, &[Audience::Foundry], &fixture().world, at);
    let issue = |at| issuer.issue(&app(PRINCIPAL, PRINCIPAL_APP), "https://ai.azure.com", at).unwrap();
    let (first_kid, old) = (kids(&keys, now()).remove(0), issue(now()));

    let kid = keys.rotate(&store, &permit(), now()).await.unwrap();
    let new = issue(now());
    assert_ne!(kid, first_kid);
    assert_eq!(kids(&keys, now()), [kid.clone(), first_kid.clone()], "both are published");
    assert!(verify(&old, now()).is_ok() && verify(&new, now()).is_ok());

    let last = after_s(TOKEN_LIFETIME_S + 59);
    assert!(verify(&old, last).is_ok(), "as long as the clocks may differ");
    let over = after_s(TOKEN_LIFETIME_S + 60);
    assert_eq!(kids(&keys, over), std::slice::from_ref(&kid));
    assert_eq!(verify(&old, over), Err(TokenError::UnknownKey));
    assert_eq!(keys.prune(&store, &permit(), last).await.unwrap(), 0);
    assert_eq!(keys.prune(&store, &permit(), over).await.unwrap(), 1);
    store.close().await;
    drop(store);

    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let again = SigningKeys::load(&store, &permit(), now()).await.unwrap();
    assert_eq!(kids(&again, now()), [kid], "a restart finds what is left");
    store.close().await;
}

#[tokio::test]
async fn a_key_is_due_after_a_quarter_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    let keys = SigningKeys::load(&store, &permit(), now()).await.unwrap();
    let quarter_s = KEY_LIFETIME_DAYS * 24 * 3600;
    assert!(!keys.is_due(now()) && !keys.is_due(after_s(quarter_s - 1)));
    assert!(keys.is_due(after_s(quarter_s)));
    store.close().await;
}

#[test]
fn an_id_token_says_who_signed_in_and_opens_nothing() {
    let person = Person { oid: USER, upn: "user@contoso.com".to_owned(), name: "Uma".to_owned() };
    let token = fixture().issuer.issue_id_token(&person, PRINCIPAL_APP, Some("n"), now()).unwrap();
    for audience in [Audience::Arm, Audience::Graph, Audience::Foundry] {
        let refused = fixture().verifier.verify(&token, &[audience], &fixture().world, now());
        assert!(matches!(refused, Err(TokenError::Audience { .. })), "{refused:?}");
    }
    let access = fixture().issuer.issue(&person.subject(PRINCIPAL_APP), "https://ai.azure.com", now()).unwrap();
    let known = fixture().verifier.verify(&access, &[Audience::Foundry], &fixture().world, now()).unwrap();
    assert_eq!((known.object_id(), known.label()), (USER, "user@contoso.com"));
}
