//! Objects, read beside the writer. What has expired, or is part of what has, is not there.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{DataError, DataKey, DataObject, DataPage, DataQuery, DataStamp};
use crate::engine::failed;
use crate::error::StoreError;
use crate::load::{damaged, text};
use crate::seal::Seals;

/// The objects of a place that are there at a time: scope, kind, parent, the time, the parent's kind.
macro_rules! select {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM data_object o WHERE o.scope = $1 AND o.kind = $2 AND o.parent = $3
                AND (o.expires_us IS NULL OR o.expires_us > $4)
                AND NOT EXISTS (SELECT 1 FROM data_object p WHERE p.scope = $1 AND p.kind = $5 AND p.parent = ''
                    AND p.id = $3 AND p.expires_us <= $4) ",
            $rest
        )
    };
}

const SELECT_ONE: &str = select!("o.id, o.seq, o.version, o.created_us, o.expires_us, o.body", "AND o.id = $6");
const SELECT_RISING: &str = select!(
    "o.id, o.seq, o.version, o.created_us, o.expires_us, o.body",
    "AND o.seq > $6 AND o.seq < $7 ORDER BY o.seq LIMIT $8"
);
const SELECT_FALLING: &str = select!(
    "o.id, o.seq, o.version, o.created_us, o.expires_us, o.body",
    "AND o.seq > $6 AND o.seq < $7 ORDER BY o.seq DESC LIMIT $8"
);
const SELECT_SEQ: &str = select!("o.seq", "AND o.id = $6");
const COUNT: &str = select!("COUNT(*)", "");

type Query = sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments>;

/// One object.
pub(crate) async fn one(
    connection: &mut AnyConnection,
    seals: &Seals,
    key: &DataKey,
    now: Timestamp,
) -> Result<Option<DataObject>, DataError> {
    let query = at(SELECT_ONE, key, now).bind(key.id.clone());
    let row = query.fetch_optional(connection).await.map_err(failed)?;
    Ok(row.map(|row| object(&row, key.clone(), seals)).transpose()?)
}

/// A page. Both of its ends are looked up first; one that is not there is an error.
pub(crate) async fn page(
    connection: &mut AnyConnection,
    seals: &Seals,
    query: &DataQuery,
    now: Timestamp,
) -> Result<DataPage, DataError> {
    let after = place(connection, query, query.after.as_deref(), now).await?;
    let before = place(connection, query, query.before.as_deref(), now).await?;
    let (above, below) = if query.newest_first { (before, after) } else { (after, before) };
    // What stands before an id is read from it backwards, so that the page is the one next to it.
    let backwards = before.is_some() && after.is_none();
    let select = if query.newest_first == backwards { SELECT_RISING } else { SELECT_FALLING };
    let rows = at(select, &query.key(""), now)
        .bind(above.unwrap_or(i64::MIN))
        .bind(below.unwrap_or(i64::MAX))
        .bind(i64::from(query.limit) + 1)
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let read = |row: &AnyRow| object(row, query.key(&text(row, 0)?), seals);
    let mut objects = rows.iter().take(limit).map(read).collect::<Result<Vec<_>, _>>()?;
    if backwards {
        objects.reverse();
    }
    Ok(DataPage { objects, has_more: rows.len() > limit })
}

/// How many objects there are of the query's kind and place, whatever its page.
pub(crate) async fn count(connection: &mut AnyConnection, query: &DataQuery, now: Timestamp) -> Result<u64, DataError> {
    let row = at(COUNT, &query.key(""), now).fetch_one(connection).await.map_err(failed)?;
    let count: i64 = row.try_get(0).map_err(failed)?;
    Ok(count.unsigned_abs())
}

/// Is this object there? Inside a write, whose time `now` is.
pub(super) async fn exists(connection: &mut AnyConnection, key: &DataKey, now: Timestamp) -> Result<bool, DataError> {
    Ok(seq(connection, key, now).await?.is_some())
}

async fn place(
    connection: &mut AnyConnection,
    query: &DataQuery,
    id: Option<&str>,
    now: Timestamp,
) -> Result<Option<i64>, DataError> {
    let Some(id) = id else { return Ok(None) };
    let key = query.key(id);
    match seq(connection, &key, now).await? {
        Some(seq) => Ok(Some(seq)),
        None => Err(DataError::NotFound { key }),
    }
}

async fn seq(connection: &mut AnyConnection, key: &DataKey, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let query = at(SELECT_SEQ, key, now).bind(key.id.clone());
    let row = query.fetch_optional(connection).await.map_err(failed)?;
    row.map(|row| row.try_get(0).map_err(failed)).transpose()
}

/// A query with its place and time.
fn at(text: &'static str, key: &DataKey, now: Timestamp) -> Query {
    sqlx::query(text)
        .bind(key.scope.key().to_owned())
        .bind(key.kind.as_str())
        .bind(key.parent_text().to_owned())
        .bind(now.as_microsecond())
        .bind(key.kind.parent().map_or("", |kind| kind.as_str()))
}

fn object(row: &AnyRow, key: DataKey, seals: &Seals) -> Result<DataObject, StoreError> {
    let stamp = DataStamp {
        seq: row.try_get(1).map_err(failed)?,
        version: row.try_get(2).map_err(failed)?,
        created_at: time(row.try_get(3).map_err(failed)?)?,
    };
    let expires_at = row.try_get::<Option<i64>, _>(4).map_err(failed)?.map(time).transpose()?;
    let body = seals.open_object(&key, &text(row, 5)?)?;
    Ok(DataObject { key, stamp, expires_at, body })
}

/// The time in a column.
pub(super) fn time(us: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(us).map_err(|error| damaged("data object", &error.to_string()))
}
