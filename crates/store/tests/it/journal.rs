//! The journal of an open store, and reading along.

use std::fs;
use std::io::Write;

use store::journal::{Tail, TailItem};
use store::{ConditionInputs, Journal, Record, Store};
use uuid::Uuid;

use crate::support::*;

fn record(n: u64) -> Record {
    Record {
        request_id: Uuid::from_u128(u128::from(n)),
        plane: "inference".into(),
        status: 200,
        duration_us: n,
        ..Record::default()
    }
}

fn read(tail: &mut Tail) -> Vec<Record> {
    let items = tail.read().unwrap();
    items
        .into_iter()
        .map(|item| match item {
            TailItem::Record(json) => serde_json::from_str(&json).unwrap(),
            TailItem::Damaged { file, offset } => panic!("damaged: {} at {offset}", file.display()),
        })
        .collect()
}

#[tokio::test]
async fn what_is_appended_is_read_in_order_and_as_it_was() {
    let mut fixture = Fixture::new().await;
    let mut tail = Journal::tail(fixture.dir.path()).unwrap();
    assert_eq!(read(&mut tail), []);
    let full = Record {
        target: Some("/subscriptions/x".into()),
        reason: Some("line\nbreak and \u{1f600}".to_owned()),
        via_group: Some(true),
        prompt_tokens: Some(7),
        ..record(1)
    };
    fixture.store.journal().append(&full.clone()).await.unwrap();
    assert_eq!(read(&mut tail), [full]);
    assert_eq!(read(&mut tail), []);
    fixture.reopen().await;
    fixture.store.journal().append(&record(2)).await.unwrap();
    assert_eq!(read(&mut tail), [record(2)]);

    let mut from_end = Tail::from_end(fixture.dir.path()).unwrap();
    fixture.store.journal().append(&record(3)).await.unwrap();
    assert_eq!(read(&mut from_end), [record(3)]);
}

#[tokio::test]
async fn a_record_leaves_out_what_it_does_not_have() {
    let json = serde_json::to_value(record(1)).unwrap();
    assert!(json.get("promptTokens").is_none());
    assert_eq!(json["durationUs"], 1);
    assert_eq!(json["plane"], "inference");
}

