//! Who changed what, and by which grant: one record per write, chained by hashes.

use arm::Scope;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rbac::{Caller, Grant, Mode, Permission, Permit};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::engine::failed;
use crate::error::StoreError;
use crate::load::{json, text};
use crate::seal::hex;
use crate::write::Work;

/// What the first record follows.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How many records are verified at a time: bounded memory, however long the trail.
const VERIFY_PAGE: i64 = 1000;

/// The state of a trail that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditState {
    /// How many records there are; the last has this number.
    pub records: i64,
    /// The hash of the last record, in lower-case hexadecimal; it covers all before.
    pub last_hash: String,
}

/// Who writes, as the permit says.
pub(crate) struct Actor {
    decision_id: String,
    principal: String,
    principal_type: &'static str,
    label: String,
    action: String,
    scope: Scope,
    granted_by: String,
    began_at: Timestamp,
    /// Is it a principal that does a management action?
    is_arm: bool,
}

impl Actor {
    pub(crate) fn of<M: Mode>(permit: &Permit<M>) -> Actor {
        let (principal, principal_type, label) = match permit.caller() {
            Caller::Principal(who) => (who.object_id().to_string(), who.kind().as_str(), who.label().to_owned()),
            Caller::Key { account, slot } => (account.to_string(), "Key", slot.as_str().to_owned()),
            Caller::Protocol(purpose) => (String::new(), "Protocol", format!("{purpose:?}")),
            Caller::Task(task) => (String::new(), "Task", format!("{task:?}")),
        };
        Actor {
            decision_id: permit.decision_id().to_string(),
            principal,
            principal_type,
            label,
            action: permit.permission().text().to_owned(),
            scope: permit.scope().clone(),
            granted_by: granted_by(permit.grant()),
            began_at: permit.issued_at(),
            is_arm: matches!((permit.caller(), permit.permission()), (Caller::Principal(_), Permission::Action(_))),
        }
    }

    /// What a management action of a principal is done to; none for the directory and the server's own tasks.
    pub(crate) fn arm_target(&self) -> Option<&Scope> {
        self.is_arm.then_some(&self.scope)
    }

    /// The action that was let through.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// When it was let through.
    pub(crate) fn began_at(&self) -> Timestamp {
        self.began_at
    }
}

fn granted_by(grant: &Grant) -> String {
    match grant {
        Grant::Assignment { assignment, .. } => assignment.to_string(),
        Grant::DirectoryRole(role) => role.display_name().to_owned(),
        Grant::Member => "member of the tenant".to_owned(),
        Grant::ResourceKey { account, slot } => format!("{} of {account}", slot.as_str()),
        Grant::Protocol(_) => "protocol".to_owned(),
        Grant::Task(_) => "task of the server".to_owned(),
        Grant::AnyToken => "any token".to_owned(),
        Grant::Visible { .. } => "visible".to_owned(),
    }
}

/// A row that a write touched: digests only, so that the trail tells changes and no contents.
#[derive(Serialize)]
pub(crate) struct Touched {
    pub(crate) row: String,
    before: Option<String>,
    after: Option<String>,
}

impl Touched {
    pub(crate) fn new(row: &str, before: Option<&str>, after: Option<&str>) -> Touched {
        Touched { row: row.to_owned(), before: before.map(sha256), after: after.map(sha256) }
    }
}

/// Appends the record of a write to its transaction. Its number is the version that the write makes.
pub(crate) async fn append(work: &mut Work<'_>, actor: &Actor, now: Timestamp) -> Result<(), StoreError> {
    let last = sqlx::query("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    let prev_hash = last.map_or(Ok(GENESIS.to_owned()), |row| text(&row, 0))?;
    let time = now.to_string();
    let touched = json(&work.touched)?;
    let fields = [
        &time,
        &actor.decision_id,
        &actor.principal,
        actor.principal_type,
        &actor.label,
        &actor.action,
        actor.scope.as_str(),
        &actor.granted_by,
        &touched,
        &prev_hash,
    ];
    let hash = chain(work.version, &fields)?;
    let mut insert = sqlx::query(
        "INSERT INTO audit (seq, time, decision_id, principal, principal_type, principal_label, action, scope, granted_by,
            touched, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(work.version);
    for field in fields {
        insert = insert.bind(field.to_owned());
    }
    insert.bind(hash).execute(&mut *work.tx).await.map_err(failed)?;
    Ok(())
}

/// Walks the whole trail; names the first record that is missing, changed or out of order.
pub(crate) async fn verify(connection: &mut AnyConnection) -> Result<AuditState, StoreError> {
    let mut state = AuditState { records: 0, last_hash: GENESIS.to_owned() };
    loop {
        let rows = sqlx::query(
            "SELECT seq, time, decision_id, principal, principal_type, principal_label, action, scope, granted_by, touched,
                prev_hash, hash
             FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(state.records)
        .bind(VERIFY_PAGE)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            verify_record(row, &mut state)?;
        }
    }
    let row = sqlx::query("SELECT version FROM world WHERE one = 1").fetch_one(connection).await.map_err(failed)?;
    let version: i64 = row.try_get(0).map_err(failed)?;
    if version != state.records {
        return Err(broken(state.records + 1, "it is missing"));
    }
    Ok(state)
}

fn verify_record(row: &AnyRow, state: &mut AuditState) -> Result<(), StoreError> {
    let seq: i64 = row.try_get(0).map_err(failed)?;
    let expected = state.records + 1;
    if seq != expected {
        return Err(broken(expected, "it is missing"));
    }
    let fields = (1..=10).map(|column| text(row, column)).collect::<Result<Vec<_>, _>>()?;
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    if fields.last() != Some(&state.last_hash.as_str()) {
        return Err(broken(seq, "it does not follow the record before it"));
    }
    let hash = chain(seq, &fields)?;
    if hash != text(row, 11)? {
        return Err(broken(seq, "its contents do not match its hash"));
    }
    state.records = seq;
    state.last_hash = hash;
    Ok(())
}

/// The fields as a JSON list: no field can be read as part of another.
fn chain(seq: i64, fields: &[&str]) -> Result<String, StoreError> {
    Ok(sha256(&json(&(seq, fields))?))
}

fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn broken(seq: i64, reason: &str) -> StoreError {
    StoreError::AuditBroken { seq, reason: reason.to_owned() }
}
