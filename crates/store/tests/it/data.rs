//! What inference and agents keep: written whole, for its very place, sealed, and gone with its account or project.

use std::fs;

use jiff::SignedDuration;
use rbac::{Permit, Reads, RowKind, Writes};
use serde_json::{Value, json};
use sqlx::{Connection, Row as _};
use store::{
    Clock, DataChange, DataError, DataKey, DataKind, DataObject, DataPrecondition, DataQuery, DataStamp, NewDataObject,
    StoreError,
};
use tokio::task::JoinSet;

use crate::support::*;

const CANARY: &str = "canary-what-nobody-else-may-read";
const HOUR_S: i64 = 60 * 60;

impl Fixture {
    fn reads(&self, at: &arm::Scope) -> Permit<Reads> {
        data_permit(&self.store, at)
    }

    async fn keep(&self, changes: Vec<DataChange>) -> Result<Vec<DataStamp>, DataError> {
        let scope = changes[0].key().scope.clone();
        self.store.write_data(&self.reads(&scope), changes).await
    }

    async fn see(&self, key: &DataKey) -> Option<DataObject> {
        self.store.data_object(&self.reads(&key.scope), key).await.unwrap()
    }

    async fn body(&self, key: &DataKey) -> Option<Value> {
        self.see(key).await.map(|object| object.body)
    }
}

fn response(id: &str) -> DataKey {
    DataKey::new(DataKind::Response, &project("p"), id)
}

fn conversation(id: &str) -> DataKey {
    DataKey::new(DataKind::Conversation, &project("p"), id)
}

fn item(conversation_id: &str, id: &str) -> DataKey {
    conversation(conversation_id).part(DataKind::ConversationItem, id)
}

fn put_if(key: DataKey, precondition: DataPrecondition, body: Value) -> DataChange {
    DataChange::Put(NewDataObject { precondition, ..new_object(key, body) })
}

async fn rows_in_file(fixture: &Fixture) -> i64 {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db", fixture.dir.path().display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM data_object").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    row.get(0)
}

#[tokio::test]
async fn what_was_put_is_there_also_after_a_restart_and_replaced_it_keeps_its_place() {
    let mut fixture = Fixture::with_projects().await;
    let body = json!({ "z": 1, "a": ["ä", null, 1.5] });
    let first = fixture.keep(vec![put_object(response("r"), body.clone())]).await.unwrap()[0];
    assert_eq!((first.seq, first.created_at.as_microsecond()), (first.version, fixture.clock.now().as_microsecond()));
    fixture.reopen().await;
    let found = fixture.see(&response("r")).await.unwrap();
    assert_eq!(found.body.to_string(), body.to_string(), "with its fields in their order");
    assert_eq!((found.key, found.stamp.seq, found.expires_at), (response("r"), first.seq, None));
    assert!(fixture.see(&response("R")).await.is_none(), "ids have their case");
    assert!(fixture.see(&DataKey::new(DataKind::Run, &project("p"), "r")).await.is_none());

    fixture.clock.advance_s(5);
    let second = fixture.keep(vec![put_object(response("r"), json!(2))]).await.unwrap()[0];
    assert_eq!(second.seq, first.seq);
    assert!(second.version > first.version);
    let found = fixture.see(&response("r")).await.unwrap();
    assert_eq!((found.stamp, found.body), (second, json!(2)));
}

#[tokio::test]
async fn a_write_is_whole_or_not_at_all() {
    let fixture = Fixture::with_projects().await;
    fixture.keep(vec![put_object(response("old"), json!("old"))]).await.unwrap();
    let absent = |id: &str| put_if(response(id), DataPrecondition::Absent, json!("new"));
    let refused = fixture
        .keep(vec![absent("one"), put_object(response("old"), json!("new")), DataChange::Delete(response("none"))])
        .await;
    assert!(matches!(&refused, Err(DataError::NotFound { key }) if key.id == "none"), "{refused:?}");
    let refused =
        fixture.keep(vec![absent("one"), DataChange::Delete(response("old")), absent("two"), absent("two")]).await;
    assert!(matches!(&refused, Err(DataError::Exists { key }) if key.id == "two"), "{refused:?}");
    assert_eq!(fixture.body(&response("one")).await, None);
    assert_eq!(fixture.body(&response("old")).await, Some(json!("old")));
    let moved = vec![DataChange::Delete(response("old")), absent("old"), absent("one")];
    assert_eq!(fixture.keep(moved).await.unwrap().len(), 2, "in order");
    assert_eq!(fixture.body(&response("old")).await, Some(json!("new")));
    assert!(matches!(fixture.keep_nothing().await, Err(DataError::Invalid { .. })));
}

