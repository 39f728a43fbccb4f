//! Objects of accounts and projects: every access with a permit for its very place.

use arm::Scope;
use jiff::{SignedDuration, Timestamp};
use rbac::{Caller, Mode, Owner, Permit, RowKind, Task};
use tokio::sync::{OwnedMutexGuard, oneshot};

use super::{Inner, Store, Writer, not_covered};
use crate::data::queue::{self, Job};
use crate::data::{DataChange, DataError, DataKey, DataObject, DataPage, DataQuery, DataStamp, read, write};
use crate::error::StoreError;
use crate::readers::Reader;
use crate::row::{ACCOUNTS, PROJECTS};

/// How long after the decision a request may keep what it made, seconds: a model's answer is kept when it has ended, which
/// is long after the minute that a permit lasts. No model answers for an hour.
const KEEPING_LIFETIME_S: i64 = 60 * 60;

impl Store {
    /// Writes all changes or none, in order; they are on the disk when it returns. The permit lists [`RowKind::DataObject`],
    /// is at most an hour old, and is for the account or project of every change itself, not for one above it; all are at one place. A stamp for
    /// each object that was put. A caller that stops waiting does not stop the write.
    pub async fn write_data<M: Mode>(
        &self,
        permit: &Permit<M>,
        changes: Vec<DataChange>,
    ) -> Result<Vec<DataStamp>, DataError> {
        let Some(scope) = changes.first().map(|change| change.key().scope.clone()) else {
            return Err(DataError::Invalid { reason: "a write without changes".to_owned() });
        };
        let age = self.now().duration_since(permit.issued_at()).abs();
        if age > SignedDuration::from_secs(KEEPING_LIFETIME_S) {
            return Err(StoreError::PermitTooOld.into());
        }
        changes.iter().try_for_each(|change| check_place(permit, &change.key().scope))?;
        if changes.iter().any(|change| change.key().scope != scope) {
            return Err(DataError::Invalid { reason: "a write at several places".to_owned() });
        }
        let changes = write::seal(changes, &self.0.seals)?;
        let (reply, outcome) = oneshot::channel();
        let decided_at = permit.issued_at();
        self.0.data.push(Job { scope, decided_at, changes, reply });
        let store = self.clone();
        tokio::spawn(async move { store.commit_waiting().await });
        outcome.await.map_err(|_| StoreError::Unavailable("the write was cut off".to_owned()))?
    }

    /// One object; `None` when there is none, or when it or what it is part of has expired. The permit lists
    /// [`RowKind::DataObject`], is fresh, and is for the object's account or project itself.
    pub async fn data_object<M: Mode>(
        &self,
        permit: &Permit<M>,
        key: &DataKey,
    ) -> Result<Option<DataObject>, DataError> {
        let (mut reader, now) = self.read_data(permit, &key.scope).await?;
        let found = read::one(&mut reader.connection, &self.0.seals, key, now).await;
        self.done(reader, found).await
    }

    /// A page of the objects of one kind and place. The permit as for `data_object`.
    pub async fn data_objects<M: Mode>(&self, permit: &Permit<M>, query: &DataQuery) -> Result<DataPage, DataError> {
        let (mut reader, now) = self.read_data(permit, &query.scope).await?;
        let found = read::page(&mut reader.connection, &self.0.seals, query, now).await;
        self.done(reader, found).await
    }

    /// How many objects there are of the query's kind and place, whatever its page. The permit as for `data_object`.
    pub async fn count_data<M: Mode>(&self, permit: &Permit<M>, query: &DataQuery) -> Result<u64, DataError> {
        let (mut reader, now) = self.read_data(permit, &query.scope).await?;
        let found = read::count(&mut reader.connection, query, now).await;
        self.done(reader, found).await
    }

    /// Frees the space of what has expired, a few at a time, so that no other write waits for long. How many objects went.
    /// Needs no permit: nobody could see them any more.
    pub async fn purge_expired(&self) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let mut turn = self.turn().await?;
            let inner = self.0.clone();
            let purge = async move {
                let now = inner.clock.now();
                let removed = queue::commit_purge(turn.connection()?, now).await;
                turn.after(removed)
            };
            let removed = tokio::spawn(purge)
                .await
                .map_err(|error| StoreError::Unavailable(format!("the purge was cut off: {error}")))??;
            if removed == 0 {
                return Ok(all);
            }
            all += removed;
        }
    }

    /// Commits the writes that wait when the writer's turn has come, often those of others too.
    async fn commit_waiting(&self) {
        let turn = self.turn().await;
        let jobs = self.0.data.take();
        if jobs.is_empty() {
            return;
        }
        let committed = match turn {
            Ok(turn) => self.0.commit_data(turn, &jobs).await,
            Err(error) => Err(error),
        };
        match committed {
            Ok(outcomes) => {
                for (job, outcome) in jobs.into_iter().zip(outcomes) {
                    let _ = job.reply.send(outcome);
                }
            }
            Err(error) => {
                for job in jobs {
                    let _ = job.reply.send(Err(error.of_the_engine_again().into()));
                }
            }
        }
    }

    async fn read_data<M: Mode>(
        &self,
        permit: &Permit<M>,
        scope: &Scope,
    ) -> Result<(Reader<'_>, Timestamp), StoreError> {
        let now = self.now();
        if !permit.is_fresh(now) {
            return Err(StoreError::PermitTooOld);
        }
        check_place(permit, scope)?;
        Ok((self.0.readers.take().await?, now))
    }

    async fn done<T>(&self, reader: Reader<'_>, found: Result<T, DataError>) -> Result<T, DataError> {
        let has_failed = matches!(&found, Err(DataError::Store(error)) if error.is_of_the_engine());
        self.0.readers.give_back(reader, has_failed).await;
        found
    }
}

impl Inner {
    /// While it has the writer's turn, the world stays as it is.
    async fn commit_data(
        &self,
        mut turn: OwnedMutexGuard<Writer>,
        jobs: &[Job],
    ) -> Result<Vec<Result<Vec<DataStamp>, DataError>>, StoreError> {
        let (world, now) = (self.world.load_full(), self.clock.now());
        let outcomes = queue::commit(turn.connection()?, &world, jobs, now).await;
        turn.after(outcomes)
    }
}

/// Objects are of an account or project, and only a permit for that very one reaches them: one for the account says nothing
/// of what a deny assignment keeps of a project. The server, which goes on with what it was doing, does so everywhere.
fn check_place<M: Mode>(permit: &Permit<M>, scope: &Scope) -> Result<(), StoreError> {
    let kept_by = |kind: &str| [ACCOUNTS, PROJECTS].contains(&kind);
    if !scope.resource_type().is_some_and(|kind| kept_by(kind.key())) {
        return Err(StoreError::Invalid { reason: format!("`{scope}` is no account or project") });
    }
    let owner = Owner::Scope(scope.clone());
    let is_here = permit.scope() == scope || *permit.caller() == Caller::Task(Task::ResumeRuns);
    if is_here && permit.covers(&owner, RowKind::DataObject) {
        return Ok(());
    }
    Err(not_covered(&owner, RowKind::DataObject))
}
