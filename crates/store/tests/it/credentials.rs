//! Secrets: found, compared, revealed, and never lying about.

use arm::Scope;
use jiff::SignedDuration;
use rbac::KeySlot;
use store::{Clock, CredentialRef, DirectoryObject, ObjectKind};
use store::{Conflict, CredentialKind, CredentialOwner, NewCredential, Row, Secret, StoreError};
use uuid::Uuid;

use crate::support::*;

/// Appears in no file.
const CANARY: &str = "canary-8f2b6c1d9e";

fn resource_key(account: &Scope, slot: KeySlot, secret: &str) -> NewCredential {
    NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Account(account.clone()),
        kind: CredentialKind::ResourceKey(slot),
        secret: Secret::from(secret.to_owned()),
        created_at: TestClock::new().now(),
        expires_at: None,
    }
}

fn of_object(object: Uuid, kind: CredentialKind, secret: &str) -> NewCredential {
    NewCredential { owner: CredentialOwner::Object(object), kind, ..resource_key(&account("a"), KeySlot::Key1, secret) }
}

fn client_secret() -> CredentialKind {
    CredentialKind::ClientSecret { hint: "can".to_owned(), display_name: Some("first".to_owned()) }
}

#[tokio::test]
async fn a_resource_key_is_found_revealed_replaced_and_gone_with_its_account() {
    let mut fixture = Fixture::with_group().await;
    let first = resource_key(&account("a"), KeySlot::Key1, "first");
    let other = resource_key(&account("a"), KeySlot::Key2, "other");
    let rows = vec![put(resource(account("a").as_str())), Row::PutCredential(first.clone()), Row::PutCredential(other)];
    fixture.write(rows).await.unwrap();
    for _ in 0..2 {
        let found = fixture.store.find_resource_key("first").unwrap();
        assert_eq!((found.account.as_str(), found.slot), (account("a").as_str(), KeySlot::Key1));
        assert_eq!(fixture.store.find_resource_key("other").unwrap().slot, KeySlot::Key2);
        assert!(fixture.store.find_resource_key("firs").is_none());
        let world = fixture.store.world();
        let info = world.credentials.resource_key(&account("a"), KeySlot::Key1).unwrap();
        let revealed = fixture.store.reveal(&server_permit(fixture.clock.now()), &info.reference()).unwrap();
        assert_eq!(revealed.expose(), "first");
        fixture.reopen().await;
    }

    fixture.write(vec![Row::PutCredential(resource_key(&account("a"), KeySlot::Key1, "second"))]).await.unwrap();
    assert!(fixture.store.find_resource_key("first").is_none());
    assert!(fixture.store.find_resource_key("second").is_some());
    assert_eq!(fixture.store.world().credentials.of(&CredentialOwner::Account(account("a"))).count(), 2);

    fixture.write(vec![delete(&group("rg"))]).await.unwrap();
    assert!(fixture.store.find_resource_key("second").is_none());
    assert!(fixture.store.find_resource_key("other").is_none());
    fixture.reopen().await;
    assert!(fixture.store.find_resource_key("other").is_none());
}

#[tokio::test]
async fn the_secrets_of_a_connection_are_its_members_and_go_with_what_it_hangs_on() {
    let mut fixture = Fixture::with_group().await;
    let connection = account("a").child("connections", "c1");
    let secret = |member: &str, text: &str| {
        Row::PutCredential(NewCredential {
            owner: CredentialOwner::Connection(connection.clone()),
            kind: CredentialKind::ConnectionSecret(member.to_owned()),
            ..resource_key(&account("a"), KeySlot::Key1, text)
        })
    };
    let nowhere = fixture.write(vec![secret("key", CANARY)]).await;
    assert!(matches!(nowhere, Err(StoreError::ParentNotFound { .. })), "{nowhere:?}");
    let rows = vec![put(resource(account("a").as_str())), put(resource(connection.as_str()))];
    fixture.write(rows).await.unwrap();
    fixture.write(vec![secret("key", "first"), secret("keys/x-one", "other")]).await.unwrap();
    fixture.write(vec![secret("key", CANARY)]).await.unwrap();
    fixture.reopen().await;
    let world = fixture.store.world();
    let text = |member: &str| {
        let info = world.credentials.connection_secret(&connection, member).unwrap();
        fixture.store.reveal(&server_permit(fixture.clock.now()), &info.reference()).unwrap().expose().to_owned()
    };
    assert_eq!((text("key").as_str(), text("keys/x-one").as_str()), (CANARY, "other"));
    assert!(world.credentials.connection_secret(&connection, "KEY").is_none());
    assert!(world.credentials.connection_secret(&account("b").child("connections", "c1"), "key").is_none());
    assert_eq!(world.credentials.of(&CredentialOwner::Connection(connection.clone())).count(), 2);
    fixture.write(vec![delete(&account("a"))]).await.unwrap();
    fixture.reopen().await;
    let left = fixture.store.world().credentials.of(&CredentialOwner::Connection(connection)).count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_key_is_one_accounts() {
    let fixture = Fixture::with_group().await;
    fixture.write(vec![put(resource(account("a").as_str())), put(resource(account("b").as_str()))]).await.unwrap();
    fixture.write(vec![Row::PutCredential(resource_key(&account("a"), KeySlot::Key1, "same"))]).await.unwrap();
    let twin = Row::PutCredential(resource_key(&account("b"), KeySlot::Key1, "same"));
    let error = fixture.write(vec![twin]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::CredentialInUse { .. })), "{error}");
    assert_eq!(fixture.store.find_resource_key("same").unwrap().account, account("a"));
    let nowhere = Row::PutCredential(resource_key(&account("none"), KeySlot::Key1, "other"));
    assert!(matches!(fixture.write(vec![nowhere]).await, Err(StoreError::ParentNotFound { .. })));
}

