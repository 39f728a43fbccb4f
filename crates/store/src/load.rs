//! The world as a database holds it: every row read once, at the start. Role assignments are not looked into where the
//! facts that they state are known.

use std::sync::Arc;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::change::Change;
use crate::engine::failed;
use crate::error::StoreError;
use crate::pages::{PAGE, Page, SEPARATOR};
use crate::resource_index::UnreadRow;
use crate::row::ROLE_ASSIGNMENTS;
use crate::world::{TenantInfo, World};
use crate::write::{credential, sign_in};

/// Reads the whole world; `access` are the facts of access, where they were kept. The caller holds the one connection, so
/// nobody writes meanwhile.
pub(crate) async fn load(connection: &mut AnyConnection, access: Option<rbac::Snapshot>) -> Result<World, StoreError> {
    let version = version(connection).await?;
    let mut rows = Vec::new();
    for row in all(connection, "SELECT tenant FROM world WHERE one = 1 AND tenant IS NOT NULL").await? {
        rows.push(Change::SetTenant(parse::<TenantInfo>("tenant", &text(&row, 0)?)?));
    }
    let unread = resources(connection, access.is_some(), &mut rows).await?;
    for row in all(connection, "SELECT body FROM directory_object ORDER BY id").await? {
        rows.push(Change::PutObject(Arc::new(parse("directory object", &text(&row, 0)?)?)));
    }
    memberships(connection, &mut rows).await?;
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
    World::loaded(version, &rows, access, unread).map_err(|error| match error {
        StoreError::Invalid { reason } => StoreError::Damaged(reason),
        other => other,
    })
}

/// All resources. If their facts are known, role assignments are only taken along.
async fn resources(
    connection: &mut AnyConnection,
    are_facts_known: bool,
    rows: &mut Vec<Change>,
) -> Result<Vec<UnreadRow>, StoreError> {
    let (mut unread, mut after) = (Vec::new(), String::new());
    loop {
        let query = sqlx::query(
            "SELECT string_agg(type_key || $1 || key || $1 || body, $1)
             FROM (SELECT type_key, key, body FROM resource WHERE key > $2 ORDER BY key LIMIT $3) AS page",
        );
        let page = Page::fetch(connection, query.bind(SEPARATOR.to_string()).bind(after.as_str()).bind(PAGE)).await?;
        let found = page.rows()?;
        let Some(last) = found.iter().map(|[_, key, _]| *key).max() else { return Ok(unread) };
        after = last.to_owned();
        for [type_key, key, body] in found {
            if are_facts_known && type_key == ROLE_ASSIGNMENTS {
                unread.push(UnreadRow { key: key.into(), body: body.into() });
            } else {
                rows.push(Change::PutResource(Arc::new(parse("resource", body)?)));
            }
        }
    }
}

/// Who is in which group.
async fn memberships(connection: &mut AnyConnection, rows: &mut Vec<Change>) -> Result<(), StoreError> {
    let mut after = (String::new(), String::new());
    loop {
        let query = sqlx::query(
            "SELECT string_agg(group_id || $1 || member_id, $1)
             FROM (SELECT group_id, member_id FROM membership WHERE (group_id, member_id) > ($2, $3)
                   ORDER BY group_id, member_id LIMIT $4) AS page",
        );
        let query = query.bind(SEPARATOR.to_string()).bind(after.0.as_str()).bind(after.1.as_str()).bind(PAGE);
        let page = Page::fetch(connection, query).await?;
        let found = page.rows()?;
        let Some([group, member]) = found.iter().max() else { return Ok(()) };
        after = ((*group).to_owned(), (*member).to_owned());
        for [group, member] in found {
            rows.push(Change::AddMember { group: parse_id(group)?, member: parse_id(member)? });
        }
    }
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
    parse_id(&text(row, column)?)
}

fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::try_parse(text).map_err(|_| damaged("id", text))
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
