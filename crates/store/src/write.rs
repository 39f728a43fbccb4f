//! The one transaction: rows, then the audit record, the activity log's row and the change row, all or none.

mod activity;
pub(crate) mod credential;
mod directory;
mod resource;
pub(crate) mod sign_in;

use std::sync::Arc;

use arm::Resource;
use jiff::Timestamp;
use rbac::{Owner, RowKind};
use sqlx::{AnyConnection, Connection};

use crate::audit::{self, Actor, Touched};
use crate::change::Change;
use crate::credential::StoredCredential;
use crate::directory::DirectoryObject;
use crate::engine::{Tx, failed};
use crate::error::StoreError;
use crate::load::json;
use crate::row::{Row, credential_need};
use crate::seal::Seals;
use crate::sign_in::SignIn;
use crate::world::{TenantInfo, World};

/// What became of a resource that was put.
#[derive(Clone, Debug)]
pub struct Upserted {
    /// It did not exist before.
    pub created: bool,
    /// As it is stored now, etag included.
    pub resource: Arc<Resource>,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct Written {
    /// The version of the world that has the write; published before this value is returned.
    pub version: u64,
    /// The resources that were put, in the order of the rows.
    pub resources: Vec<Upserted>,
}

/// Rows with their secrets already sealed or hashed: no slow work and no clear text inside the transaction.
#[expect(clippy::large_enum_variant, reason = "a write has few rows, and each is moved once")]
pub(crate) enum Prepared {
    AsIs(Row),
    Credential(StoredCredential),
    SignIn(SignIn),
    Renewal(sign_in::Renewed),
}

impl Prepared {
    /// The owners and kinds that a permit has to cover for this row.
    pub(crate) fn needs(&self, world: &World) -> Vec<(Owner, RowKind)> {
        match self {
            Prepared::AsIs(row) => row.needs(world),
            Prepared::SignIn(_) | Prepared::Renewal(_) => vec![(Owner::Directory, RowKind::SignIn)],
            Prepared::Credential(stored) => vec![credential_need(&stored.info.owner, &stored.info.kind, world)],
        }
    }
}

/// Seals and hashes what has to be, before the writer's turn is taken.
pub(crate) async fn prepare(rows: Vec<Row>, seals: &Seals) -> Result<Vec<Prepared>, StoreError> {
    let mut prepared = Vec::with_capacity(rows.len());
    for row in rows {
        prepared.push(match row {
            Row::PutCredential(new) => Prepared::Credential(credential::protect(new, seals).await?),
            Row::PutSignIn(new) => Prepared::SignIn(sign_in::protect(new, seals)),
            Row::RenewSignIn(renewal) => Prepared::Renewal(sign_in::protect_renewal(renewal, seals)),
            other => Prepared::AsIs(other),
        });
    }
    Ok(prepared)
}

/// Rows that need no protection, for a write that is decided inside the writer's turn.
pub(crate) fn without_secrets(rows: Vec<Row>) -> Result<Vec<Prepared>, StoreError> {
    let plain = |row| match row {
        Row::PutCredential(_) | Row::PutSignIn(_) | Row::RenewSignIn(_) => {
            Err(StoreError::Invalid { reason: "a secret is not protected inside the writer's turn".to_owned() })
        }
        other => Ok(Prepared::AsIs(other)),
    };
    rows.into_iter().map(plain).collect()
}

/// A write in progress: its transaction, and what it has done so far.
pub(crate) struct Work<'t> {
    pub(crate) tx: Tx<'t>,
    pub(crate) version: i64,
    pub(crate) changes: Vec<Change>,
    pub(crate) touched: Vec<Touched>,
    pub(crate) resources: Vec<Upserted>,
}

/// Commits the rows, and returns the world that follows `base` with what was written.
pub(crate) async fn commit(
    connection: &mut AnyConnection,
    base: &World,
    rows: Vec<Prepared>,
    actor: &Actor,
    now: Timestamp,
) -> Result<(World, Written), StoreError> {
    let mut work = begin(connection, base).await?;
    for row in rows {
        apply(&mut work, row).await?;
    }
    audit::append(&mut work, actor, now).await?;
    activity::append(&mut work, actor, now).await?;
    append_change(&mut work, now).await?;
    let Work { tx, version, changes, resources, .. } = work;
    let version = u64::try_from(version).map_err(|_| StoreError::Damaged("the version is negative".to_owned()))?;
    // Before the commit: rows that make no world are not written.
    let next = base.edited(version, &changes)?;
    tx.commit().await.map_err(failed)?;
    Ok((next, Written { version, resources }))
}