#[tokio::test]
async fn records_of_many_writers_are_all_there() {
    let fixture = Fixture::new().await;
    let writers = (0..8_u64).map(|writer| {
        let store = fixture.store.clone();
        tokio::spawn(async move {
            for n in 0..50 {
                store.journal().append(&record(writer * 50 + n)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut seen: Vec<u64> = Vec::new();
    let mut tail = Journal::tail(fixture.dir.path()).unwrap();
    loop {
        let records = read(&mut tail);
        if records.is_empty() {
            break;
        }
        seen.extend(records.iter().map(|record| record.duration_us));
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_torn_last_record_is_cut_off_and_said() {
    let mut fixture = Fixture::new().await;
    fixture.store.journal().append(&record(1)).await.unwrap();
    fixture.store.journal().append(&record(2)).await.unwrap();
    fixture.store.close().await;
    let file = fixture.store.journal().recovery().file.clone();
    let whole = fs::read(&file).unwrap();
    let first_end = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;

    // Cut anywhere inside the last record, its end included.
    for end in [first_end + 1, first_end + 12, whole.len() - 1] {
        fs::write(&file, &whole[..end]).unwrap();
        fixture.store = Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap();
        let recovery = fixture.store.journal().recovery();
        assert_eq!((recovery.records, recovery.damaged_lines), (1, 0));
        assert_eq!(recovery.cut_bytes, (end - first_end) as u64);
        fixture.store.journal().append(&record(3)).await.unwrap();
        assert_eq!(read(&mut Journal::tail(fixture.dir.path()).unwrap()), [record(1), record(3)]);
        fixture.store.close().await;
    }
}

#[tokio::test]
async fn damage_in_the_middle_is_named_and_left_where_it_is() {
    let mut fixture = Fixture::new().await;
    for n in 1..=3 {
        fixture.store.journal().append(&record(n)).await.unwrap();
    }
    fixture.store.close().await;
    let file = fixture.store.journal().recovery().file.clone();
    let mut bytes = fs::read(&file).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[second + 30] ^= 1;
    fs::write(&file, &bytes).unwrap();

    fixture.store = Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap();
    let recovery = fixture.store.journal().recovery();
    assert_eq!((recovery.records, recovery.cut_bytes, recovery.damaged_lines), (2, 0, 1));
    let items = Journal::tail(fixture.dir.path()).unwrap().read().unwrap();
    assert_eq!(items[1], TailItem::Damaged { file, offset: second as u64 });
    assert!(matches!((&items[0], &items[2]), (TailItem::Record(_), TailItem::Record(_))));
}

#[tokio::test]
async fn an_unfinished_line_is_read_when_it_is_finished() {
    let fixture = Fixture::new().await;
    fixture.store.journal().append(&record(1)).await.unwrap();
    fixture.store.journal().append(&record(2)).await.unwrap();
    fixture.store.close().await;
    let file = fixture.store.journal().recovery().file.clone();
    let whole = fs::read(&file).unwrap();
    let half = whole.len() - 20;
    fs::write(&file, &whole[..half]).unwrap();
    let mut tail = Journal::tail(fixture.dir.path()).unwrap();
    assert_eq!(read(&mut tail), [record(1)]);
    assert_eq!(read(&mut tail), []);
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(&whole[half..]).unwrap();
    assert_eq!(read(&mut tail), [record(2)]);
}

#[tokio::test]
async fn a_record_too_large_is_refused_and_a_closed_journal_refuses_all() {
    let fixture = Fixture::new().await;
    let large = Record { reason: Some("x".repeat(1 << 20)), ..record(1) };
    let error = fixture.store.journal().append(&large).await.unwrap_err();
    assert!(matches!(error, store::JournalError::TooLarge { .. }), "{error}");
    fixture.store.journal().append(&record(2)).await.unwrap();
    fixture.store.close().await;
    let error = fixture.store.journal().append(&record(3)).await.unwrap_err();
    assert!(matches!(error, store::JournalError::Unavailable(_)), "{error}");
}

/// A record with something in every field: whoever adds one has to add it here.
fn full() -> Record {
    let text = || Some("x".to_owned());
    let shared = || Some("x".into());
    Record {
        time: jiff::Timestamp::UNIX_EPOCH,
        decision_id: Uuid::nil(),
        request_id: Uuid::nil(),
        plane: "inference".into(),
        method: "POST".into(),
        route: "/".into(),
        target: shared(),
        principal_id: Some(Uuid::nil()),
        principal_type: Some("User".into()),
        principal_label: shared(),
        credential: "token".into(),
        action: Some("x".into()),
        is_data_action: Some(true),
        asked: Some("key".into()),
        outcome: "allowed".into(),
        step: "handler".into(),
        reason: text(),
        assignment: shared(),
        role: Some(Uuid::nil()),
        role_name: shared(),
        via_group: Some(true),
        deny_assignment: text(),
        condition_inputs: Some(ConditionInputs::default()),
        status: 200,
        snapshot_version: 1,
        account: text(),
        project: text(),
        deployment: shared(),
        model: shared(),
        upstream: shared(),
        agent: text(),
        run: text(),
        on_behalf_of: Some(Uuid::nil()),
        connection: text(),
        connection_identity: Some(Uuid::nil()),
        credential_kind: Some("ApiKey".into()),
        upstream_host: text(),
        prompt_tokens: Some(1),
        completion_tokens: Some(1),
        cached_input_tokens: Some(1),
        cache_write_tokens: Some(1),
        reasoning_tokens: Some(1),
        usage_estimated: Some(true),
        first_byte_us: Some(1),
        duration_us: 1,
        finish: Some("x".into()),
        sampled_of: Some(1),
    }
}

#[test]
fn every_field_of_a_record_is_told_of_and_no_other() {
    let told = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/journal.md")).unwrap();
    let first_cells = told.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let mut told: Vec<&str> = first_cells.flat_map(|cell| cell.trim_end_matches('`').split("`, `")).collect();
    let full = serde_json::to_value(full()).unwrap();
    let mut fields: Vec<&str> = full.as_object().unwrap().keys().map(String::as_str).collect();
    told.sort_unstable();
    fields.sort_unstable();
    assert_eq!(told, fields);
}
