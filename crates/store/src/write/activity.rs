//! The activity log's row of a write, in the write's own transaction; and the end of rows that are old.

use arm::{Resource, Scope};
use jiff::{SignedDuration, Timestamp};

use super::Work;
use crate::activity::{Columns, RETENTION_DAYS};
use crate::audit::Actor;
use crate::change::Change;
use crate::engine::failed;
use crate::error::StoreError;
use crate::load::json;

/// Rows that a write drops once they are too old: more than the one it adds, so that a backlog ends, and few, so that no
/// write waits for long.
const DROPPED_PER_WRITE: i64 = 100;
/// Longest resource kept with an activity, bytes of JSON: 90 days of the largest bodies would fill a disk.
const BODY_LIMIT_BYTES: usize = 32 * 1024;
/// The types whose resources are kept, in lower case: what has no field for a secret. All others only say what was done.
const KEPT_TYPES: &[&str] = &[
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roledefinitions",
    "microsoft.authorization/denyassignments",
    "microsoft.management/managementgroups",
    "microsoft.management/managementgroups/subscriptions",
    "microsoft.resources/subscriptions/resourcegroups",
    "microsoft.cognitiveservices/accounts/projects",
    "microsoft.cognitiveservices/accounts/deployments",
];

/// Appends what the actor did, if it is the activity log's: a management action of a caller. The directory's writes and
/// the server's own tasks are not.
pub(super) async fn append(work: &mut Work<'_>, actor: &Actor, now: Timestamp) -> Result<(), StoreError> {
    let Some(target) = actor.arm_target() else { return Ok(()) };
    drop_old(work, now).await?;
    let (before, after) = bodies(work, target)?;
    let columns = Columns::of(target, actor.action());
    sqlx::query(
        "INSERT INTO activity (seq, started_us, ended_us, subscription, resource_group, provider, scope_key, before_body,
            after_body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(work.version)
    .bind(actor.began_at().min(now).as_microsecond())
    .bind(now.as_microsecond())
    .bind(columns.subscription)
    .bind(columns.resource_group)
    .bind(columns.provider)
    .bind(target.key())
    .bind(before)
    .bind(after)
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    Ok(())
}

/// The target as it was, when it was removed; and as it is, when it was put.
fn bodies(work: &Work<'_>, target: &Scope) -> Result<(Option<String>, Option<String>), StoreError> {
    let removed = work.changes.iter().find_map(|change| match change {
        Change::RemoveResource(resource) if resource.id == *target => Some(resource.as_ref()),
        _ => None,
    });
    let put = work.resources.iter().find(|upserted| upserted.resource.id == *target);
    Ok((removed.map_or(Ok(None), kept)?, put.map_or(Ok(None), |upserted| kept(&upserted.resource))?))
}

fn kept(resource: &Resource) -> Result<Option<String>, StoreError> {
    if !KEPT_TYPES.iter().any(|kept| kept.eq_ignore_ascii_case(&resource.resource_type)) {
        return Ok(None);
    }
    Ok(Some(json(resource)?).filter(|body| body.len() <= BODY_LIMIT_BYTES))
}

async fn drop_old(work: &mut Work<'_>, now: Timestamp) -> Result<(), StoreError> {
    let end = now.checked_sub(SignedDuration::from_hours(24 * RETENTION_DAYS)).unwrap_or(Timestamp::MIN);
    sqlx::query(
        "DELETE FROM activity WHERE seq IN (SELECT seq FROM activity WHERE ended_us < $1 ORDER BY ended_us LIMIT $2)",
    )
    .bind(end.as_microsecond())
    .bind(DROPPED_PER_WRITE)
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    Ok(())
}