/// Changing the version first makes writers wait for each other, on every engine.
async fn begin<'t>(connection: &'t mut AnyConnection, base: &World) -> Result<Work<'t>, StoreError> {
    let mut tx = connection.begin().await.map_err(failed)?;
    let row = sqlx::query("UPDATE world SET version = version + 1 WHERE one = 1 RETURNING version")
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
    let version: i64 = sqlx::Row::try_get(&row, 0).map_err(failed)?;
    if u64::try_from(version).ok() != base.version.checked_add(1) {
        return Err(StoreError::Unavailable("another process has written to the database".to_owned()));
    }
    Ok(Work { tx, version, changes: Vec::new(), touched: Vec::new(), resources: Vec::new() })
}

async fn apply(work: &mut Work<'_>, row: Prepared) -> Result<(), StoreError> {
    match row {
        Prepared::Credential(stored) => credential::put(work, stored).await,
        Prepared::SignIn(sign_in) => sign_in::put(work, sign_in).await,
        Prepared::Renewal(renewed) => sign_in::renew(work, renewed).await,
        Prepared::AsIs(Row::PutResource { resource, precondition }) => {
            resource::put(work, resource, &precondition).await
        }
        Prepared::AsIs(Row::DeleteResource { id, precondition }) => resource::delete(work, &id, &precondition).await,
        Prepared::AsIs(Row::PutObject(object)) => directory::put(work, object).await,
        Prepared::AsIs(Row::DeleteObject(id)) => directory::delete(work, id).await,
        Prepared::AsIs(Row::AddMember { group, member }) => directory::add_member(work, group, member).await,
        Prepared::AsIs(Row::RemoveMember { group, member }) => directory::remove_member(work, group, member).await,
        Prepared::AsIs(Row::GrantDirectoryRole(principal, role)) => directory::grant(work, principal, role).await,
        Prepared::AsIs(Row::DeleteCredential { owner, id }) => credential::delete(work, &owner, id).await,
        Prepared::AsIs(Row::EndSignIn { user, id }) => sign_in::end(work, user, id).await,
        Prepared::AsIs(Row::SetTenant(tenant)) => set_tenant(work, tenant).await,
        Prepared::AsIs(Row::PutCredential(_) | Row::PutSignIn(_) | Row::RenewSignIn(_)) => {
            Err(StoreError::Invalid { reason: "a secret was not protected".to_owned() })
        }
    }
}

async fn set_tenant(work: &mut Work<'_>, tenant: TenantInfo) -> Result<(), StoreError> {
    let body = json(&tenant)?;
    let row = sqlx::query("SELECT tenant FROM world WHERE one = 1").fetch_one(&mut *work.tx).await.map_err(failed)?;
    let before = crate::load::optional_text(&row, 0)?;
    sqlx::query("UPDATE world SET tenant = $1 WHERE one = 1")
        .bind(&body)
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    work.touch("tenant", before.as_deref(), Some(&body));
    work.changes.push(Change::SetTenant(tenant));
    Ok(())
}

async fn append_change(work: &mut Work<'_>, now: Timestamp) -> Result<(), StoreError> {
    let rows: Vec<&str> = work.touched.iter().map(|touched| touched.row.as_str()).collect();
    let rows = json(&rows)?;
    sqlx::query("INSERT INTO change (version, time, touched) VALUES ($1, $2, $3)")
        .bind(work.version)
        .bind(now.to_string())
        .bind(rows)
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    Ok(())
}

impl Work<'_> {
    /// Notes for the audit record what a row was and what it is.
    pub(crate) fn touch(&mut self, row: &str, before: Option<&str>, after: Option<&str>) {
        self.touched.push(Touched::new(row, before, after));
    }

    /// Notes a directory object, as `touch`.
    pub(crate) fn touch_object(&mut self, object: &DirectoryObject, before: Option<&str>, after: Option<&str>) {
        self.touch(&format!("{} {}", object.kind.text(), object.id), before, after);
    }
}
