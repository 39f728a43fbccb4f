//! Decisions without a request: for the steps of a run, and for work that goes on after a restart. Each is decided anew, as if its
//! caller asked at that moment.

use std::sync::Arc;

use arm::Scope;
use http::StatusCode;
use jiff::Timestamp;
use rbac::{Attributes, Caller, Mode, Permission, Permit, Reads, RowKind};
use serde::{Deserialize, Serialize};
use store::{Clock, Record, Store, World};
use uuid::Uuid;

use crate::admit::{self, Need, Question};
use crate::arrival::circumstances;
use crate::audit::{Draft, Observer};
use crate::authenticate::Recognised;
use crate::failure::{Failure, HandlerResult};
use crate::refusal::{self, AuthenticationError};
use crate::route::Route;

/// Who asked, as it is kept with work that outlives the request. It grants nothing: every step is decided anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    object_id: Uuid,
    token_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<Uuid>,
}

impl Stored {
    /// The caller of a permit; `None` for keys and for the server itself, which have no object id.
    pub fn of<M: Mode>(permit: &Permit<M>) -> Option<Stored> {
        match permit.caller() {
            Caller::Principal(principal) => Some(Stored {
                object_id: principal.object_id(),
                token_id: principal.token_id().to_owned(),
                on_behalf_of: None,
            }),
            Caller::Key { .. } | Caller::Protocol(_) | Caller::Task(_) => None,
        }
    }

    /// The identity that something has of its own, such as an agent, at work for this caller; `None` where it has none.
    pub fn through(&self, resource: &Scope, world: &World) -> Option<Stored> {
        let own = world.directory.managed_by(resource)?;
        Some(Stored { object_id: own.id, token_id: self.token_id.clone(), on_behalf_of: Some(self.object_id) })
    }

    /// Whoever this acts for, acting as themselves; `None` where it acts for nobody else.
    #[must_use]
    pub fn behind(&self) -> Option<Stored> {
        let object_id = self.on_behalf_of?;
        Some(Stored { object_id, token_id: self.token_id.clone(), on_behalf_of: None })
    }

    /// The object id.
    pub fn object_id(&self) -> Uuid {
        self.object_id
    }

    /// For whom it acts, where that is somebody else.
    pub fn on_behalf_of(&self) -> Option<Uuid> {
        self.on_behalf_of
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What.
    pub permission: Permission,
    /// Where.
    pub scope: Scope,
    /// The kinds of rows that the step may keep or open.
    pub rows: &'static [RowKind],
    /// The route on whose behalf, for the journal and the words of a refusal.
    pub route: Route,
    /// The request or run that this belongs to.
    pub request_id: Uuid,
}

/// A step that was let through.
pub struct Step {
    /// The proof, good for this step alone.
    pub permit: Permit<Reads>,
    /// Its journal record. Whoever has the step closes it: [`Draft::take_over`].
    pub record: Draft,
    /// The snapshot that the decision read.
    pub world: Arc<World>,
    /// When it was decided.
    pub now: Timestamp,
    /// For whom it was decided.
    pub who: Stored,
}

/// Decides for callers who are not on the line. Cheap to clone.
#[derive(Clone)]
pub struct StandIn {
    store: Store,
    clock: Arc<dyn Clock>,
    observer: Option<Observer>,
}

impl StandIn {
    /// Decides by the newest world of a store; `observer` sees each journal record.
    pub fn new(store: Store, clock: Arc<dyn Clock>, observer: Option<Observer>) -> StandIn {
        StandIn { store, clock, observer }
    }

    /// Decides for a caller who was kept, as the world is now. A refusal is in the journal when this returns.
    pub async fn admit_as(&self, who: &Stored, asking: &Asking) -> Result<Step, Failure> {
        let (world, now) = (self.store.world(), self.clock.now());
        let record = Draft::new(self.store.clone(), self.observer.clone(), first_record(who, asking, &world, now));
        match decide(who, asking, &world, now, &record) {
            Ok(permit) => {
                record.note_permit(&permit);
                Ok(Step { permit, record, world, now, who: who.clone() })
            }
            Err(failure) => {
                record.note_failure(&failure);
                if let Err(error) = record.close(failure.status).await {
                    tracing::error!(%error, "the journal cannot be written; a refusal goes unrecorded");
                }
                Err(failure)
            }
        }
    }

