//! Users, groups, applications, managed identities.

use arm::Scope;
use rbac::DirectoryRole;
use store::{Conflict, DirectoryObject, ObjectKind, Row, StoreError};
use uuid::Uuid;

use crate::support::*;

#[tokio::test]
async fn objects_are_found_by_every_name_they_have() {
    let mut fixture = Fixture::new().await;
    let app_id = Uuid::new_v4();
    let ann = user("Ann");
    let application = DirectoryObject { app_id: Some(app_id), ..object(ObjectKind::Application, "app") };
    let principal = DirectoryObject { app_id: Some(app_id), ..object(ObjectKind::ServicePrincipal, "app") };
    fixture
        .write(vec![
            Row::PutObject(ann.clone()),
            Row::PutObject(application.clone()),
            Row::PutObject(principal.clone()),
        ])
        .await
        .unwrap();

    for _ in 0..2 {
        let world = fixture.store.world();
        assert_eq!(world.directory.by_upn("aNN@contoso.COM").unwrap().id, ann.id);
        assert_eq!(world.directory.by_app_id(app_id, ObjectKind::Application).unwrap().id, application.id);
        assert_eq!(world.directory.by_app_id(app_id, ObjectKind::ServicePrincipal).unwrap().id, principal.id);
        assert_eq!(world.directory.of_kind(ObjectKind::User).count(), 1);
        fixture.reopen().await;
    }
}

#[tokio::test]
async fn names_are_unique_without_case() {
    let fixture = Fixture::new().await;
    let app_id = Uuid::new_v4();
    let ann = user("ann");
    let application = DirectoryObject { app_id: Some(app_id), ..object(ObjectKind::Application, "app") };
    fixture.write(vec![Row::PutObject(ann.clone()), Row::PutObject(application)]).await.unwrap();

    let error = fixture.write(vec![Row::PutObject(user("ANN"))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::UserPrincipalNameInUse { .. })), "{error}");
    let twin = DirectoryObject { app_id: Some(app_id), ..object(ObjectKind::Application, "twin") };
    let error = fixture.write(vec![Row::PutObject(twin)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(Conflict::AppIdInUse { .. })), "{error}");

    // A new name gives the old one free; a new person with an old name is somebody else.
    let renamed = DirectoryObject { user_principal_name: Some("ann.b@contoso.com".to_owned()), ..ann.clone() };
    let successor = user("ann");
    fixture.write(vec![Row::PutObject(renamed), Row::PutObject(successor.clone())]).await.unwrap();
    let world = fixture.store.world();
    assert_eq!(world.directory.by_upn("ann@contoso.com").unwrap().id, successor.id);
    assert_eq!(world.directory.by_upn("ann.b@contoso.com").unwrap().id, ann.id);
}

#[tokio::test]
async fn the_kind_of_an_object_never_changes() {
    let fixture = Fixture::new().await;
    let ann = user("ann");
    fixture.write(vec![Row::PutObject(ann.clone())]).await.unwrap();
    let group = DirectoryObject { kind: ObjectKind::Group, ..ann };
    assert!(matches!(fixture.write(vec![Row::PutObject(group)]).await, Err(StoreError::Invalid { .. })));
}

#[tokio::test]
async fn memberships_reach_decisions_and_end_with_either_side() {
    let mut fixture = Fixture::new().await;
    let (ann, inner, outer) = (user("ann"), object(ObjectKind::Group, "inner"), object(ObjectKind::Group, "outer"));
    fixture
        .write(vec![
            Row::PutObject(ann.clone()),
            Row::PutObject(inner.clone()),
            Row::PutObject(outer.clone()),
            Row::AddMember { group: inner.id, member: ann.id },
            Row::AddMember { group: inner.id, member: ann.id },
            Row::AddMember { group: outer.id, member: inner.id },
        ])
        .await
        .unwrap();
    for _ in 0..2 {
        let world = fixture.store.world();
        let mut groups = world.access.groups_of(ann.id);
        groups.sort();
        let mut both = [inner.id, outer.id];
        both.sort();
        assert_eq!(groups, both);
        assert_eq!(world.directory.members(inner.id).count(), 1);
        assert_eq!(world.directory.groups_of_direct(ann.id).next().unwrap().id, inner.id);
        fixture.reopen().await;
    }

    fixture.write(vec![Row::DeleteObject(inner.id)]).await.unwrap();
    fixture.reopen().await;
    let world = fixture.store.world();
    assert!(world.access.groups_of(ann.id).is_empty());
    assert_eq!(world.directory.members(outer.id).count(), 0);
    let gone = fixture.write(vec![Row::RemoveMember { group: outer.id, member: inner.id }]).await.unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { .. }), "{gone}");
}

