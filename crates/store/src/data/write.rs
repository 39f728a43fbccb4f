//! What is done to objects inside a transaction.

use arm::Scope;
use jiff::Timestamp;
use sqlx::{AnyConnection, Row};

use super::read::{exists, time};
use super::{DataChange, DataError, DataKey, DataKind, DataPrecondition, DataStamp};
use crate::engine::failed;
use crate::error::StoreError;
use crate::load::{damaged, text};
use crate::seal::Seals;

/// A change whose body is already sealed: no clear text inside the transaction.
pub(crate) enum Sealed {
    Put { key: DataKey, precondition: DataPrecondition, expires_at: Option<Timestamp>, body: String },
    Delete(DataKey),
}

/// Checks and seals what is to be written, before the writer's turn is taken.
pub(crate) fn seal(changes: Vec<DataChange>, seals: &Seals) -> Result<Vec<Sealed>, DataError> {
    let seal = |change: DataChange| {
        change.key().check()?;
        Ok(match change {
            DataChange::Put(new) => Sealed::Put {
                body: seals.seal_object(&new.key, &new.body)?,
                key: new.key,
                precondition: new.precondition,
                expires_at: new.expires_at,
            },
            DataChange::Delete(key) => Sealed::Delete(key),
        })
    };
    changes.into_iter().map(seal).collect()
}

/// Takes so many numbers, and the writers' turn with them. The first of them.
pub(super) async fn take_numbers(connection: &mut AnyConnection, count: usize) -> Result<i64, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let row = sqlx::query("UPDATE data_object_number SET last = last + $1 WHERE one = 1 RETURNING last")
        .bind(count)
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    let last: i64 = row.try_get(0).map_err(failed)?;
    Ok(last - count + 1)
}

/// Applies one change, which has this number.
pub(super) async fn apply(
    connection: &mut AnyConnection,
    change: &Sealed,
    number: i64,
    now: Timestamp,
) -> Result<Option<DataStamp>, DataError> {
    match change {
        Sealed::Put { key, precondition, expires_at, body } => {
            let stored = stored(connection, key, now).await?;
            check(key, *precondition, stored.as_ref())?;
            let stamp = match stored {
                Some(stored) => DataStamp { version: number, ..stored },
                // As it would be read back.
                None => DataStamp { seq: number, version: number, created_at: time(now.as_microsecond())? },
            };
            put(connection, key, &stamp, *expires_at, body).await?;
            Ok(Some(stamp))
        }
        Sealed::Delete(key) => {
            if !exists(connection, key, now).await? {
                return Err(DataError::NotFound { key: key.clone() });
            }
            remove(connection, key).await?;
            Ok(None)
        }
    }
}

/// Removes objects that have expired, with their parts, at most `limit`. How many.
pub(super) async fn purge(connection: &mut AnyConnection, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let rows = sqlx::query("SELECT scope, kind, parent, id FROM data_object WHERE expires_us <= $1 LIMIT $2")
        .bind(now.as_microsecond())
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let mut removed = 0;
    for row in &rows {
        let (scope, kind, parent) = (text(row, 0)?, text(row, 1)?, text(row, 2)?);
        let key = DataKey {
            scope: Scope::parse(&scope).map_err(|error| damaged("data object", &error.to_string()))?,
            kind: DataKind::from_text(&kind).ok_or_else(|| damaged("data object", &format!("`{kind}` is no kind")))?,
            parent: Some(parent).filter(|parent| !parent.is_empty()),
            id: text(row, 3)?,
        };
        removed += remove(connection, &key).await?;
    }
    Ok(removed)
}

/// What is stored, if it has not expired. What has makes room with its parts; what it would be part of must be there.
async fn stored(connection: &mut AnyConnection, key: &DataKey, now: Timestamp) -> Result<Option<DataStamp>, DataError> {
    if let Some(parent) = key.parent_key()
        && !exists(connection, &parent, now).await?
    {
        return Err(DataError::NotFound { key: parent });
    }
    let row = sqlx::query(
        "SELECT seq, version, created_us, expires_us FROM data_object
         WHERE scope = $1 AND kind = $2 AND parent = $3 AND id = $4",
    )
    .bind(key.scope.key().to_owned())
    .bind(key.kind.as_str())
    .bind(key.parent_text().to_owned())
    .bind(key.id.clone())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let end: Option<i64> = row.try_get(3).map_err(failed)?;
    if end.is_some_and(|end| end <= now.as_microsecond()) {
        remove(connection, key).await?;
        return Ok(None);
    }
    Ok(Some(DataStamp {
        seq: row.try_get(0).map_err(failed)?,
        version: row.try_get(1).map_err(failed)?,
        created_at: time(row.try_get(2).map_err(failed)?)?,
    }))
}

fn check(key: &DataKey, precondition: DataPrecondition, stored: Option<&DataStamp>) -> Result<(), DataError> {
    match (precondition, stored) {
        (DataPrecondition::Any, _) | (DataPrecondition::Absent, None) | (DataPrecondition::Present, Some(_)) => Ok(()),
        (DataPrecondition::Version(read), Some(stored)) if stored.version == read => Ok(()),
        (DataPrecondition::Absent, Some(_)) => Err(DataError::Exists { key: key.clone() }),
        (DataPrecondition::Version(_), Some(stored)) => {
            Err(DataError::Changed { key: key.clone(), current: stored.version })
        }
        (DataPrecondition::Present | DataPrecondition::Version(_), None) => {
            Err(DataError::NotFound { key: key.clone() })
        }
    }
}

async fn put(
    connection: &mut AnyConnection,
    key: &DataKey,
    stamp: &DataStamp,
    expires_at: Option<Timestamp>,
    body: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO data_object (scope, kind, parent, id, seq, version, created_us, expires_us, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (scope, kind, parent, id) DO UPDATE SET version = excluded.version, expires_us = excluded.expires_us,
            body = excluded.body",
    )
    .bind(key.scope.key().to_owned())
    .bind(key.kind.as_str())
    .bind(key.parent_text().to_owned())
    .bind(key.id.clone())
    .bind(stamp.seq)
    .bind(stamp.version)
    .bind(stamp.created_at.as_microsecond())
    .bind(expires_at.map(Timestamp::as_microsecond))
    .bind(body.to_owned())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Removes the object and its parts. How many.
async fn remove(connection: &mut AnyConnection, key: &DataKey) -> Result<u64, StoreError> {
    let object = "DELETE FROM data_object WHERE scope = $1 AND kind = $2 AND parent = $3 AND id = $4";
    let mut removed = sqlx::query(object)
        .bind(key.scope.key().to_owned())
        .bind(key.kind.as_str())
        .bind(key.parent_text().to_owned())
        .bind(key.id.clone())
        .execute(&mut *connection)
        .await
        .map_err(failed)?
        .rows_affected();
    for kind in key.kind.parts() {
        removed += sqlx::query("DELETE FROM data_object WHERE scope = $1 AND kind = $2 AND parent = $3")
            .bind(key.scope.key().to_owned())
            .bind(kind.as_str())
            .bind(key.id.clone())
            .execute(&mut *connection)
            .await
            .map_err(failed)?
            .rows_affected();
    }
    Ok(removed)
}
