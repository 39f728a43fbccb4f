//! The journal record of a request, from its arrival to its last byte.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::StatusCode;
use jiff::Timestamp;
use rbac::{Caller, Denial, DenialReason, Grant, Mode, Permit};
use store::{ConditionInputs, Durability, JournalError, Record, Store};

use crate::failure::Failure;
use crate::limits::UNAUTHENTICATED_RECORDS_PER_S;
use crate::route::Plane;

/// What was asked, where that is not the action at the target itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// For a token, which is enough.
    AnyToken,
    /// Whether something of a list may be shown.
    Visible,
    /// What a resource key opens.
    Key,
}

impl Asked {
    /// As the journal has it.
    fn as_str(self) -> &'static str {
        match self {
            Asked::AnyToken => "anyToken",
            Asked::Visible => "visible",
            Asked::Key => "key",
        }
    }
}

/// Sees each record once it is written. It is called on the request's own way: it must be quick and must not wait.
pub type Observer = Arc<dyn Fn(&Record) + Send + Sync>;

/// A record being written. Clones are the same record.
#[derive(Clone)]
pub struct Draft(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    store: Store,
    observer: Option<Observer>,
    started: Instant,
}

struct State {
    record: Record,
    /// Whether somebody has the duty to write it, or has done it.
    taken: bool,
}

impl Draft {
    pub(crate) fn new(store: Store, observer: Option<Observer>, record: Record) -> Draft {
        let state = Mutex::new(State { record, taken: false });
        Draft(Arc::new(Inner { state, store, observer, started: Instant::now() }))
    }

    /// Adds what the caller of this learned.
    pub fn note(&self, change: impl FnOnce(&mut Record)) {
        change(&mut self.state().record);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned record is still a record: a panic elsewhere must not lose it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over the duty to close the record: for replies that stream, whose usage is known only at the end.
    pub fn take_over(&self) -> Closing {
        self.state().taken = true;
        Closing { draft: self.clone() }
    }

    /// Microseconds since the request arrived.
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn outcome(&self) -> Cow<'static, str> {
        self.state().record.outcome.clone()
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.state().taken
    }

    /// Names who asked for what and what granted it.
    pub(crate) fn note_permit<M: Mode>(&self, permit: &Permit<M>) {
        self.note(|record| {
            record.outcome = "allowed".into();
            record.decision_id = permit.decision_id();
            record.action = Some(permit.permission().to_text());
            record.is_data_action = Some(permit.permission().is_data());
            record.target = Some(permit.scope().to_shared());
            // Who asked was noted when it was recognised.
            if let Caller::Key { account, .. } = permit.caller() {
                record.account = Some(account.to_string());
            }
            note_grant(record, permit.grant());
        });
        let asked = match permit.grant() {
            Grant::AnyToken => Some(Asked::AnyToken),
            Grant::Visible { .. } => Some(Asked::Visible),
            Grant::ResourceKey { .. } => Some(Asked::Key),
            _ => None,
        };
        asked.into_iter().for_each(|asked| self.note_asked(asked));
    }

    /// Names who was refused what, and the step that failed.
    pub(crate) fn note_denial(&self, denial: &Denial) {
        self.note(|record| {
            record.outcome = "refused".into();
            record.step = "authorization".into();
            record.decision_id = denial.decision_id;
            record.action = Some(denial.permission.to_text());
            record.is_data_action = Some(denial.permission.is_data());
            record.target = Some(denial.scope.to_shared());
            record.reason = Some(denial.reason_text());
            record.deny_assignment = denial.deny_assignment.as_ref().map(|deny| deny.id.to_string());
        });
        if denial.reason == DenialReason::NotForKeys {
            self.note_asked(Asked::Key);
        }
    }

    /// Says why a request was not served.
    pub(crate) fn note_failure(&self, failure: &Failure) {
        self.note(|record| {
            // Let through and then not served: why not says more than what let it through.
            if record.outcome == "allowed" {
                record.reason = Some(failure.reason.clone());
            }
            record.reason.get_or_insert_with(|| failure.reason.clone());
            // Recognised, and turned away before a decision: a body over its limit, no api-version.
            if record.outcome.is_empty() && record.credential != "none" {
                record.outcome = "refused".into();
                record.step = "admission".into();
            }
            if record.step.is_empty() {
                record.step = "handler".into();
            }
        });
    }