#[tokio::test]
async fn only_principals_become_members_and_only_of_groups() {
    let fixture = Fixture::new().await;
    let (ann, group) = (user("ann"), object(ObjectKind::Group, "group"));
    let application = object(ObjectKind::Application, "app");
    fixture
        .write(vec![Row::PutObject(ann.clone()), Row::PutObject(group.clone()), Row::PutObject(application.clone())])
        .await
        .unwrap();
    for (group, member) in [(ann.id, group.id), (group.id, application.id), (group.id, group.id)] {
        let error = fixture.write(vec![Row::AddMember { group, member }]).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid { .. }), "{error}");
    }
    let stranger = Row::AddMember { group: group.id, member: Uuid::new_v4() };
    assert!(matches!(fixture.write(vec![stranger]).await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn a_directory_role_ends_with_its_holder() {
    let mut fixture = Fixture::new().await;
    let ann = user("ann");
    let grant = Row::GrantDirectoryRole(ann.id, DirectoryRole::GlobalAdministrator);
    fixture.write(vec![Row::PutObject(ann.clone()), grant]).await.unwrap();
    fixture.reopen().await;
    assert_eq!(fixture.store.world().directory.directory_roles(ann.id), [DirectoryRole::GlobalAdministrator]);

    fixture.write(vec![Row::DeleteObject(ann.id)]).await.unwrap();
    assert!(fixture.store.world().directory.directory_roles(ann.id).is_empty());
    let stranger = Row::GrantDirectoryRole(Uuid::new_v4(), DirectoryRole::DirectoryReaders);
    assert!(matches!(fixture.write(vec![stranger]).await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn a_managed_identity_ends_with_its_resource() {
    let mut fixture = Fixture::with_group().await;
    let project = account("a").child("projects", "p");
    let managed = |by: &Scope| DirectoryObject {
        managed_by: Some(by.clone()),
        ..object(ObjectKind::ServicePrincipal, by.name())
    };
    let (of_account, of_project) = (managed(&account("a")), managed(&project));
    let orphan = fixture.write(vec![Row::PutObject(of_account.clone())]).await.unwrap_err();
    assert!(matches!(orphan, StoreError::ParentNotFound { .. }), "{orphan}");
    let elsewhere = assignment(&subscription(), Uuid::new_v4(), of_project.id, READER);
    let elsewhere_id = elsewhere.id.clone();
    fixture
        .write(vec![
            put(resource(account("a").as_str())),
            Row::PutObject(of_account.clone()),
            put(resource(project.as_str())),
            Row::PutObject(of_project.clone()),
            put(elsewhere),
        ])
        .await
        .unwrap();
    assert_eq!(fixture.store.world().directory.managed_by(&project).unwrap().id, of_project.id);

    fixture.write(vec![delete(&account("a"))]).await.unwrap();

    for _ in 0..2 {
        let world = fixture.store.world();
        assert!(world.directory.object(of_account.id).is_none());
        assert!(world.directory.object(of_project.id).is_none());
        assert!(world.directory.managed_by(&project).is_none());
        assert!(world.resources.get(&elsewhere_id).is_some());
        fixture.reopen().await;
    }
}

#[tokio::test]
async fn an_agent_has_an_identity_as_long_as_its_project_is_there() {
    let fixture = Fixture::with_projects().await;
    let agent = |project: &Scope| DirectoryObject {
        managed_by: Some(project.child("agents", "clerk")),
        ..object(ObjectKind::ServicePrincipal, "clerk")
    };
    let (here, nowhere) = (agent(&project("p")), agent(&project("missing")));
    let orphan = fixture.write(vec![Row::PutObject(nowhere)]).await.unwrap_err();
    assert!(matches!(orphan, StoreError::ParentNotFound { .. }), "{orphan}");
    // Only agents: nothing else has an identity without being there itself.
    let other = DirectoryObject { managed_by: Some(project("p").child("connections", "clerk")), ..here.clone() };
    assert!(matches!(fixture.write(vec![Row::PutObject(other)]).await, Err(StoreError::ParentNotFound { .. })));
    fixture.write(vec![Row::PutObject(here.clone())]).await.unwrap();
    assert_eq!(fixture.store.world().directory.managed_by(&project("p").child("agents", "CLERK")).unwrap().id, here.id);

    fixture.write(vec![delete(&project("p"))]).await.unwrap();

    assert!(fixture.store.world().directory.object(here.id).is_none());
}
