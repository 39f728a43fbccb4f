//! Resources: etags, preconditions, parents, subdomains, deletion.

use arm::Precondition;
use sqlx::Connection;
use store::{Conflict, StoreError};

use crate::support::*;

#[tokio::test]
async fn a_put_resource_is_there_before_and_after_a_restart() {
    let mut fixture = Fixture::with_group().await;
    let written = fixture.write(vec![put(account_with_subdomain("a", "contoso-a"))]).await.unwrap();
    assert!(written.resources[0].created);
    assert_eq!(fixture.store.world().version, written.version);
    let before = fixture.store.world().resources.get(&account("A")).unwrap().clone();
    assert_eq!(before.etag, format!("\"{:x}\"", written.version));

    fixture.reopen().await;

    let world = fixture.store.world();
    assert_eq!(world.resources.get(&account("a")).unwrap(), &before);
    assert_eq!(world.version, written.version);
    assert_eq!(world.resources.account_by_subdomain("CONTOSO-a").unwrap().id, account("a"));
}

#[tokio::test]
async fn an_update_keeps_who_created_it_and_gets_a_new_etag() {
    let fixture = Fixture::with_group().await;
    let first = fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    let mut changed = resource(account("a").as_str());
    changed.system_data.created_by = "mallory".to_owned();
    changed.system_data.created_at = "2030-01-01T00:00:00Z".parse().unwrap();
    changed.system_data.last_modified_by = "bob".to_owned();

    let second = fixture.write(vec![put(changed)]).await.unwrap();

    assert!(!second.resources[0].created);
    let stored = &second.resources[0].resource;
    assert_eq!(stored.system_data.created_by, "ann@contoso.com");
    assert_eq!(stored.system_data.created_at, first.resources[0].resource.system_data.created_at);
    assert_eq!(stored.system_data.last_modified_by, "bob");
    assert_ne!(stored.etag, first.resources[0].resource.etag);
}

#[tokio::test]
async fn a_lost_update_is_refused() {
    let fixture = Fixture::with_group().await;
    let row = |precondition| store::Row::PutResource { resource: resource(account("a").as_str()), precondition };
    let first = fixture.write(vec![row(Precondition::MustNotExist)]).await.unwrap();
    let etag = first.resources[0].resource.etag.clone();
    fixture.write(vec![row(Precondition::IfMatch(etag.clone()))]).await.unwrap();

    for stale in [Precondition::IfMatch(etag), Precondition::MustNotExist] {
        let error = fixture.write(vec![row(stale.clone())]).await.unwrap_err();
        assert!(matches!(error, StoreError::PreconditionFailed { .. }), "{error}");
        let delete = store::Row::DeleteResource { id: account("a"), precondition: stale };
        let error = fixture.write(vec![delete]).await.unwrap_err();
        assert!(matches!(error, StoreError::PreconditionFailed { .. }), "{error}");
    }
    let missing = store::Row::PutResource {
        resource: resource(account("b").as_str()),
        precondition: Precondition::IfMatch("*".to_owned()),
    };
    assert!(matches!(fixture.write(vec![missing]).await, Err(StoreError::PreconditionFailed { current: None, .. })));
    assert!(fixture.store.world().resources.get(&account("a")).is_some());
}

