//! How the schema came to be what it is. A migration that fails stops the start and changes nothing.

use sqlx::{AnyConnection, Connection, Row};

use crate::engine::failed;
use crate::error::StoreError;

/// Version n is reached by the n-th text, counted from one. Texts are only ever added.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_sign_in.sql"),
    include_str!("migrations/0003_replaced.sql"),
    include_str!("migrations/0004_activity.sql"),
    include_str!("migrations/0005_object.sql"),
];

/// The newest schema that this program knows.
pub(crate) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The schema version of an existing database. A database without one is not ours.
pub(crate) async fn found(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT version FROM schema_version").fetch_optional(connection).await;
    match row.map_err(failed) {
        Ok(Some(row)) => row.try_get(0).map_err(failed),
        Ok(None) | Err(StoreError::Invalid { .. }) => Err(StoreError::Damaged(
            "the database has no schema version: it is not a database of this program".to_owned(),
        )),
        Err(error) => Err(error),
    }
}

/// Makes the table of the schema version in an empty database.
pub(crate) async fn begin(connection: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(
        "CREATE TABLE schema_version (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL);
         INSERT INTO schema_version (one, version) VALUES (1, 0);",
    )
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Brings the database from its version to the newest, each step in a transaction of its own.
pub(crate) async fn run(connection: &mut AnyConnection) -> Result<(), StoreError> {
    run_all(connection, MIGRATIONS).await
}

async fn run_all(connection: &mut AnyConnection, migrations: &'static [&'static str]) -> Result<(), StoreError> {
    let from = found(connection).await?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if from > known {
        return Err(StoreError::NewerSchema { found: from, known });
    }
    for (version, text) in (1_i64..).zip(migrations).filter(|(version, _)| *version > from) {
        step(connection, version, text)
            .await
            .map_err(|error| StoreError::Migration { version, reason: error.to_string() })?;
    }
    Ok(())
}

async fn step(connection: &mut AnyConnection, version: i64, text: &'static str) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    sqlx::raw_sql(text).execute(&mut *tx).await?;
    sqlx::query("UPDATE schema_version SET version = $1 WHERE one = 1").bind(version).execute(&mut *tx).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests;
