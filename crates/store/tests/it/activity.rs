//! The activity log: a row for each write, delete and action of a caller, in the change's own transaction.

use rbac::{Ask, Attributes, Mode, Permission, Permit, PrincipalType, Reads, RowKind, VerifiedPrincipal, Writes};
use sqlx::{Connection, Row as _};
use store::{Activity, ActivityQuery, Clock, DirectoryObject, ObjectKind, Row, StoreError, TenantInfo};
use uuid::Uuid;

use crate::support::*;

const DAY_S: i64 = 24 * 60 * 60;
const EVERY_ROW: &[RowKind] = &[RowKind::Resource, RowKind::Assignment];

/// A tenant whose Ann is owner of the subscription.
struct Log {
    fixture: Fixture,
    ann: DirectoryObject,
}

impl Log {
    async fn new() -> Log {
        let fixture = Fixture::with_group().await;
        let ann = user("ann");
        let owner = put(assignment(&subscription(), Uuid::new_v4(), ann.id, OWNER));
        fixture.write(vec![Row::PutObject(ann.clone()), owner]).await.unwrap();
        Log { fixture, ann }
    }

    /// What Ann is let through for, now.
    #[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
    fn permit<M: Mode>(&self, action: &'static str, at: &arm::Scope) -> Permit<M> {
        let label = "Ann@contoso.com".to_owned();
        let ann = VerifiedPrincipal::verified(Uuid::nil(), self.ann.id, PrincipalType::User, label, String::new());
        let permission = Permission::Action(action.into());
        let ask = Ask {
            decision_id: Uuid::new_v4(),
            permission: &permission,
            scope: at,
            rows: EVERY_ROW,
            attributes: &Attributes::default(),
            now: self.fixture.clock.now(),
        };
        rbac::decide(&ann, &ask, &self.fixture.store.world().access).unwrap()
    }

    async fn make_account(&self, name: &str) -> Permit<Writes> {
        let permit = self.permit("Microsoft.CognitiveServices/accounts/write", &account(name));
        self.fixture.store.write(&permit, vec![put(resource(account(name).as_str()))]).await.unwrap();
        permit
    }

    async fn read(&self, change: impl FnOnce(&mut ActivityQuery)) -> Vec<Activity> {
        let mut query = all();
        change(&mut query);
        self.fixture.store.activities(&query).await.unwrap()
    }
}

fn all() -> ActivityQuery {
    ActivityQuery {
        subscription: Some(SUBSCRIPTION.to_uppercase()),
        from: jiff::Timestamp::MIN,
        to: jiff::Timestamp::MAX,
        resource_group: None,
        provider: None,
        resource: None,
        decision_id: None,
        caller: None,
        after: None,
        limit: 100,
    }
}

fn targets(activities: &[Activity]) -> Vec<arm::Scope> {
    activities.iter().map(|activity| activity.target.clone()).collect()
}