#[tokio::test]
async fn a_write_is_all_or_nothing() {
    let fixture = Fixture::with_group().await;
    let version = fixture.store.world().version;

    let rows = vec![put(resource(account("a").as_str())), delete(&account("nowhere"))];
    let error = fixture.write(rows).await.unwrap_err();

    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert!(fixture.store.world().resources.get(&account("a")).is_none());
    assert_eq!(fixture.store.world().version, version);
    fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    fixture.store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn nothing_is_put_below_what_does_not_exist() {
    let fixture = Fixture::with_group().await;
    let orphan = group("gone").extension("Microsoft.CognitiveServices", "accounts", "a");
    let error = fixture.write(vec![put(resource(orphan.as_str()))]).await.unwrap_err();
    assert!(matches!(error, StoreError::ParentNotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_type_that_is_not_the_ids_is_refused() {
    let fixture = Fixture::with_group().await;
    let mut disguised = resource(account("a").as_str());
    disguised.resource_type = "Microsoft.Authorization/roleAssignments".to_owned();
    assert!(matches!(fixture.write(vec![put(disguised)]).await, Err(StoreError::Invalid { .. })));
}

#[tokio::test]
async fn a_subdomain_is_one_accounts_without_case() {
    let mut fixture = Fixture::with_group().await;
    fixture.write(vec![put(account_with_subdomain("a", "Contoso"))]).await.unwrap();

    let error = fixture.write(vec![put(account_with_subdomain("b", "cONTOSO"))]).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict(Conflict::SubdomainInUse { ref name }) if name == "contoso"),
        "{error}"
    );

    // The account itself may be written again, may change its name, and gives the old one free.
    fixture.write(vec![put(account_with_subdomain("a", "contoso"))]).await.unwrap();
    fixture.write(vec![put(account_with_subdomain("a", "fabrikam"))]).await.unwrap();
    fixture.write(vec![put(account_with_subdomain("b", "contoso"))]).await.unwrap();
    fixture.write(vec![delete(&account("a"))]).await.unwrap();
    fixture.write(vec![put(account_with_subdomain("c", "fabrikam"))]).await.unwrap();
    fixture.reopen().await;
    let world = fixture.store.world();
    assert_eq!(world.resources.account_by_subdomain("contoso").unwrap().id, account("b"));
    assert_eq!(world.resources.account_by_subdomain("fabrikam").unwrap().id, account("c"));
}

#[tokio::test]
async fn of_many_who_ask_for_a_subdomain_one_gets_it() {
    let fixture = Fixture::with_group().await;
    let writes = (0..16).map(|n| {
        let store = fixture.store.clone();
        let now = fixture.store.now();
        tokio::spawn(async move {
            let row = put(account_with_subdomain(&format!("a{n}"), "wanted"));
            store.write(&server_permit(now), vec![row]).await.is_ok()
        })
    });
    let mut winners = 0;
    for write in writes.collect::<Vec<_>>() {
        winners += usize::from(write.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn lists_reach_every_depth_and_stop_at_whole_segments() {
    let fixture = Fixture::with_group().await;
    let project = account("a").child("projects", "p");
    fixture
        .write(vec![
            put(resource(group("rg1").as_str())),
            put(resource(account("a").as_str())),
            put(resource(project.as_str())),
            put(resource(account("a-b").as_str())),
        ])
        .await
        .unwrap();
    let world = fixture.store.world();
    let names = |base: &arm::Scope, kind: &str| -> Vec<String> {
        world.resources.children_of_type(base, kind).map(|resource| resource.name.clone()).collect()
    };
    assert_eq!(names(&group("rg"), "microsoft.cognitiveservices/ACCOUNTS"), ["a", "a-b"]);
    assert_eq!(names(&subscription(), "Microsoft.CognitiveServices/accounts/projects"), ["p"]);
    assert_eq!(names(&group("rg1"), "Microsoft.CognitiveServices/accounts"), [""; 0]);
    assert_eq!(names(&arm::Scope::root(), "Microsoft.Resources/subscriptions").len(), 1);
    assert_eq!(world.resources.below(&account("a")).count(), 1);
}

#[tokio::test]
async fn deleting_takes_everything_below_and_nothing_beside() {
    let mut fixture = Fixture::with_group().await;
    let project = account("a").child("projects", "p");
    fixture
        .write(vec![
            put(resource(account("a").as_str())),
            put(resource(project.as_str())),
            put(resource(account("a1").as_str())),
            put(resource(account("a-1").as_str())),
        ])
        .await
        .unwrap();

    fixture.write(vec![delete(&account("A"))]).await.unwrap();
    fixture.reopen().await;

    let world = fixture.store.world();
    assert!(world.resources.get(&account("a")).is_none());
    assert!(world.resources.get(&project).is_none());
    assert!(world.resources.get(&account("a1")).is_some());
    assert!(world.resources.get(&account("a-1")).is_some());
    assert!(matches!(fixture.write(vec![delete(&account("a"))]).await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn a_subscription_moves_between_management_groups() {
    let mut fixture = Fixture::with_group().await;
    let at = |name: &str| scope(&format!("/providers/Microsoft.Management/managementGroups/{name}"));
    let inner = with_properties(
        resource(at("inner").as_str()),
        serde_json::json!({"details": {"parent": {"id": at("outer").as_str()}}}),
    );
    fixture
        .write(vec![
            put(resource(at("outer").as_str())),
            put(resource(at("other").as_str())),
            put(inner),
            put(resource(at("other").child("subscriptions", SUBSCRIPTION).as_str())),
        ])
        .await
        .unwrap();
    assert_eq!(
        fixture.store.world().access.chain(&group("rg"))[1..],
        [subscription(), at("other"), arm::Scope::root()]
    );

    fixture.write(vec![put(resource(at("inner").child("subscriptions", SUBSCRIPTION).as_str()))]).await.unwrap();

    for _ in 0..2 {
        let world = fixture.store.world();
        let chain = world.access.chain(&group("rg"));
        assert_eq!(chain[1..], [subscription(), at("inner"), at("outer"), arm::Scope::root()]);
        assert!(world.resources.get(&at("other").child("subscriptions", SUBSCRIPTION)).is_none());
        fixture.reopen().await;
    }
}

#[tokio::test]
async fn a_write_that_the_database_refuses_changes_nothing_and_the_next_one_succeeds() {
    let mut fixture = Fixture::with_group().await;
    let version = fixture.store.world().version;
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db", fixture.dir.path().display());
    let mut foreign = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut foreign).await.unwrap();

    let error = fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert_eq!(fixture.store.world().version, version);
    assert!(fixture.store.world().resources.get(&account("a")).is_none());

    sqlx::raw_sql("ROLLBACK").execute(&mut foreign).await.unwrap();
    foreign.close().await.unwrap();
    fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    fixture.reopen().await;
    assert!(fixture.store.world().resources.get(&account("a")).is_some());
    assert_eq!(fixture.store.world().version, version + 1);
}

#[tokio::test]
async fn a_write_of_somebody_else_is_caught_up_with() {
    let fixture = Fixture::with_group().await;
    let version = fixture.store.world().version;
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db", fixture.dir.path().display());
    let mut foreign = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("UPDATE world SET version = version + 5").execute(&mut foreign).await.unwrap();
    foreign.close().await.unwrap();

    let error = fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    let written = fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    assert_eq!(written.version, version + 6);
}
