//! Writes of objects that wait for the disk together: whoever gets the writer's turn commits all that have come meanwhile.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use arm::Scope;
use jiff::Timestamp;
use sqlx::{AnyConnection, Connection};
use tokio::sync::oneshot;

use super::write::{Sealed, apply, purge, take_numbers};
use super::{DataError, DataStamp};
use crate::engine::{Tx, failed};
use crate::error::StoreError;
use crate::world::World;

/// Changes after which a transaction takes no further write: other writers wait for milliseconds only.
const CHANGES_PER_COMMIT: usize = 256;
/// Objects that a turn of purging removes, parts not counted, for the same reason.
pub(crate) const PURGED_PER_COMMIT: u32 = 256;

/// What became of a write: a stamp for each object that was put.
type Outcome = Result<Vec<DataStamp>, DataError>;

/// A write that waits.
pub(crate) struct Job {
    pub(crate) scope: Scope,
    /// When access was decided.
    pub(crate) decided_at: Timestamp,
    pub(crate) changes: Vec<Sealed>,
    pub(crate) reply: oneshot::Sender<Outcome>,
}

/// The writes that wait, in the order in which they came.
#[derive(Default)]
pub(crate) struct Queue(Mutex<VecDeque<Job>>);

impl Queue {
    pub(crate) fn push(&self, job: Job) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
    }

    /// The next writes, for one transaction. Each that comes takes a turn, so what is left has somebody to come for it.
    pub(crate) fn take(&self) -> Vec<Job> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut jobs, mut changes) = (Vec::new(), 0);
        while changes < CHANGES_PER_COMMIT
            && let Some(job) = waiting.pop_front()
        {
            changes += job.changes.len();
            jobs.push(job);
        }
        jobs
    }
}

/// Commits the writes, each whole or not at all. An error is that of the database, and then none is written.
pub(crate) async fn commit(
    connection: &mut AnyConnection,
    world: &World,
    jobs: &[Job],
    now: Timestamp,
) -> Result<Vec<Outcome>, StoreError> {
    let mut tx = connection.begin().await.map_err(failed)?;
    let mut number = take_numbers(&mut tx, jobs.iter().map(|job| job.changes.len()).sum()).await?;
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match check_scope(world, job, now) {
            Ok(()) => attempt(&mut tx, &job.changes, &mut number, now).await?,
            Err(gone) => Err(gone),
        });
    }
    tx.commit().await.map_err(failed)?;
    Ok(outcomes)
}

/// Removes what has expired, at most `PURGED_PER_COMMIT` objects and their parts. How many.
pub(crate) async fn commit_purge(connection: &mut AnyConnection, now: Timestamp) -> Result<u64, StoreError> {
    let mut tx = connection.begin().await.map_err(failed)?;
    take_numbers(&mut tx, 0).await?;
    let removed = purge(&mut tx, now, PURGED_PER_COMMIT).await?;
    tx.commit().await.map_err(failed)?;
    Ok(removed)
}

/// One write inside the transaction: what it is refused for leaves the others as they are.
async fn attempt(tx: &mut Tx<'_>, changes: &[Sealed], number: &mut i64, now: Timestamp) -> Result<Outcome, StoreError> {
    let mut savepoint = tx.begin().await.map_err(failed)?;
    let mut stamps = Vec::with_capacity(changes.len());
    for change in changes {
        match apply(&mut savepoint, change, *number, now).await {
            Ok(stamp) => stamps.extend(stamp),
            Err(DataError::Store(error)) if error.is_of_the_engine() => return Err(error),
            Err(refused) => {
                savepoint.rollback().await.map_err(failed)?;
                return Ok(Err(refused));
            }
        }
        *number += 1;
    }
    savepoint.commit().await.map_err(failed)?;
    Ok(Ok(stamps))
}

/// Is it the account or project that access was decided for, and not one that has since been made under its name? A time
/// of making that is still to come is a clock that went back, and says nothing.
fn check_scope(world: &World, job: &Job, now: Timestamp) -> Result<(), DataError> {
    let gone = || DataError::ScopeGone { scope: job.scope.clone() };
    let made_at = world.resources.get(&job.scope).ok_or_else(gone)?.system_data.created_at;
    if made_at > job.decided_at && made_at <= now {
        return Err(gone());
    }
    Ok(())
}
