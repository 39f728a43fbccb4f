//! No write without a permit that covers it.

use rbac::{
    Ask, Attributes, KeySlot, Mode, Permission, Permit, PrincipalType, RowKind, Task, VerifiedPrincipal, Writes,
};
use store::{Clock, CredentialKind, CredentialOwner, NewCredential, ObjectKind, Row, Secret, StoreError, TenantInfo};
use store::{CredentialRef, DirectoryObject};
use uuid::Uuid;

use crate::support::*;

/// What Ann, who is owner of the subscription, is let through for.
#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
fn anns<M: Mode>(fixture: &Fixture, ann: Uuid, at: &arm::Scope, rows: &'static [RowKind]) -> Permit<M> {
    let caller =
        VerifiedPrincipal::verified(Uuid::nil(), ann, PrincipalType::User, "ann@contoso.com".to_owned(), String::new());
    let permission = Permission::Action("Microsoft.CognitiveServices/accounts/write".into());
    let ask = Ask {
        decision_id: Uuid::new_v4(),
        permission: &permission,
        scope: at,
        rows,
        attributes: &Attributes::default(),
        now: fixture.clock.now(),
    };
    rbac::decide(&caller, &ask, &fixture.store.world().access).unwrap()
}

async fn with_owner() -> (Fixture, Uuid) {
    let fixture = Fixture::with_group().await;
    let ann = user("ann");
    let id = ann.id;
    fixture
        .write(vec![Row::PutObject(ann), put(assignment(&subscription(), Uuid::new_v4(), id, OWNER))])
        .await
        .unwrap();
    (fixture, id)
}

fn is_not_covered<T: std::fmt::Debug>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::PermitDoesNotCover { .. }))
}

#[tokio::test]
async fn a_permit_covers_its_target_and_below() {
    let (fixture, ann) = with_owner().await;
    let permit = anns::<Writes>(&fixture, ann, &account("a"), &[RowKind::Resource]);
    fixture.store.write(&permit, vec![put(resource(account("a").as_str()))]).await.unwrap();
    fixture.store.write(&permit, vec![put(resource(account("a").child("projects", "p").as_str()))]).await.unwrap();

    let version = fixture.store.world().version;
    for beside in [account("b"), account("ab"), group("rg")] {
        let outcome = fixture.store.write(&permit, vec![put(resource(beside.as_str()))]).await;
        assert!(is_not_covered(&outcome), "{outcome:?}");
        let outcome = fixture.store.write(&permit, vec![delete(&beside)]).await;
        assert!(is_not_covered(&outcome), "{outcome:?}");
    }
    let mixed = vec![put(resource(account("a").as_str())), put(resource(account("b").as_str()))];
    assert!(is_not_covered(&fixture.store.write(&permit, mixed).await));
    assert_eq!(fixture.store.world().version, version);
}