#[tokio::test]
async fn a_write_and_a_delete_leave_who_did_what_to_what() {
    let mut log = Log::new().await;
    let granted = assignment(&group("rg"), Uuid::new_v4(), log.ann.id, READER);
    let id = granted.id.clone();
    let write = log.permit::<Writes>("Microsoft.Authorization/roleAssignments/write", &id);
    log.fixture.clock.advance_s(2);
    log.fixture.store.write(&write, vec![put(granted)]).await.unwrap();
    log.fixture.clock.advance_s(2);
    let remove = log.permit::<Writes>("Microsoft.Authorization/roleAssignments/delete", &id);
    log.fixture.store.write(&remove, vec![delete(&id)]).await.unwrap();

    for _ in 0..2 {
        let found = log.read(|_| {}).await;
        let [deleted, written] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(written.action, "Microsoft.Authorization/roleAssignments/write");
        assert_eq!((&written.target, written.principal), (&id, log.ann.id));
        assert_eq!((written.caller.as_str(), written.principal_type.as_str()), ("Ann@contoso.com", "User"));
        assert_eq!(written.decision_id, write.decision_id());
        assert_eq!(written.ended_at.duration_since(written.started_at).as_secs(), 2);
        assert_eq!(written.after.as_ref().unwrap().properties["principalId"], log.ann.id.to_string());
        assert_eq!((written.before.as_ref(), deleted.after.as_ref()), (None, None));
        assert_eq!(deleted.before.as_ref().unwrap().id, id);
        assert!(deleted.seq > written.seq);
        log.fixture.reopen().await;
    }
    log.fixture.store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn an_action_without_rows_is_in_the_log_and_in_the_audit_chain() {
    let log = Log::new().await;
    log.make_account("a").await;
    let version = log.fixture.store.world().version;
    let permit = log.permit::<Reads>("Microsoft.CognitiveServices/accounts/listKeys/action", &account("a"));
    let written = log.fixture.store.record(&permit).await.unwrap();
    assert_eq!((written.version, log.fixture.store.world().version), (version + 1, version + 1));
    let newest = log.read(|_| {}).await.remove(0);
    assert_eq!(newest.action, "Microsoft.CognitiveServices/accounts/listKeys/action");
    assert_eq!((newest.before, newest.after), (None, None));
    let audit = log.fixture.store.verify_audit().await.unwrap();
    assert_eq!(audit.records.unsigned_abs(), written.version);

    log.fixture.clock.advance_s(rbac::PERMIT_LIFETIME_S + 1);
    let late = log.fixture.store.record(&permit).await;
    assert!(matches!(late, Err(StoreError::PermitTooOld)), "{late:?}");
}

#[tokio::test]
async fn what_failed_and_what_the_server_does_itself_is_not_in_it() {
    let log = Log::new().await;
    assert_eq!(log.read(|_| {}).await, [], "the first start");
    let permit = log.permit::<Writes>("Microsoft.CognitiveServices/accounts/delete", &account("a"));
    assert!(log.fixture.store.write(&permit, vec![delete(&account("a"))]).await.is_err());
    log.fixture.write(vec![Row::PutObject(object(ObjectKind::Group, "team"))]).await.unwrap();
    assert_eq!(log.read(|_| {}).await, []);
}

#[tokio::test]
async fn what_may_hold_a_secret_is_kept_without_its_body() {
    let log = Log::new().await;
    log.make_account("a").await;
    let project = account("a").child("projects", "p");
    let permit = log.permit::<Writes>("Microsoft.CognitiveServices/accounts/projects/write", &project);
    log.fixture.store.write(&permit, vec![put(resource(project.as_str()))]).await.unwrap();
    let huge = serde_json::json!({ "description": "x".repeat(40_000) });
    log.fixture.store.write(&permit, vec![put(with_properties(resource(project.as_str()), huge))]).await.unwrap();

    let kept: Vec<bool> = log.read(|_| {}).await.iter().map(|activity| activity.after.is_some()).collect();
    assert_eq!(kept, [false, true, false], "too large, a project, an account");
}

#[tokio::test]
async fn the_log_is_asked_by_time_place_provider_caller_and_decision() {
    let log = Log::new().await;
    let first = log.make_account("a").await;
    log.fixture.clock.advance_s(60);
    log.make_account("ab").await;
    let project = account("a").child("projects", "p");
    let permit = log.permit::<Writes>("Microsoft.CognitiveServices/accounts/projects/write", &project);
    log.fixture.store.write(&permit, vec![put(resource(project.as_str()))]).await.unwrap();
    let now = log.fixture.clock.now();

    assert_eq!(targets(&log.read(|_| {}).await), [project.clone(), account("ab"), account("a")]);
    assert_eq!(targets(&log.read(|query| query.from = now).await), [project.clone(), account("ab")]);
    let earlier = now.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
    assert_eq!(targets(&log.read(|query| query.to = earlier).await), [account("a")]);
    let below = log.read(|query| query.resource = Some(account("A"))).await;
    assert_eq!(targets(&below), [project, account("a")], "by whole segments");
    assert_eq!(log.read(|query| query.resource_group = Some("RG".to_owned())).await.len(), 3);
    assert_eq!(log.read(|query| query.resource_group = Some("other".to_owned())).await, []);
    assert_eq!(log.read(|query| query.provider = Some("microsoft.cognitiveservices".to_owned())).await.len(), 3);
    assert_eq!(log.read(|query| query.provider = Some("Microsoft.Authorization".to_owned())).await, []);
    assert_eq!(log.read(|query| query.decision_id = Some(first.decision_id())).await.len(), 1);
    assert_eq!(log.read(|query| query.caller = Some("ann@CONTOSO.com".to_owned())).await.len(), 3);
    assert_eq!(log.read(|query| query.caller = Some(log.ann.id.to_string())).await.len(), 3);
    assert_eq!(log.read(|query| query.caller = Some("bob".to_owned())).await, []);
    assert_eq!(log.read(|query| query.subscription = None).await, [], "the tenant's own");
}

#[tokio::test]
async fn pages_follow_each_other_while_others_write() {
    let log = Log::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        log.make_account(name).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = log
            .read(|query| {
                query.limit = 2;
                query.after = after;
            })
            .await;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        seen.extend(targets(&page));
        log.fixture.clock.advance_s(1);
        log.make_account(&format!("later{}", seen.len())).await;
    }
    assert_eq!(seen, ["e", "d", "c", "b", "a"].map(account), "all at one instant, and nothing twice");
}

#[tokio::test]
async fn what_is_older_than_ninety_days_is_not_shown_and_dropped_by_the_next_write() {
    let log = Log::new().await;
    log.make_account("old").await;
    log.fixture.clock.advance_s(90 * DAY_S);
    assert_eq!(log.read(|_| {}).await.len(), 1, "to the day");
    log.fixture.clock.advance_s(1);
    assert_eq!(log.read(|_| {}).await, []);
    log.make_account("new").await;
    assert_eq!(targets(&log.read(|_| {}).await), [account("new")]);
    log.fixture.store.verify_audit().await.unwrap();
    log.fixture.store.close().await;

    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db", log.fixture.dir.path().display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM activity").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 1);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_closed_store_shows_nothing() {
    let log = Log::new().await;
    log.make_account("a").await;
    assert_eq!(log.read(|_| {}).await.len(), 1);
    log.fixture.store.close().await;
    let refused = log.fixture.store.activities(&all()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_subscription_taken_out_of_its_group_goes_to_the_root_group() {
    let fixture = Fixture::with_group().await;
    let tenant = TenantInfo { id: Uuid::from_u128(7), display_name: "t".to_owned(), default_domain: "t".to_owned() };
    let root = tenant.root_group();
    let inner = scope("/providers/Microsoft.Management/managementGroups/inner");
    let member = inner.child("subscriptions", SUBSCRIPTION);
    let rows = vec![Row::SetTenant(tenant), put(resource(root.as_str())), put(resource(inner.as_str()))];
    fixture.write(rows).await.unwrap();
    fixture.write(vec![put(resource(member.as_str()))]).await.unwrap();
    assert_eq!(fixture.store.world().access.chain(&subscription())[1..], [inner, arm::Scope::root()]);

    fixture.write(vec![delete(&member)]).await.unwrap();

    let world = fixture.store.world();
    assert_eq!(world.access.chain(&subscription())[1..], [root.clone(), arm::Scope::root()]);
    assert!(world.resources.get(&root.child("subscriptions", SUBSCRIPTION)).is_some());
    assert!(world.resources.get(&member).is_none());
}