#[tokio::test]
async fn a_client_secret_is_its_applications_until_it_expires_or_is_removed() {
    let mut fixture = Fixture::new().await;
    let (app, other) = (object(ObjectKind::Application, "app"), object(ObjectKind::Application, "other"));
    let now = fixture.clock.now();
    let end = now.checked_add(SignedDuration::from_secs(60)).unwrap();
    let expiring = NewCredential { expires_at: Some(end), ..of_object(app.id, client_secret(), "expiring") };
    let lasting = of_object(app.id, client_secret(), "lasting");
    fixture
        .write(vec![
            Row::PutObject(app.clone()),
            Row::PutObject(other.clone()),
            Row::PutCredential(expiring.clone()),
            Row::PutCredential(lasting.clone()),
            Row::PutCredential(of_object(other.id, client_secret(), "lasting")),
        ])
        .await
        .unwrap();
    fixture.reopen().await;
    let store = &fixture.store;
    assert!(store.check_client_secret(app.id, "expiring", now));
    assert!(store.check_client_secret(app.id, "lasting", end));
    assert!(!store.check_client_secret(app.id, "expiring", end), "expired");
    assert!(!store.check_client_secret(other.id, "expiring", now), "another application's");
    assert!(!store.check_client_secret(app.id, "Lasting", now));
    assert!(!store.check_client_secret(app.id, "", now));
    assert!(!store.check_client_secret(Uuid::new_v4(), "lasting", now));
    let info = store.world().credentials.get(&lasting.owner, lasting.id).unwrap().clone();
    assert_eq!(info.kind, client_secret());
    let kept_as_digest = store.reveal(&server_permit(now), &info.reference());
    assert!(matches!(kept_as_digest, Err(StoreError::Invalid { .. })));

    fixture.write(vec![Row::DeleteCredential { owner: lasting.owner, id: lasting.id }]).await.unwrap();
    assert!(!fixture.store.check_client_secret(app.id, "lasting", now));
    fixture.write(vec![Row::DeleteObject(app.id)]).await.unwrap();
    assert!(!fixture.store.check_client_secret(app.id, "expiring", now));
    assert!(fixture.store.world().credentials.get(&expiring.owner, expiring.id).is_none());
}

#[tokio::test]
async fn a_password_is_its_users() {
    let fixture = Fixture::new().await;
    let (ann, bob) = (user("ann"), user("bob"));
    let row = Row::PutCredential(of_object(ann.id, CredentialKind::Password, "correct horse"));
    fixture.write(vec![Row::PutObject(ann.clone()), Row::PutObject(bob.clone()), row]).await.unwrap();
    let now = fixture.clock.now();
    let check = |user, text: &str| fixture.store.check_password(user, Secret::from(text.to_owned()), now);
    assert!(check(ann.id, "correct horse").await);
    assert!(!check(ann.id, "correct horsf").await);
    assert!(!check(bob.id, "correct horse").await);
}

#[tokio::test]
async fn a_signing_key_comes_back_after_a_restart() {
    let mut fixture = Fixture::new().await;
    let key = NewCredential {
        owner: CredentialOwner::Server,
        kind: CredentialKind::SigningKey,
        ..resource_key(&account("a"), KeySlot::Key1, "-----BEGIN PRIVATE KEY-----")
    };
    let reference = CredentialRef { owner: key.owner.clone(), id: key.id };
    fixture.write(vec![Row::PutCredential(key)]).await.unwrap();
    fixture.reopen().await;
    let revealed = fixture.store.reveal(&server_permit(fixture.clock.now()), &reference).unwrap();
    assert_eq!(revealed.expose(), "-----BEGIN PRIVATE KEY-----");
    assert_eq!(fixture.store.world().credentials.of(&CredentialOwner::Server).count(), 1);
}

#[tokio::test]
async fn no_secret_is_in_any_file_or_any_debug_text() {
    let fixture = Fixture::with_group().await;
    let app = DirectoryObject { app_id: Some(Uuid::new_v4()), ..object(ObjectKind::Application, "app") };
    let secrets = [
        resource_key(&account("a"), KeySlot::Key1, CANARY),
        of_object(app.id, client_secret(), &format!("{CANARY}2")),
        of_object(app.id, CredentialKind::Password, &format!("{CANARY}3")),
        NewCredential {
            owner: CredentialOwner::Server,
            kind: CredentialKind::SigningKey,
            ..resource_key(&account("a"), KeySlot::Key1, &format!("{CANARY}4"))
        },
    ];
    let debug = format!("{secrets:?}");
    assert!(debug.contains("***") && !debug.contains(CANARY), "{debug}");
    let mut rows = vec![put(resource(account("a").as_str())), Row::PutObject(app)];
    rows.extend(secrets.into_iter().map(Row::PutCredential));
    fixture.write(rows).await.unwrap();
    fixture.store.close().await;

    let master = std::fs::read(fixture.dir.path().join("master.key")).unwrap();
    for file in files(fixture.dir.path()).iter().filter(|file| *file != "master.key") {
        let bytes = std::fs::read(fixture.dir.path().join(file)).unwrap();
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!has(CANARY.as_bytes()), "the secret is in `{file}`");
        assert!(!has(&master), "the master key is in `{file}`");
    }
}
