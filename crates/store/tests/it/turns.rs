//! Writes that are decided while nobody else writes.

use rbac::KeySlot;
use store::{Clock, CredentialKind, CredentialOwner, NewCredential, Row, Secret, StoreError};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::*;

/// Why a test's own rule, or the store, said no.
#[derive(Debug)]
enum No {
    Room,
    Store(StoreError),
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> No {
        No::Store(error)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_about_other_rows_cannot_be_raced_past() {
    const ROOM: usize = 5;
    let fixture = Fixture::with_group().await;
    let mut writers = JoinSet::new();
    for at in 0..64 {
        let (store, permit) = (fixture.store.clone(), server_permit(fixture.clock.now()));
        writers.spawn(async move {
            let row = put(resource(group(&format!("g{at}")).as_str()));
            let written = store.write_in_turn(&permit, |world| {
                let count = world.resources.below(&subscription()).count();
                if count < ROOM { Ok(vec![row]) } else { Err(No::Room) }
            });
            written.await.is_ok()
        });
    }
    let written = writers.join_all().await.into_iter().filter(|ok| *ok).count();
    assert_eq!((written, fixture.store.world().resources.below(&subscription()).count()), (ROOM - 1, ROOM));
}

#[tokio::test]
async fn what_the_rule_refuses_changes_nothing_and_holds_nobody_up() {
    let fixture = Fixture::with_group().await;
    let (permit, version) = (server_permit(fixture.clock.now()), fixture.store.world().version);
    let refused = fixture.store.write_in_turn(&permit, |_| Err(No::Room)).await;
    assert!(matches!(refused, Err(No::Room)), "{refused:?}");
    let nothing = fixture.store.write_in_turn::<No>(&permit, |_| Ok(Vec::new())).await;
    assert!(matches!(nothing, Err(No::Store(StoreError::Invalid { .. }))), "{nothing:?}");
    assert_eq!(fixture.store.world().version, version);
    let written = fixture.store.write_in_turn::<No>(&permit, |world| {
        assert_eq!(world.version, version);
        Ok(vec![put(resource(account("a").as_str()))])
    });
    assert_eq!(written.await.unwrap().version, version + 1);
}

#[tokio::test]
async fn a_secret_is_not_protected_while_others_wait() {
    let fixture = Fixture::with_group().await;
    fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    let key = NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Account(account("a")),
        kind: CredentialKind::ResourceKey(KeySlot::Key1),
        secret: Secret::from("secret".to_owned()),
        created_at: fixture.clock.now(),
        expires_at: None,
    };
    let permit = server_permit(fixture.clock.now());
    let refused = fixture.store.write_in_turn::<No>(&permit, |_| Ok(vec![Row::PutCredential(key)])).await;
    assert!(matches!(refused, Err(No::Store(StoreError::Invalid { .. }))), "{refused:?}");
}

#[tokio::test]
async fn rows_with_a_secret_are_written_if_they_still_fit() {
    let fixture = Fixture::with_group().await;
    fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    let key = |text: &str| {
        vec![Row::PutCredential(NewCredential {
            id: Uuid::new_v4(),
            owner: CredentialOwner::Account(account("a")),
            kind: CredentialKind::ResourceKey(KeySlot::Key1),
            secret: Secret::from(text.to_owned()),
            created_at: fixture.clock.now(),
            expires_at: None,
        })]
    };
    let (permit, version) = (server_permit(fixture.clock.now()), fixture.store.world().version);
    let refused = fixture.store.write_if(&permit, key("first"), |_| Err(No::Room)).await;
    assert!(matches!(refused, Err(No::Room)), "{refused:?}");
    assert_eq!((fixture.store.world().version, fixture.store.find_resource_key("first")), (version, None));
    let seen = |world: &store::World| if world.version == version { Ok(()) } else { Err(No::Room) };
    assert_eq!(fixture.store.write_if(&permit, key("second"), seen).await.unwrap().version, version + 1);
    assert!(fixture.store.find_resource_key("second").is_some());
}

#[tokio::test]
async fn a_turn_needs_a_fresh_permit_as_any_write_does() {
    let fixture = Fixture::with_group().await;
    let permit = server_permit(fixture.clock.now());
    fixture.clock.advance_s(rbac::PERMIT_LIFETIME_S + 1);
    let row = put(resource(account("a").as_str()));
    let refused = fixture.store.write_in_turn::<No>(&permit, |_| Ok(vec![row])).await;
    assert!(matches!(refused, Err(No::Store(StoreError::PermitTooOld))), "{refused:?}");
}