    /// Decides a further need of a step, which the one who acts holds, or else the one it acts for: the object id of who holds it.
    /// Where neither does, the step's record says so.
    pub fn admit_further(&self, step: &Step, asking: &Asking) -> Result<Uuid, Failure> {
        let scratch = || Draft::new(self.store.clone(), None, Record::default());
        let holds = |who: &Stored, record: &Draft| decide(who, asking, &step.world, step.now, record);
        let candidates = [Some(step.who.clone()), step.who.behind()];
        match candidates.iter().flatten().find(|who| holds(who, &scratch()).is_ok()) {
            Some(holder) => Ok(holder.object_id),
            None => holds(&step.who, &step.record).map(|_| step.who.object_id),
        }
    }

    /// Opens what connections are shown at their other end. Whoever uses one was let through to it.
    pub fn for_connection_secrets(&self) -> Permit<Reads> {
        admit::for_task(rbac::Task::ConnectionSecrets, self.clock.now())
    }

    /// Reads and keeps runs that were going on when the server stopped.
    pub fn for_resumed_runs(&self) -> Permit<Reads> {
        admit::for_task(rbac::Task::ResumeRuns, self.clock.now())
    }
}

/// Writes the record of a step that was done, unless its answer took that over. What cannot be recorded has failed.
pub async fn close_step(record: &Draft, result: HandlerResult) -> HandlerResult {
    if record.is_taken() {
        return result;
    }
    let status = match &result {
        Ok(reply) => reply.status(),
        Err(failure) => {
            record.note_failure(failure);
            failure.status
        }
    };
    match record.close(status).await {
        Ok(()) => result,
        Err(error) => {
            tracing::error!(%error, "the journal cannot be written");
            Err(result.err().unwrap_or_else(|| {
                Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", NOT_RECORDED)
            }))
        }
    }
}

/// What a step is told whose record cannot be written.
pub(crate) const NOT_RECORDED: &str = "The request cannot be recorded, so it is not served. Try again later.";

fn first_record(who: &Stored, asking: &Asking, world: &World, now: Timestamp) -> Record {
    Record {
        time: now,
        decision_id: Uuid::now_v7(),
        request_id: asking.request_id,
        plane: asking.route.plane().as_str().into(),
        method: asking.route.verb().as_str().into(),
        route: asking.route.template(),
        principal_id: Some(who.object_id),
        on_behalf_of: who.on_behalf_of,
        credential: "kept".into(),
        snapshot_version: world.version,
        ..Record::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a kept caller is known again without a token")]
fn decide(
    who: &Stored,
    asking: &Asking,
    world: &Arc<World>,
    now: Timestamp,
    record: &Draft,
) -> Result<Permit<Reads>, Failure> {
    let plane = asking.route.plane();
    let known = identity::known_again(who.object_id, &who.token_id, world).map_err(|error| {
        record.note(|record| {
            record.outcome = "unauthenticated".into();
            record.step = "authentication".into();
        });
        refusal::unauthenticated(plane, &AuthenticationError::Token(error.to_string()))
    })?;
    record.note(|record| {
        record.principal_type = Some(known.kind().as_str().into());
        record.principal_label = Some(known.to_label());
    });
    let question = Question {
        caller: &Recognised::Principal(known),
        need: &Need::All(asking.permission.clone(), Vec::new()),
        target: &asking.scope,
        rows: asking.rows,
        is_own: false,
        world,
        decision_id: Uuid::now_v7(),
        now,
    };
    let attributes = circumstances(Attributes::default(), Some(who.object_id), world, now);
    let decided = admit::decide::<Reads>(&question, &attributes);
    decided.map(|(permit, _)| permit).map_err(|denial| {
        record.note_denial(&denial);
        refusal::denied(&asking.route, &denial)
    })
}
