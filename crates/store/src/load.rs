//! The world as a database holds it: every row read once, at the start.

use std::sync::Arc;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::change::Change;
use crate::engine::failed;
use crate::error::StoreError;
use crate::world::{TenantInfo, World};
use crate::write::{credential, sign_in};

/// Reads the whole world. The caller holds the one connection, so nobody writes meanwhile.
pub(crate) async fn load(connection: &mut AnyConnection) -> Result<World, StoreError> {
    let version = version(connection).await?;
    let mut rows = Vec::new();
    for row in all(connection, "SELECT tenant FROM world WHERE one = 1 AND tenant IS NOT NULL").await? {
        rows.push(Change::SetTenant(parse::<TenantInfo>("tenant", &text(&row, 0)?)?));
    }
    for row in all(connection, "SELECT body FROM resource ORDER BY key").await? {
        rows.push(Change::PutResource(Arc::new(parse("resource", &text(&row, 0)?)?)));
    }
    for row in all(connection, "SELECT body FROM directory_object ORDER BY id").await? {
        rows.push(Change::PutObject(Arc::new(parse("directory object", &text(&row, 0)?)?)));
    }
    for row in all(connection, "SELECT group_id, member_id FROM membership ORDER BY group_id, member_id").await? {
        rows.push(Change::AddMember { group: id(&row, 0)?, member: id(&row, 1)? });
    }
    for row in all(connection, "SELECT principal, role FROM directory_role ORDER BY principal, role").await? {
        let role = rbac::DirectoryRole::from_template_id(id(&row, 1)?)
            .ok_or_else(|| damaged("directory role", &text(&row, 1).unwrap_or_default()))?;
        rows.push(Change::GrantDirectoryRole(id(&row, 0)?, role));
    }
    for row in all(connection, credential::SELECT_ALL).await? {
        rows.push(Change::PutCredential(Arc::new(credential::read(&row)?)));
    }
    for row in all(connection, sign_in::SELECT_ALL).await? {
        rows.push(Change::PutSignIn(Arc::new(sign_in::read(&row)?)));
    }
    World::loaded(version, &rows).map_err(|error| match error {
        StoreError::Invalid { reason } => StoreError::Damaged(reason),
        other => other,
    })
}

/// The version that the database has.
pub(crate) async fn version(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT version FROM world WHERE one = 1").fetch_one(connection).await.map_err(failed)?;
    let version: i64 = row.try_get(0).map_err(failed)?;
    u64::try_from(version).map_err(|_| damaged("world", "the version is negative"))
}

async fn all(connection: &mut AnyConnection, query: &'static str) -> Result<Vec<AnyRow>, StoreError> {
    sqlx::query(query).fetch_all(connection).await.map_err(failed)
}

/// The text in a column.
pub(crate) fn text(row: &AnyRow, column: usize) -> Result<String, StoreError> {
    row.try_get(column).map_err(failed)
}

/// The text in a column that may be absent.
pub(crate) fn optional_text(row: &AnyRow, column: usize) -> Result<Option<String>, StoreError> {
    row.try_get(column).map_err(failed)
}

/// The id in a column.
pub(crate) fn id(row: &AnyRow, column: usize) -> Result<Uuid, StoreError> {
    let text = text(row, column)?;
    Uuid::try_parse(&text).map_err(|_| damaged("id", &text))
}

/// The JSON in a column.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| damaged(what, &error.to_string()))
}

/// JSON for a column.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Invalid { reason: error.to_string() })
}

pub(crate) fn damaged(what: &str, reason: &str) -> StoreError {
    StoreError::Damaged(format!("a {what} row is not readable: {reason}"))
}
