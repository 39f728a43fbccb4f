#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;
use crate::engine;

#[tokio::test]
async fn a_failed_migration_stops_and_leaves_the_version_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut connection = engine::create(&dir.path().join("t.db")).await.unwrap();
    begin(&mut connection).await.unwrap();

    let texts: &[&str] = &["CREATE TABLE one (a TEXT);", "CREATE TABLE two (a TEXT); CREATE TABLE one (b TEXT);"];
    let error = run_all(&mut connection, texts).await.unwrap_err();

    assert!(matches!(error, StoreError::Migration { version: 2, .. }), "{error}");
    assert_eq!(found(&mut connection).await.unwrap(), 1);
    let tables =
        sqlx::query("SELECT name FROM sqlite_master WHERE name = 'two'").fetch_all(&mut connection).await.unwrap();
    assert!(tables.is_empty(), "the failed step left a table behind");
}
