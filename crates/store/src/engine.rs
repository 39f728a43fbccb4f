//! All that differs between the databases: how to connect, what to switch on, how to tell damage from a full disk.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::any::AnyConnectOptions;
use sqlx::{Any, AnyConnection, Connection, Row, Transaction};

use crate::error::StoreError;

/// A transaction on whichever database.
pub(crate) type Tx<'t> = Transaction<'t, Any>;

/// What would end or change a path inside a connection URL.
const IN_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// Acknowledged means on the disk (FULL), readers never wait (WAL), a foreign writer is waited for, for two seconds.
const SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000;";
/// A database that has no name yet has one file only, to be renamed when it is closed.
const SETTINGS_UNFINISHED: &str = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
/// Who only looks changes no setting of the database, and cannot write by mistake.
const SETTINGS_READ_ONLY: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 2000;";

/// Opens the database of a running server.
pub(crate) async fn open(path: &Path) -> Result<AnyConnection, StoreError> {
    switch_on(connect(path, "rw").await?, SETTINGS).await
}

/// Opens a database to look into it, also while a server writes it. Not as a read-only file: the last one to close it
/// could then not remove the files beside it, which it had to make.
pub(crate) async fn open_read_only(path: &Path) -> Result<AnyConnection, StoreError> {
    switch_on(connect(path, "rw").await?, SETTINGS_READ_ONLY).await
}

/// Makes a new database file.
pub(crate) async fn create(path: &Path) -> Result<AnyConnection, StoreError> {
    switch_on(connect(path, "rwc").await?, SETTINGS_UNFINISHED).await
}

async fn switch_on(mut connection: AnyConnection, settings: &'static str) -> Result<AnyConnection, StoreError> {
    match sqlx::raw_sql(settings).execute(&mut connection).await {
        Ok(_) => Ok(connection),
        Err(error) => {
            close(connection).await;
            Err(failed(error))
        }
    }
}

/// Closing the last connection also removes the files beside the database; dropping it does so a little later.
pub(crate) async fn close(connection: AnyConnection) {
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// Looks through the whole file for damage.
pub(crate) async fn check(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let row = sqlx::query("PRAGMA quick_check(1)").fetch_one(connection).await.map_err(failed)?;
    match row.try_get::<String, _>(0).map_err(failed)?.as_str() {
        "ok" => Ok(()),
        found => Err(StoreError::Damaged(one_line(found))),
    }
}

async fn connect(path: &Path, mode: &str) -> Result<AnyConnection, StoreError> {
    sqlx::any::install_default_drivers();
    let name = path.to_str().ok_or_else(|| StoreError::Folder(format!("`{}` is not UTF-8", path.display())))?;
    let url = format!("sqlite://{}?mode={mode}", utf8_percent_encode(name, IN_PATH));
    let options: AnyConnectOptions = url.parse().map_err(failed)?;
    AnyConnection::connect_with(&options).await.map_err(failed)
}

/// What a failure of the database means to the operator.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    let text = one_line(&error.to_string());
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Damaged(text),
            _ => StoreError::Unavailable(text),
        };
    };
    // The primary result code is the low byte of the extended one: https://www.sqlite.org/rescode.html
    match database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
        Some(11 | 26) => {
            StoreError::Damaged(format!("the database is not readable ({})", one_line(database.message())))
        }
        Some(8 | 14) => {
            StoreError::Folder(format!("the database cannot be written ({})", one_line(database.message())))
        }
        Some(1 | 19) => StoreError::Invalid { reason: one_line(database.message()) },
        _ => StoreError::Unavailable(text),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