    /// Names what was asked, where that is not the action at the target itself.
    pub(crate) fn note_asked(&self, asked: Asked) {
        self.note(|record| record.asked = Some(asked.as_str().into()));
    }

    /// Keeps what a condition read, if one had a say.
    pub(crate) fn note_condition_inputs(&self, inputs: Option<ConditionInputs>) {
        if inputs.is_some() {
            self.note(|record| record.condition_inputs = inputs);
        }
    }

    /// Writes the record. That of inference is with the kernel when this resolves, and on the disk at most two milliseconds later;
    /// any other is on the disk, since what it allowed may outlive it.
    pub(crate) async fn close(&self, status: StatusCode) -> Result<(), JournalError> {
        let writing = {
            let mut state = self.state();
            // Whoever drops the request now has nothing left to write.
            state.taken = true;
            let record = &mut state.record;
            record.status = status.as_u16();
            record.duration_us = self.elapsed_us();
            let is_data = [Plane::Inference, Plane::Project].iter().any(|plane| record.plane == plane.as_str());
            let is_waited_for = !is_data || record.method == "DELETE";
            let durability = if is_waited_for { Durability::Disk } else { Durability::Kernel };
            // Its line is made here: the record itself is large, and stays where it is.
            self.0.store.journal().begin(record, durability)?
        };
        writing.done().await?;
        if let Some(observer) = &self.0.observer {
            observer(&self.state().record);
        }
        Ok(())
    }
}

/// The duty to close a record once.
pub struct Closing {
    draft: Draft,
}

impl Closing {
    /// The record, to add to it.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Writes the record, as durably as its plane demands. Call it before the reply's last byte.
    pub async fn close(self, status: StatusCode) -> Result<(), JournalError> {
        self.draft.close(status).await
    }
}

/// The status that the journal keeps for a request whose client went away before the answer.
pub const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Writes the record of a request that is dropped before it was answered: the client went away.
pub struct CloseOnDrop {
    draft: Option<Draft>,
}

impl CloseOnDrop {
    /// For the record of a request or step that is about to begin.
    pub fn new(draft: Draft) -> CloseOnDrop {
        CloseOnDrop { draft: Some(draft) }
    }

    /// The request was answered, and its record written.
    pub fn answered(mut self) {
        self.draft = None;
    }
}

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        if draft.outcome().is_empty() || draft.is_taken() {
            return;
        }
        draft.note(|record| {
            record.reason.get_or_insert_with(|| "the client went away before the answer".to_owned());
        });
        let status = StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_REQUEST);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = draft.close(status).await {
                    tracing::error!(%error, "the journal cannot be written");
                }
            });
        }
    }
}

fn note_grant(record: &mut Record, grant: &Grant) {
    match grant {
        Grant::Assignment { assignment, role, role_name, via_group, .. } => {
            record.assignment = Some(assignment.to_shared());
            record.role = Some(*role);
            record.role_name = Some(Arc::clone(role_name));
            record.via_group = Some(*via_group);
        }
        Grant::DirectoryRole(_) => record.reason = Some("a directory role".to_owned()),
        Grant::Member => record.reason = Some("what every user may do in the directory".to_owned()),
        Grant::ResourceKey { .. } => record.reason = Some("a resource key".to_owned()),
        Grant::AnyToken => record.reason = Some("any valid token".to_owned()),
        Grant::Visible { scopes } => {
            record.reason = Some(format!("something is visible under {} scopes", scopes.len()))
        }
        Grant::Protocol(_) | Grant::Task(_) => {}
    }
}

/// Counts failed authentications and lets a few per second through to the journal.
#[derive(Default)]
pub(crate) struct FailureSampler {
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    second: i64,
    written: u32,
    unwritten: u64,
}

impl FailureSampler {
    /// Whether this failure is written, and how many failures the record stands for.
    pub(crate) fn admit(&self, now: Timestamp) -> Option<u64> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.second != now.as_second() {
            window.second = now.as_second();
            window.written = 0;
        }
        window.unwritten += 1;
        if window.written >= UNAUTHENTICATED_RECORDS_PER_S {
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.unwritten))
    }
}

#[cfg(test)]
mod tests;
