//! Starts that are refused, and what they leave behind: nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::Connection;
use store::{Store, StoreError};

use crate::support::*;

async fn refusal(dir: &Path) -> StoreError {
    let error = Store::open(dir, TestClock::new()).await.expect_err("the folder is refused");
    assert!(!error.to_string().contains('\n'), "one line: {error}");
    error
}

/// A folder that a store has been in.
async fn used() -> tempfile::TempDir {
    let fixture = Fixture::with_group().await;
    fixture.store.close().await;
    fixture.dir
}

async fn run(dir: &Path, sql: &'static str) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db", dir.display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_new_folder_is_made_for_its_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("new folder/with % and ? and # and ü");
    let store = Store::open(&dir, TestClock::new()).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("master.key")), 0o600);
    assert_eq!(fs::read(dir.join("master.key")).unwrap().len(), 32);
    store.close().await;
    assert_eq!(files(&dir), ["cupola.db", "master.key"]);
    Store::open(&dir, TestClock::new()).await.unwrap().close().await;
}

#[tokio::test]
async fn a_folder_in_use_is_refused_until_it_is_free() {
    let fixture = Fixture::with_group().await;
    let error = refusal(fixture.dir.path()).await;
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    fixture.store.close().await;
    let late = fixture.write(vec![put(resource(account("a").as_str()))]).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    Store::open(fixture.dir.path(), fixture.clock.clone()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_folder_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "mine").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = refusal(&path).await;
        assert!(matches!(error, StoreError::Folder(_)), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(files(parent.path()), ["file"]);
    let error = refusal(Path::new("/proc/self/cupola")).await;
    assert!(matches!(error, StoreError::Folder(_)), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(parent.path().join("probe"), "").is_ok() {
        // Root may write anywhere: for it, only a file system that refuses is not writable.
        let error = refusal(Path::new("/proc")).await;
        assert!(matches!(error, StoreError::Folder(_)), "{error}");
        return;
    }
    let error = refusal(parent.path()).await;
    assert!(matches!(error, StoreError::Folder(_)), "{error}");
    assert_eq!(files(parent.path()), [""; 0]);
}

#[tokio::test]
async fn garbage_is_not_taken_for_a_database_and_is_left_alone() {
    let page = vec![0x5a_u8; 4096];
    for garbage in [&b"hello"[..], &b""[..], &page[..], &b"SQLite format 3\0and then nothing"[..]] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("cupola.db"), garbage).unwrap();
        let error = refusal(dir.path()).await;
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
        assert_eq!(files(dir.path()), ["cupola.db"]);
        assert_eq!(fs::read(dir.path().join("cupola.db")).unwrap(), garbage);
    }
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let dir = used().await;
    let path = dir.path().join("cupola.db");
    let mut bytes = fs::read(&path).unwrap();
    // All but the first page, which has the header and the schema's root.
    bytes[4096..].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let before = files(dir.path());
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    assert_eq!(files(dir.path()), before);
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/cupola.db?mode=rwc", dir.path().display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE pets (name TEXT)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    assert_eq!(files(dir.path()), ["cupola.db"]);
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_not_touched() {
    let dir = used().await;
    run(dir.path(), "UPDATE schema_version SET version = 1000").await;
    let before = (files(dir.path()), fs::read(dir.path().join("cupola.db")).unwrap());
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::NewerSchema { found: 1000, .. }), "{error}");
    assert_eq!((files(dir.path()), fs::read(dir.path().join("cupola.db")).unwrap()), before);
}

#[tokio::test]
async fn a_master_key_that_is_not_this_ones_is_refused() {
    let dir = used().await;
    let path = dir.path().join("master.key");
    let right = fs::read(&path).unwrap();

    fs::write(&path, [7_u8; 32]).unwrap();
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::MasterKey(_)), "{error}");

    fs::write(&path, [7_u8; 31]).unwrap();
    assert!(refusal(dir.path()).await.to_string().contains("31 bytes"));

    fs::remove_file(&path).unwrap();
    assert!(refusal(dir.path()).await.to_string().contains("is missing"));
    assert!(!path.exists(), "a new key would hide the loss");

    fs::write(&path, right).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refusal(dir.path()).await.to_string().contains("chmod 600"));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    Store::open(dir.path(), TestClock::new()).await.unwrap();
}

#[tokio::test]
async fn rows_that_make_no_world_are_damage() {
    let dir = used().await;
    run(dir.path(), "UPDATE resource SET body = '{}'").await;
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}

#[tokio::test]
async fn a_first_start_that_was_cut_off_is_done_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("cupola.db.new"), "half a database").unwrap();
    fs::write(dir.path().join("cupola.db.new-journal"), "half a journal").unwrap();
    fs::write(dir.path().join("master.key.new"), "half a key").unwrap();
    let store = Store::open(dir.path(), TestClock::new()).await.unwrap();
    store.close().await;
    assert_eq!(files(dir.path()), ["cupola.db", "master.key"]);
}

#[tokio::test]
async fn a_journal_that_cannot_be_is_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("journal"), "mine").unwrap();
    let error = refusal(dir.path()).await;
    assert!(matches!(error, StoreError::Folder(_)), "{error}");
    assert_eq!(files(dir.path()), ["journal"]);
}
