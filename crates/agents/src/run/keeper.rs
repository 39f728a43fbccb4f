//! What is kept of a run while it goes on, so that it can go on after a restart, and what is left of it when it is over.

use std::sync::Arc;
use std::time::Duration;

use access::Failure;
use arm::Scope;
use gateway::{new_response, next_response};
use http::StatusCode;
use rbac::{Permit, Reads};
use serde_json::Value;
use store::{
    DataChange, DataError, DataKey, DataKind, DataObject, DataPrecondition, DataQuery, NewDataObject, Store, StoreError,
};

use super::state::Run;
use super::step::Happened;
use crate::conversation;

/// Steps that are read at once.
const STEPS_AT_ONCE: u32 = 1000;
/// How often the end is tried to be kept again: without it a response says for ever that it goes on.
const FINISH_RETRIES: u32 = 5;
/// The first pause between these; each is twice the one before, all together less than a caller waits.
const FINISH_PAUSE: Duration = Duration::from_millis(100);

/// Keeps one run.
pub(crate) struct Keeper {
    store: Store,
    permit: Arc<Permit<Reads>>,
    project: Scope,
    /// Steps that were kept.
    steps: u32,
}

impl Keeper {
    /// Keeps at `project` with a permit for it, or for all runs.
    pub(crate) fn new(store: Store, permit: Arc<Permit<Reads>>, project: Scope) -> Keeper {
        Keeper { store, permit, project, steps: 0 }
    }

    /// Keeps a run that begins, and its response as it is then.
    pub(crate) async fn begin(&self, run: &Run, response: Value) -> Result<(), Failure> {
        let body = serde_json::to_value(run).map_err(|error| unreadable(&error))?;
        let mut changes = vec![put(self.run(&run.response_id), DataPrecondition::Absent, body)];
        if run.is_stored {
            changes.extend(new_response(self.response(&run.response_id), response, run.input.clone()));
        }
        self.write(changes).await
    }

    /// Keeps what happened.
    pub(crate) async fn happened(&mut self, run: &Run, happened: &[Happened]) -> Result<(), Failure> {
        let mut changes = Vec::with_capacity(happened.len());
        for happened in happened {
            let body = serde_json::to_value(happened).map_err(|error| unreadable(&error))?;
            let key = self.run(&run.response_id).part(DataKind::RunStep, format!("{:06}", self.steps));
            self.steps += 1;
            changes.push(put(key, DataPrecondition::Absent, body));
        }
        if changes.is_empty() { Ok(()) } else { self.write(changes).await }
    }

    /// Shows that a run which nobody waits for has been begun.
    pub(crate) async fn show(&self, run: &Run, response: Value) -> Result<(), Failure> {
        self.write(vec![next_response(self.response(&run.response_id), response)]).await
    }

    /// What happened in a run so far, in order.
    pub(crate) async fn steps(&mut self, run: &Run) -> Result<Vec<Happened>, Failure> {
        let mut query = DataQuery::first(DataKind::RunStep, &self.project, Some(&run.response_id), STEPS_AT_ONCE);
        let mut steps = Vec::new();
        loop {
            let page = self.store.data_objects(&self.permit, &query).await.map_err(|error| of(&error))?;
            query.after = page.objects.last().map(|object| object.key.id.clone());
            for object in page.objects {
                self.steps += 1;
                steps.push(serde_json::from_value(object.body).map_err(|error| unreadable(&error))?);
            }
            if !page.has_more {
                return Ok(steps);
            }
        }
    }

    /// Keeps the end: the response, and with `said` the conversation's new items, all in one. The run itself is no longer needed.
    pub(crate) async fn finish(&self, run: &Run, response: Value, said: Vec<Value>) -> Result<(), Failure> {
        let gone = DataChange::Delete(self.run(&run.response_id));
        let mut changes = Vec::new();
        if run.is_stored {
            changes.push(next_response(self.response(&run.response_id), response));
        }
        if let Some(place) = &run.conversation {
            changes.extend(conversation::additions(&self.project, &place.id, &said));
        }
        changes.push(gone);
        let mut retries = 0;
        loop {
            match self.store.write_data(&self.permit, changes.clone()).await {
                Ok(_) => return Ok(()),
                // Somebody deleted the conversation or the response while it was being made: that stays so, and the rest is kept.
                Err(DataError::NotFound { key }) if key.kind != DataKind::Run => {
                    changes.retain(|change| *change.key() != key && change.key().parent_key().as_ref() != Some(&key));
                }
                // An earlier try did keep it, and its answer was lost.
                Err(DataError::NotFound { .. }) if retries > 0 => return Ok(()),
                Err(error) if retries < FINISH_RETRIES && may_pass(&error) => {
                    tracing::warn!(%error, run = run.response_id, "the end of a run cannot be kept yet");
                    tokio::time::sleep(FINISH_PAUSE * 2_u32.pow(retries)).await;
                    retries += 1;
                }
                Err(error) => return Err(of(&error)),
            }
        }
    }

    /// Removes the run and the response that was to be: it was refused before anything was said.
    pub(crate) async fn withdraw(&self, run: &Run) -> Result<(), Failure> {
        let response = run.is_stored.then(|| DataChange::Delete(self.response(&run.response_id)));
        self.write(response.into_iter().chain([DataChange::Delete(self.run(&run.response_id))]).collect()).await
    }

    async fn write(&self, changes: Vec<DataChange>) -> Result<(), Failure> {
        self.store.write_data(&self.permit, changes).await.map(drop).map_err(|error| of(&error))
    }

    fn run(&self, id: &str) -> DataKey {
        DataKey::new(DataKind::Run, &self.project, id)
    }

    fn response(&self, id: &str) -> DataKey {
        DataKey::new(DataKind::Response, &self.project, id)
    }
}

/// Whether the same change may succeed later. What the permit does not prove any more does not.
fn may_pass(error: &DataError) -> bool {
    match error {
        DataError::Store(error) => !matches!(error, StoreError::PermitTooOld | StoreError::PermitDoesNotCover { .. }),
        DataError::Changed { .. } => true,
        _ => false,
    }
}

/// A run that was kept.
pub(crate) fn read(object: DataObject) -> Result<Run, Failure> {
    serde_json::from_value(object.body).map_err(|error| unreadable(&error))
}

fn put(key: DataKey, precondition: DataPrecondition, body: Value) -> DataChange {
    DataChange::Put(NewDataObject { key, precondition, expires_at: None, body })
}

fn unreadable(error: &serde_json::Error) -> Failure {
    tracing::error!(%error, "a run cannot be written or read");
    Failure::data_plane(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The run cannot be kept.")
}

fn of(error: &DataError) -> Failure {
    tracing::error!(%error, "a run cannot be kept or found");
    let message = "The run cannot be kept or found now. Try again later.";
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
}