impl Fixture {
    async fn keep_nothing(&self) -> Result<Vec<DataStamp>, DataError> {
        self.store.write_data(&self.reads(&project("p")), Vec::new()).await
    }
}

#[tokio::test]
async fn a_precondition_is_of_what_is_stored() {
    let fixture = Fixture::with_projects().await;
    let put = |precondition, body: i32| fixture.keep(vec![put_if(response("r"), precondition, json!(body))]);
    for missing in [DataPrecondition::Present, DataPrecondition::Version(1)] {
        let refused = put(missing, 0).await;
        assert!(matches!(refused, Err(DataError::NotFound { .. })), "{refused:?}");
    }
    let made = put(DataPrecondition::Absent, 1).await.unwrap()[0];
    assert!(matches!(put(DataPrecondition::Absent, 2).await, Err(DataError::Exists { .. })));
    let changed = put(DataPrecondition::Version(made.version), 3).await.unwrap()[0];
    let late = put(DataPrecondition::Version(made.version), 4).await;
    assert!(matches!(late, Err(DataError::Changed { current, .. }) if current == changed.version), "{late:?}");
    put(DataPrecondition::Present, 5).await.unwrap();
    assert_eq!(fixture.body(&response("r")).await, Some(json!(5)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_make_the_same_object_one_does() {
    let fixture = Fixture::with_projects().await;
    let mut writers = JoinSet::new();
    for n in 0..32 {
        let (store, permit) = (fixture.store.clone(), fixture.reads(&project("p")));
        writers.spawn(async move {
            let own = put_object(response(&format!("own{n}")), json!(n));
            let changes = vec![own, put_if(response("same"), DataPrecondition::Absent, json!(n))];
            match store.write_data(&permit, changes).await {
                Ok(stamps) => Some((n, stamps)),
                Err(DataError::Exists { .. }) => None,
                Err(other) => panic!("{other}"),
            }
        });
    }
    let won: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    let [(n, stamps)] = &won[..] else { panic!("{won:?}") };
    let found = fixture.see(&response("same")).await.unwrap();
    assert_eq!((found.body, found.stamp), (json!(n), stamps[1]));
    let query = DataQuery::first(DataKind::Response, &project("p"), None, 100);
    assert_eq!(
        fixture.store.count_data(&fixture.reads(&project("p")), &query).await.unwrap(),
        2,
        "the losers left nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_objects_and_of_resources_do_not_lose_each_others_rows() {
    let fixture = Fixture::with_projects().await;
    let mut writers = JoinSet::new();
    for n in 0..40 {
        let (store, data, server) =
            (fixture.store.clone(), fixture.reads(&project("p")), server_permit(fixture.clock.now()));
        writers.spawn(async move {
            if n % 4 == 0 {
                store.write(&server, vec![put(resource(account(&format!("x{n}")).as_str()))]).await.unwrap();
            } else {
                store.write_data(&data, vec![put_object(response(&format!("r{n}")), json!(n))]).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let version = fixture.store.world().version;
    let query = DataQuery::first(DataKind::Response, &project("p"), None, 100);
    let page = fixture.store.data_objects(&fixture.reads(&project("p")), &query).await.unwrap();
    assert_eq!((page.objects.len(), page.has_more), (30, false));
    assert_eq!(version, 11, "objects are no part of the world");
    assert_eq!(fixture.store.verify_audit().await.unwrap().records, 11);
}

#[tokio::test]
async fn what_was_said_is_in_no_file_in_clear() {
    let mut fixture = Fixture::with_projects().await;
    let said = json!({ "output": [{ "content": CANARY }] });
    fixture.keep(vec![put_object(response("r"), said.clone())]).await.unwrap();
    fixture
        .keep(vec![put_object(conversation("c"), json!({})), put_object(item("c", "i"), said.clone())])
        .await
        .unwrap();
    let holds = |fixture: &Fixture, text: &str| {
        files(fixture.dir.path()).into_iter().any(|file| {
            let bytes = fs::read(fixture.dir.path().join(file)).unwrap();
            bytes.windows(text.len()).any(|part| part == text.as_bytes())
        })
    };
    assert!(files(fixture.dir.path()).iter().any(|file| file.ends_with("-wal")));
    assert!(holds(&fixture, "conversationItem"), "the search finds what is there");
    assert!(!holds(&fixture, CANARY) && !holds(&fixture, &CANARY[7..20]));
    fixture.reopen().await;
    assert!(!holds(&fixture, CANARY));
    assert_eq!(fixture.body(&item("c", "i")).await, Some(said));
}

#[tokio::test]
async fn a_body_moved_to_another_row_does_not_open() {
    let mut fixture = Fixture::with_projects().await;
    fixture.keep(vec![put_object(response("mine"), json!("mine"))]).await.unwrap();
    fixture
        .store
        .write_data(
            &fixture.reads(&project("q")),
            vec![put_object(DataKey::new(DataKind::Response, &project("q"), "theirs"), json!(CANARY))],
        )
        .await
        .unwrap();
    fixture.store.close().await;
    let url = format!("sqlite://{}/cupola.db", fixture.dir.path().display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE data_object SET body = (SELECT body FROM data_object WHERE id = 'theirs') WHERE id = 'mine'")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    fixture.reopen().await;
    let opened = fixture.store.data_object(&fixture.reads(&project("p")), &response("mine")).await;
    assert!(matches!(opened, Err(DataError::Store(StoreError::Damaged(_)))), "{opened:?}");
}

#[tokio::test]
async fn a_part_needs_the_whole_and_goes_with_it() {
    let fixture = Fixture::with_projects().await;
    let orphan = fixture.keep(vec![put_object(item("c", "i"), json!(1))]).await;
    assert!(matches!(&orphan, Err(DataError::NotFound { key }) if *key == conversation("c")), "{orphan:?}");
    let both = ["c", "d"].map(|id| vec![put_object(conversation(id), json!({})), put_object(item(id, "i"), json!(id))]);
    fixture.keep(both.into_iter().flatten().collect()).await.unwrap();
    assert_eq!(fixture.body(&item("d", "i")).await, Some(json!("d")), "the same id in another conversation");
    fixture.keep(vec![put_object(response("c"), json!({}))]).await.unwrap();

    fixture.keep(vec![DataChange::Delete(conversation("c"))]).await.unwrap();
    assert_eq!(fixture.body(&item("c", "i")).await, None);
    assert_eq!(fixture.body(&item("d", "i")).await, Some(json!("d")));
    assert!(fixture.see(&response("c")).await.is_some());
    fixture.keep(vec![DataChange::Delete(item("d", "i"))]).await.unwrap();
    assert!(fixture.see(&conversation("d")).await.is_some());
    let again = fixture.keep(vec![DataChange::Delete(conversation("c"))]).await;
    assert!(matches!(again, Err(DataError::NotFound { .. })), "{again:?}");
    assert_eq!(rows_in_file(&fixture).await, 2);
}

#[tokio::test]
async fn a_key_that_no_object_can_have_is_refused() {
    let fixture = Fixture::with_projects().await;
    let with_parent = DataKey { parent: Some("c".to_owned()), ..conversation("c") };
    let without = DataKey { parent: None, ..item("c", "i") };
    for key in [with_parent, without, response(""), response("a\nb"), response(&"x".repeat(257))] {
        let refused = fixture.keep(vec![put_object(key.clone(), json!(1))]).await;
        assert!(matches!(refused, Err(DataError::Invalid { .. })), "{key:?}: {refused:?}");
    }
    fixture.keep(vec![put_object(response(&"x".repeat(256)), json!(1))]).await.unwrap();
}

#[tokio::test]
async fn a_permit_is_for_one_place_and_for_objects() {
    let fixture = Fixture::with_projects().await;
    fixture.keep(vec![put_object(response("r"), json!(1))]).await.unwrap();
    let query = DataQuery::first(DataKind::Response, &project("p"), None, 10);
    let elsewhere = [fixture.reads(&project("q")), fixture.reads(&account("a")), fixture.reads(&subscription())];
    let other_rows = data_permit_for::<Reads>(&fixture.store, &project("p"), &[RowKind::Resource]);
    for permit in elsewhere.iter().chain([&other_rows]) {
        let covers = |error: DataError| matches!(error, DataError::Store(StoreError::PermitDoesNotCover { .. }));
        assert!(covers(fixture.store.data_object(permit, &response("r")).await.unwrap_err()), "{permit:?}");
        assert!(covers(fixture.store.data_objects(permit, &query).await.unwrap_err()), "{permit:?}");
        assert!(covers(fixture.store.count_data(permit, &query).await.unwrap_err()), "{permit:?}");
        let changes = [put_object(response("r"), json!(2)), DataChange::Delete(response("r"))];
        for change in changes {
            assert!(covers(fixture.store.write_data(permit, vec![change]).await.unwrap_err()), "{permit:?}");
        }
    }
    // One change elsewhere is enough.
    let other = DataKey::new(DataKind::Response, &project("q"), "r");
    let mixed = fixture.keep(vec![put_object(response("s"), json!(1)), put_object(other, json!(1))]).await;
    assert!(matches!(mixed, Err(DataError::Store(StoreError::PermitDoesNotCover { .. }))), "{mixed:?}");
    assert_eq!(fixture.body(&response("s")).await, None);
    assert_eq!(fixture.body(&response("r")).await, Some(json!(1)));
    // What is neither account nor project keeps nothing.
    let at_group = DataKey::new(DataKind::Response, &group("rg"), "r");
    let nowhere = fixture.keep(vec![put_object(at_group, json!(1))]).await;
    assert!(matches!(nowhere, Err(DataError::Store(StoreError::Invalid { .. }))), "{nowhere:?}");
    // An account has objects of its own.
    let own = DataKey::new(DataKind::Response, &account("A"), "r");
    let permit = data_permit::<Writes>(&fixture.store, &account("a"));
    fixture.store.write_data(&permit, vec![put_object(own.clone(), json!(3))]).await.unwrap();
    assert_eq!(fixture.body(&own).await, Some(json!(3)));
    assert_eq!(fixture.body(&response("r")).await, Some(json!(1)));
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
async fn what_was_being_done_goes_on_everywhere_one_place_at_a_time() {
    let fixture = Fixture::with_projects().await;
    let permit = |task| rbac::for_task::<Reads>(task, uuid::Uuid::now_v7(), fixture.clock.now());
    let there = DataKey::new(DataKind::Run, &project("q"), "r");
    let here = DataKey::new(DataKind::Run, &project("p"), "r");
    let goes_on = permit(rbac::Task::ResumeRuns);
    for key in [&here, &there] {
        fixture.store.write_data(&goes_on, vec![put_object(key.clone(), json!(1))]).await.unwrap();
        assert_eq!(fixture.store.data_object(&goes_on, key).await.unwrap().unwrap().body, json!(1));
    }
    let both =
        fixture.store.write_data(&goes_on, vec![DataChange::Delete(here.clone()), DataChange::Delete(there)]).await;
    assert!(matches!(both, Err(DataError::Invalid { .. })), "{both:?}");
    let other_task = fixture.store.data_object(&permit(rbac::Task::FirstStart), &here).await;
    assert!(matches!(other_task, Err(DataError::Store(StoreError::PermitDoesNotCover { .. }))), "{other_task:?}");
}

#[tokio::test]
async fn a_long_answer_may_be_kept_and_nothing_be_read_with_an_old_permit() {
    let fixture = Fixture::with_projects().await;
    let permit = fixture.reads(&project("p"));
    fixture.clock.advance_s(HOUR_S);
    fixture.store.write_data(&permit, vec![put_object(response("r"), json!(1))]).await.unwrap();
    let late = fixture.store.data_object(&permit, &response("r")).await;
    assert!(matches!(late, Err(DataError::Store(StoreError::PermitTooOld))), "{late:?}");
    fixture.clock.advance_s(1);
    let late = fixture.store.write_data(&permit, vec![put_object(response("r"), json!(2))]).await;
    assert!(matches!(late, Err(DataError::Store(StoreError::PermitTooOld))), "{late:?}");
    assert_eq!(fixture.body(&response("r")).await, Some(json!(1)));
}

#[tokio::test]
async fn objects_go_with_their_project_and_a_new_one_of_its_name_has_none() {
    let fixture = Fixture::with_projects().await;
    let other = DataKey::new(DataKind::Response, &project("q"), "r");
    let own = DataKey::new(DataKind::Response, &account("a"), "r");
    let changes = vec![
        put_object(response("r"), json!(1)),
        put_object(conversation("c"), json!(1)),
        put_object(item("c", "i"), json!(1)),
    ];
    fixture.keep(changes).await.unwrap();
    for key in [&other, &own] {
        fixture.keep(vec![put_object(key.clone(), json!(1))]).await.unwrap();
    }
    // Put again, the project is the same one.
    fixture.write(vec![put(resource(project("P").as_str()))]).await.unwrap();
    assert!(fixture.see(&item("c", "i")).await.is_some());

    let in_flight = fixture.reads(&project("p"));
    fixture.write(vec![delete(&project("p"))]).await.unwrap();
    assert_eq!(rows_in_file(&fixture).await, 2);
    let gone = fixture.store.write_data(&in_flight, vec![put_object(response("r"), json!(2))]).await;
    assert!(matches!(gone, Err(DataError::ScopeGone { .. })), "{gone:?}");

    fixture.clock.advance_s(1);
    let mut again = resource(project("p").as_str());
    again.system_data.created_at = fixture.clock.now();
    fixture.write(vec![put(again)]).await.unwrap();
    let gone = fixture.store.write_data(&in_flight, vec![put_object(response("r"), json!(2))]).await;
    assert!(matches!(gone, Err(DataError::ScopeGone { .. })), "decided for the one before it: {gone:?}");
    for key in [response("r"), conversation("c"), item("c", "i")] {
        assert!(fixture.see(&key).await.is_none(), "{key:?}");
    }
    fixture.keep(vec![put_object(response("r"), json!(3))]).await.unwrap();

    fixture.write(vec![delete(&account("a"))]).await.unwrap();
    assert_eq!(rows_in_file(&fixture).await, 0);
}

#[tokio::test]
async fn what_has_expired_is_not_there_and_its_space_is_freed() {
    let fixture = Fixture::with_projects().await;
    let end = fixture.clock.now().checked_add(SignedDuration::from_secs(10)).unwrap();
    let until = |key, body| DataChange::Put(NewDataObject { expires_at: Some(end), ..new_object(key, body) });
    let input = response("short").part(DataKind::ResponseInput, "i");
    let changes = vec![until(response("short"), json!(1)), put_object(input.clone(), json!(1))];
    fixture.keep(changes).await.unwrap();
    fixture.keep(vec![put_object(response("long"), json!(1)), until(response("again"), json!(1))]).await.unwrap();
    let many = (0..600).map(|n| until(response(&format!("m{n}")), json!(n))).collect();
    fixture.keep(many).await.unwrap();
    fixture.clock.advance_s(9);
    assert_eq!(fixture.see(&response("short")).await.unwrap().expires_at.unwrap().as_second(), end.as_second());
    assert_eq!(fixture.store.purge_expired().await.unwrap(), 0);
    assert!(fixture.see(&input).await.is_some());

    fixture.clock.advance_s(1);
    for key in [response("short"), input.clone(), response("again")] {
        assert!(fixture.see(&key).await.is_none(), "{key:?}");
        let delete = fixture.keep(vec![DataChange::Delete(key)]).await;
        assert!(matches!(delete, Err(DataError::NotFound { .. })), "{delete:?}");
    }
    let all = DataQuery::first(DataKind::Response, &project("p"), None, 10);
    let inputs = DataQuery { kind: DataKind::ResponseInput, parent: Some("short".to_owned()), ..all.clone() };
    let permit = fixture.reads(&project("p"));
    assert_eq!(fixture.store.count_data(&permit, &all).await.unwrap(), 1);
    assert_eq!(fixture.store.data_objects(&permit, &inputs).await.unwrap().objects, []);
    let orphan = fixture.keep(vec![put_object(input, json!(2))]).await;
    assert!(matches!(orphan, Err(DataError::NotFound { .. })), "{orphan:?}");
    fixture.keep(vec![put_if(response("again"), DataPrecondition::Absent, json!(2))]).await.unwrap();
    assert_eq!(rows_in_file(&fixture).await, 604);

    assert_eq!(fixture.store.purge_expired().await.unwrap(), 602);
    assert_eq!(rows_in_file(&fixture).await, 2);
    assert_eq!(fixture.body(&response("again")).await, Some(json!(2)));
}

#[tokio::test]
async fn a_closed_store_keeps_and_shows_nothing() {
    let fixture = Fixture::with_projects().await;
    fixture.keep(vec![put_object(response("r"), json!(1))]).await.unwrap();
    assert!(fixture.see(&response("r")).await.is_some());
    fixture.store.close().await;
    let refused = fixture.keep(vec![put_object(response("s"), json!(1))]).await;
    assert!(matches!(refused, Err(DataError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    let refused = fixture.store.data_object(&fixture.reads(&project("p")), &response("r")).await;
    assert!(matches!(refused, Err(DataError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert!(fixture.store.purge_expired().await.is_err());
}
