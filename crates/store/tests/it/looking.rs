//! Looking into a data folder: a decision in its journal, and the world in its database, beside the server and after it.

use std::fs;
use std::path::Path;

use store::{ConditionInputs, Journal, JournalError, Record, Store, StoreError, read_only};
use uuid::Uuid;

use crate::support::*;

fn record(n: u128) -> Record {
    Record { decision_id: Uuid::from_u128(n), outcome: "refused".into(), ..Record::default() }
}

fn find(dir: &Path, n: u128) -> Option<Record> {
    Journal::find(dir, Uuid::from_u128(n)).unwrap()
}

#[tokio::test]
async fn a_decision_is_found_by_its_id_in_whichever_file_it_is() {
    let fixture = Fixture::new().await;
    let dir = fixture.dir.path();
    assert_eq!(find(dir, 1), None);
    let inputs = ConditionInputs { request: [("a".to_owned(), vec!["b".to_owned()])].into(), ..Default::default() };
    let conditional = Record { condition_inputs: Some(inputs), deny_assignment: Some("/d".to_owned()), ..record(2) };
    for record in [record(1), conditional.clone(), record(3)] {
        fixture.store.journal().append(&record).await.unwrap();
    }
    assert_eq!(find(dir, 2), Some(conditional.clone()));
    // The files that followed it.
    for number in [2, 3] {
        fs::copy(dir.join("journal/0000000001.log"), dir.join(format!("journal/{number:010}.log"))).unwrap();
    }
    fs::write(dir.join("journal/0000000003.log"), "").unwrap();
    assert_eq!((find(dir, 2), find(dir, 1)), (Some(conditional), Some(record(1))));
    assert_eq!(find(dir, 4), None);
}

#[tokio::test]
async fn a_damaged_record_is_said_to_be_there_and_an_unfinished_one_is_not_yet() {
    let fixture = Fixture::new().await;
    for n in 1..=2 {
        fixture.store.journal().append(&record(n)).await.unwrap();
    }
    fixture.store.close().await;
    let (dir, file) = (fixture.dir.path(), fixture.store.journal().recovery().file.clone());
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(find(dir, 2), None);
    let mut damaged = whole.clone();
    damaged[0] = if damaged[0] == b'0' { b'1' } else { b'0' };
    fs::write(&file, &damaged).unwrap();
    let error = Journal::find(dir, Uuid::from_u128(1)).unwrap_err();
    assert!(matches!(error, JournalError::Unreadable { .. }) && error.to_string().contains("byte 0"), "{error}");
    assert_eq!(find(dir, 2), Some(record(2)));
}

#[tokio::test]
async fn the_world_is_read_beside_the_open_store_and_after_it() {
    let mut fixture = Fixture::with_group().await;
    fixture.write(vec![put(resource(account("a").as_str()))]).await.unwrap();
    let seen = read_only(fixture.dir.path()).await.unwrap();
    assert_eq!(seen.version, fixture.store.world().version);
    assert!(seen.resources.get(&account("a")).is_some());
    fixture.write(vec![put(resource(account("b").as_str()))]).await.unwrap();
    assert!(seen.resources.get(&account("b")).is_none());
    assert!(read_only(fixture.dir.path()).await.unwrap().resources.get(&account("b")).is_some());
    fixture.store.close().await;
    let database = || fs::read(fixture.dir.path().join("cupola.db")).unwrap();
    let before = (files(fixture.dir.path()), database());
    assert!(read_only(fixture.dir.path()).await.unwrap().resources.get(&account("b")).is_some());
    assert_eq!(files(fixture.dir.path()), before.0, "nothing is left behind");
    assert!(database() == before.1, "the database is as it was, byte for byte");
    fixture.store = Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap();
    assert!(fixture.store.world().resources.get(&account("b")).is_some());
}

#[tokio::test]
async fn what_is_no_data_folder_is_named_and_stays_empty() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_only(dir.path()).await.err().unwrap();
    assert!(matches!(&error, StoreError::Folder(said) if said.contains("cupola.db")), "{error}");
    assert!(files(dir.path()).is_empty());
    assert!(matches!(Journal::find(dir.path(), Uuid::nil()), Err(JournalError::Unreadable { .. })));
    fs::write(dir.path().join("cupola.db"), [7_u8; 8192]).unwrap();
    let error = read_only(dir.path()).await.err().unwrap();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}