#[tokio::test]
async fn a_permit_for_resources_assigns_no_role_and_makes_no_key() {
    let (fixture, ann) = with_owner().await;
    let permit = anns::<Writes>(&fixture, ann, &account("a"), &[RowKind::Resource]);
    fixture.store.write(&permit, vec![put(resource(account("a").as_str()))]).await.unwrap();

    let managed = DirectoryObject { managed_by: Some(account("a")), ..object(ObjectKind::ServicePrincipal, "a") };
    let key = NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Account(account("a")),
        kind: CredentialKind::ResourceKey(KeySlot::Key1),
        secret: Secret::from("secret".to_owned()),
        created_at: fixture.clock.now(),
        expires_at: None,
    };
    let key_ref = CredentialRef { owner: key.owner.clone(), id: key.id };
    let tenant = TenantInfo { id: Uuid::new_v4(), display_name: "x".to_owned(), default_domain: "x".to_owned() };
    let forbidden = [
        put(assignment(&account("a"), Uuid::new_v4(), ann, OWNER)),
        Row::PutObject(managed.clone()),
        Row::PutObject(user("bob")),
        Row::PutCredential(key.clone()),
        Row::DeleteObject(ann),
        Row::AddMember { group: Uuid::new_v4(), member: ann },
        Row::GrantDirectoryRole(ann, rbac::DirectoryRole::GlobalAdministrator),
        Row::SetTenant(tenant),
    ];
    for row in forbidden {
        let text = format!("{row:?}");
        let outcome = fixture.store.write(&permit, vec![row]).await;
        assert!(is_not_covered(&outcome), "{text}: {outcome:?}");
    }

    // The operation that creates an account lists the kinds of rows that come with it.
    let wide = anns::<Writes>(&fixture, ann, &account("a"), &[RowKind::Principal, RowKind::Credential]);
    fixture.store.write(&wide, vec![Row::PutObject(managed), Row::PutCredential(key)]).await.unwrap();
    assert!(is_not_covered(&fixture.store.write(&wide, vec![Row::PutObject(user("bob"))]).await), "the directory's");
    assert!(is_not_covered(&fixture.store.reveal(&permit, &key_ref)));
    assert_eq!(fixture.store.reveal(&wide, &key_ref).unwrap().expose(), "secret");
    let elsewhere = anns::<Writes>(&fixture, ann, &account("b"), &[RowKind::Credential]);
    assert!(is_not_covered(&fixture.store.reveal(&elsewhere, &key_ref)));
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
async fn the_task_of_the_signing_key_writes_nothing_else() {
    let fixture = Fixture::with_group().await;
    let permit = rbac::for_task::<Writes>(Task::SigningKey, Uuid::new_v4(), fixture.clock.now());
    let key = |kind| NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Server,
        kind,
        secret: Secret::from("pem".to_owned()),
        created_at: fixture.clock.now(),
        expires_at: None,
    };
    fixture.store.write(&permit, vec![Row::PutCredential(key(CredentialKind::SigningKey))]).await.unwrap();
    let other = vec![Row::PutCredential(key(CredentialKind::ResourceKey(KeySlot::Key1)))];
    assert!(is_not_covered(&fixture.store.write(&permit, other).await));
    assert!(is_not_covered(&fixture.store.write(&permit, vec![put(resource(group("x").as_str()))]).await));
}

#[tokio::test]
async fn a_permit_is_good_for_a_minute() {
    let fixture = Fixture::with_group().await;
    let permit = server_permit(fixture.clock.now());
    fixture.clock.advance_s(60);
    fixture.store.write(&permit, vec![put(resource(account("a").as_str()))]).await.unwrap();
    fixture.clock.advance_s(1);
    let late = fixture.store.write(&permit, vec![put(resource(account("b").as_str()))]).await;
    assert!(matches!(late, Err(StoreError::PermitTooOld)), "{late:?}");
}

#[tokio::test]
async fn a_write_of_nothing_is_refused() {
    let fixture = Fixture::new().await;
    assert!(matches!(fixture.write(Vec::new()).await, Err(StoreError::Invalid { .. })));
    assert_eq!(fixture.store.verify_audit().await.unwrap().records, 0);
}

#[tokio::test]
async fn who_may_do_something_may_record_it_and_nothing_else_of_the_subscription() {
    let (fixture, ann) = with_owner().await;
    let permit = anns::<Writes>(&fixture, ann, &account("a"), &[RowKind::Resource]);
    let record = |subscription: &arm::Scope, target: &str| {
        let id = subscription.child("operationresults", &Uuid::now_v7().to_string());
        let properties = serde_json::json!({ store::OPERATION_TARGET: target });
        put(with_properties(resource(id.as_str()), properties))
    };
    let own = account("a").to_string();
    fixture.store.write(&permit, vec![record(&subscription(), &own)]).await.unwrap();
    let elsewhere = arm::Scope::subscription("22222222-2222-4222-8222-222222222222");
    for (subscription, target) in
        [(&subscription(), account("b").as_str()), (&subscription(), ""), (&subscription(), "/"), (&elsewhere, &own)]
    {
        let outcome = fixture.store.write(&permit, vec![record(subscription, target)]).await;
        assert!(is_not_covered(&outcome), "{target} in {subscription}: {outcome:?}");
    }
    // Only a record is of what it names: any other row of the subscription is its own.
    let other = subscription().child("resourceGroups", "rg2");
    let properties = serde_json::json!({ store::OPERATION_TARGET: own });
    let outcome = fixture.store.write(&permit, vec![put(with_properties(resource(other.as_str()), properties))]).await;
    assert!(is_not_covered(&outcome), "{outcome:?}");
}
