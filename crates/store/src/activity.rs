//! The activity log: what was done through the control plane, by whom, newest first.

use arm::{Resource, Scope};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::engine::failed;
use crate::error::StoreError;
use crate::load::{damaged, id, optional_text, parse, text};
use crate::resource_index::bounds_below;

/// How long activities are kept, days: as long as Azure keeps them.
pub(crate) const RETENTION_DAYS: i64 = 90;

/// A write, delete or action that succeeded: it stands for the start and the end of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its number, the same as of its audit record.
    pub seq: i64,
    /// When it was let through.
    pub started_at: Timestamp,
    /// When it was committed.
    pub ended_at: Timestamp,
    /// The decision that let it through, the same as in the journal.
    pub decision_id: Uuid,
    /// Who did it, by object id.
    pub principal: Uuid,
    /// `User` or `ServicePrincipal`.
    pub principal_type: String,
    /// User principal name or application id.
    pub caller: String,
    /// What was done: `Microsoft.Authorization/roleAssignments/write`.
    pub action: String,
    /// What it was done to.
    pub target: Scope,
    /// The target as it was before it was deleted, where its type can hold no secret.
    pub before: Option<Resource>,
    /// The target as it was written, where its type can hold no secret.
    pub after: Option<Resource>,
}

/// Which activities; all conditions hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Of this subscription; `None` is what belongs to no subscription.
    pub subscription: Option<String>,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub to: Timestamp,
    /// Of this resource group.
    pub resource_group: Option<String>,
    /// Of this provider (`Microsoft.Authorization`), which the action begins with.
    pub provider: Option<String>,
    /// Done to this resource, or below it.
    pub resource: Option<Scope>,
    /// Let through by this decision.
    pub decision_id: Option<Uuid>,
    /// Done by whom, by user principal name, application id or object id.
    pub caller: Option<String>,
    /// Behind this place in the list, as [`Activity::place`] names it.
    pub after: Option<(i64, i64)>,
    /// At most so many.
    pub limit: i64,
}

impl Activity {
    /// Where it stands in the list.
    pub fn place(&self) -> (i64, i64) {
        (self.ended_at.as_microsecond(), self.seq)
    }
}

/// What queries look for, in lower case.
pub(crate) struct Columns {
    pub(crate) subscription: String,
    pub(crate) resource_group: String,
    pub(crate) provider: String,
}

impl Columns {
    pub(crate) fn of(target: &Scope, action: &str) -> Columns {
        let lower = |text: Option<&str>| text.unwrap_or_default().to_ascii_lowercase();
        Columns {
            subscription: lower(target.subscription_id()),
            resource_group: lower(target.resource_group()),
            provider: lower(action.split('/').next()),
        }
    }
}

/// The activities, newest first. What is older than the log keeps them is not shown, whether or not it is dropped yet.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    query: &ActivityQuery,
    now: Timestamp,
) -> Result<Vec<Activity>, StoreError> {
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let kept_from = now.checked_sub(SignedDuration::from_hours(24 * RETENTION_DAYS)).unwrap_or(Timestamp::MIN);
    let (before_us, before_seq) = query.after.unwrap_or((i64::MAX, i64::MAX));
    let (below, end) = query.resource.as_ref().map(bounds_below).unwrap_or_default();
    let rows = sqlx::query(
        "SELECT a.seq, a.started_us, a.ended_us, u.decision_id, u.principal, u.principal_type, u.principal_label, u.action,
            u.scope, a.before_body, a.after_body
         FROM activity a JOIN audit u ON u.seq = a.seq
         WHERE a.subscription = $1 AND a.ended_us >= $2 AND a.ended_us <= $3
            AND (a.ended_us < $4 OR (a.ended_us = $4 AND a.seq < $5))
            AND ($6 = '' OR a.resource_group = $6)
            AND ($7 = '' OR a.provider = $7)
            AND ($8 = '' OR a.scope_key = $8 OR (a.scope_key > $9 AND ($10 = '' OR a.scope_key < $10)))
            AND ($11 = '' OR u.decision_id = $11)
            AND ($12 = '' OR LOWER(u.principal_label) = $12 OR u.principal = $12)
         ORDER BY a.ended_us DESC, a.seq DESC LIMIT $13",
    )
    .bind(lower(&query.subscription))
    .bind(query.from.max(kept_from).as_microsecond())
    .bind(query.to.as_microsecond())
    .bind(before_us)
    .bind(before_seq)
    .bind(lower(&query.resource_group))
    .bind(lower(&query.provider))
    .bind(query.resource.as_ref().map(Scope::key).unwrap_or_default().to_owned())
    .bind(below)
    .bind(end.unwrap_or_default())
    .bind(query.decision_id.map(|id| id.to_string()).unwrap_or_default())
    .bind(lower(&query.caller))
    .bind(query.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.iter().map(read_row).collect()
}

fn read_row(row: &AnyRow) -> Result<Activity, StoreError> {
    let time = |column: usize| {
        let us: i64 = row.try_get(column).map_err(failed)?;
        Timestamp::from_microsecond(us).map_err(|error| damaged("activity", &error.to_string()))
    };
    let target = text(row, 8)?;
    let body = |column| optional_text(row, column)?.map(|body| parse("activity", &body)).transpose();
    Ok(Activity {
        seq: row.try_get(0).map_err(failed)?,
        started_at: time(1)?,
        ended_at: time(2)?,
        decision_id: id(row, 3)?,
        principal: id(row, 4)?,
        principal_type: text(row, 5)?,
        caller: text(row, 6)?,
        action: text(row, 7)?,
        target: Scope::parse(&target).map_err(|error| damaged("activity", &error.to_string()))?,
        before: body(9)?,
        after: body(10)?,
    })
}
