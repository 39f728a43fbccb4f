//! Role assignments and role definitions: unique, and in force with the write that makes them.

use arm::Scope;
use rbac::{AccessRequest, Attributes, Permission, evaluate};
use serde_json::json;
use store::{Conflict, Store, StoreError};
use uuid::Uuid;

use crate::support::*;

fn may_read(store: &Store, principal: Uuid, at: &Scope) -> bool {
    let permission = Permission::Action("Microsoft.CognitiveServices/accounts/read".into());
    let request = AccessRequest { principal, permission: &permission, scope: at, attributes: &Attributes::default() };
    evaluate(&request, &store.world().access).is_allowed()
}

#[tokio::test]
async fn an_assignment_holds_from_its_write_to_its_deletion() {
    let mut fixture = Fixture::with_group().await;
    let ann = user("ann");
    let row = assignment(&group("rg"), Uuid::new_v4(), ann.id, READER);
    let id = row.id.clone();
    fixture.write(vec![store::Row::PutObject(ann.clone())]).await.unwrap();
    assert!(!may_read(&fixture.store, ann.id, &account("a")));

    fixture.write(vec![put(row)]).await.unwrap();
    assert!(may_read(&fixture.store, ann.id, &account("a")));
    assert!(!may_read(&fixture.store, ann.id, &group("rg1")));
    fixture.reopen().await;
    assert!(may_read(&fixture.store, ann.id, &account("a")));

    fixture.write(vec![delete(&id)]).await.unwrap();
    assert!(!may_read(&fixture.store, ann.id, &account("a")));
}

#[tokio::test]
async fn a_deleted_group_takes_its_assignments_along_and_a_deleted_user_does_not() {
    let fixture = Fixture::with_group().await;
    let ann = user("ann");
    let below = assignment(&account("a"), Uuid::new_v4(), ann.id, READER);
    let above = assignment(&subscription(), Uuid::new_v4(), ann.id, READER);
    let (below_id, above_id) = (below.id.clone(), above.id.clone());
    fixture
        .write(vec![
            store::Row::PutObject(ann.clone()),
            put(resource(account("a").as_str())),
            put(below.clone()),
            put(above),
        ])
        .await
        .unwrap();

    fixture.write(vec![delete(&group("rg"))]).await.unwrap();
    assert!(fixture.store.world().resources.get(&below_id).is_none());
    assert!(may_read(&fixture.store, ann.id, &subscription()));

    fixture.write(vec![store::Row::DeleteObject(ann.id)]).await.unwrap();
    assert!(fixture.store.world().resources.get(&above_id).is_some(), "it stays, orphaned");
    assert!(!may_read(&fixture.store, ann.id, &subscription()), "an orphan grants nobody");
}

#[tokio::test]
async fn the_same_role_for_the_same_principal_at_the_same_scope_exists_once() {
    let mut fixture = Fixture::with_group().await;
    let ann = Uuid::new_v4();
    let first = assignment(&group("rg"), Uuid::new_v4(), ann, READER);
    fixture.write(vec![put(first.clone())]).await.unwrap();
    fixture.reopen().await;

    // Other letters in the scope are the same scope.
    let again = assignment(&group("RG"), Uuid::new_v4(), ann, READER);
    let error = fixture.write(vec![put(again)]).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict(Conflict::RoleAssignmentExists { ref id }) if *id == first.id),
        "{error}"
    );

    fixture.write(vec![put(assignment(&group("rg"), Uuid::new_v4(), ann, OWNER))]).await.unwrap();
    fixture.write(vec![put(assignment(&subscription(), Uuid::new_v4(), ann, READER))]).await.unwrap();
    fixture.write(vec![put(assignment(&group("rg"), Uuid::new_v4(), Uuid::new_v4(), READER))]).await.unwrap();
}

#[tokio::test]
async fn an_assignments_name_is_taken_in_the_whole_tenant() {
    let fixture = Fixture::with_group().await;
    let (name, ann) = (Uuid::new_v4(), Uuid::new_v4());
    let first = assignment(&group("rg"), name, ann, READER);
    fixture.write(vec![put(first.clone())]).await.unwrap();

    let elsewhere = assignment(&subscription(), name, ann, READER);
    let other_role = assignment(&group("rg"), name, ann, OWNER);
    let other_principal = assignment(&group("rg"), name, Uuid::new_v4(), READER);
    for taken in [elsewhere, other_role, other_principal] {
        let error = fixture.write(vec![put(taken)]).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Conflict(Conflict::RoleAssignmentNameInUse { ref id }) if *id == first.id),
            "{error}"
        );
    }
    let mut described = first;
    described.properties.insert("description".to_owned(), json!("why"));
    let written = fixture.write(vec![put(described)]).await.unwrap();
    assert!(!written.resources[0].created);
}

#[tokio::test]
async fn an_assignment_that_cannot_be_read_is_not_written() {
    let fixture = Fixture::with_group().await;
    let mut broken = assignment(&group("rg"), Uuid::new_v4(), Uuid::new_v4(), READER);
    broken.properties.insert("principalId".to_owned(), json!("nobody"));
    assert!(matches!(fixture.write(vec![put(broken)]).await, Err(StoreError::Invalid { .. })));
}

#[tokio::test]
async fn a_custom_role_that_is_assigned_stays() {
    let mut fixture = Fixture::with_group().await;
    let role = Uuid::new_v4();
    let id = subscription().extension("Microsoft.Authorization", "roleDefinitions", &role.to_string());
    let definition = with_properties(
        resource(id.as_str()),
        json!({
            "roleName": "Looker",
            "permissions": [{"actions": ["Microsoft.CognitiveServices/*/read"]}],
            "assignableScopes": [subscription().as_str()],
        }),
    );
    let ann = user("ann");
    let given = assignment(&group("rg"), Uuid::new_v4(), ann.id, &role.to_string());
    let given_id = given.id.clone();
    fixture.write(vec![put(definition), store::Row::PutObject(ann.clone()), put(given)]).await.unwrap();
    fixture.reopen().await;
    assert!(may_read(&fixture.store, ann.id, &account("a")));

    let error = fixture.write(vec![delete(&id)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::RoleHasAssignments { assignments: 1, .. })), "{error}");

    fixture.write(vec![delete(&given_id), delete(&id)]).await.unwrap();
    assert!(fixture.store.world().access.role(role).is_none());
}
