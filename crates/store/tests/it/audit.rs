//! The audit trail: one record per write, and no change to it goes unnoticed.

use std::path::Path;

use sqlx::{Connection, Row as _};
use store::{Store, StoreError};

use crate::support::*;

/// Changes the database behind the store's back.
async fn tamper(dir: &Path, sql: &'static str) {
    let mut connection = connect(dir).await;
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn connect(dir: &Path) -> sqlx::AnyConnection {
    sqlx::any::install_default_drivers();
    sqlx::AnyConnection::connect(&format!("sqlite://{}/cupola.db", dir.display())).await.unwrap()
}

async fn with_five_writes() -> Fixture {
    let mut fixture = Fixture::with_group().await;
    for name in ["a", "b", "c", "d"] {
        fixture.write(vec![put(resource(account(name).as_str()))]).await.unwrap();
    }
    fixture.reopen().await;
    fixture
}

#[tokio::test]
async fn every_write_leaves_one_record_that_says_who_and_what() {
    let fixture = with_five_writes().await;
    let refused = fixture.write(vec![delete(&account("nowhere"))]).await;
    assert!(refused.is_err());
    let state = fixture.store.verify_audit().await.unwrap();
    assert_eq!(state.records, 5);
    assert_eq!(state.records.unsigned_abs(), fixture.store.world().version);
    fixture.store.close().await;

    let mut connection = connect(fixture.dir.path()).await;
    let row = sqlx::query("SELECT principal_type, action, scope, touched, hash FROM audit WHERE seq = 5")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let text = |column: usize| row.get::<String, _>(column);
    assert_eq!(text(0), "Task");
    assert_eq!(text(1), "Cupola.Server/firstStart/action");
    assert_eq!(text(2), "/");
    assert!(text(3).contains(account("d").as_str()) && text(3).contains("\"before\":null"), "{}", text(3));
    assert_eq!(text(4), state.last_hash);
    let changes = sqlx::query("SELECT version FROM change").fetch_all(&mut connection).await.unwrap();
    assert_eq!(changes.len(), 5);
}

#[tokio::test]
async fn the_first_record_that_was_tampered_with_is_named() {
    for (sql, seq) in [
        ("UPDATE audit SET scope = '/elsewhere' WHERE seq = 3", 3),
        ("UPDATE audit SET touched = '[]' WHERE seq = 1", 1),
        ("UPDATE audit SET hash = prev_hash WHERE seq = 4", 4),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 5", 5),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99",
            2,
        ),
        ("DELETE FROM audit", 1),
    ] {
        let fixture = with_five_writes().await;
        fixture.store.close().await;
        tamper(fixture.dir.path(), sql).await;
        let store = Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap();
        let error = store.verify_audit().await.unwrap_err();
        assert!(matches!(error, StoreError::AuditBroken { seq: found, .. } if found == seq), "{sql}: {error}");
    }
}
