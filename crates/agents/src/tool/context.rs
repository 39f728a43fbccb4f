//! What a run's tools need of the world around it; each call is decided and recorded here.

use std::future::Future;
use std::sync::Arc;

use access::{Asking, Closing, Failure, Route, StandIn, Step, Stored};
use arm::{Resource, Scope};
use egress::{Egress, Target};
use gateway::{AgentTag, CONNECTIONS_READ, Tokens};
use http::StatusCode;
use jiff::Timestamp;
use rbac::Permission;
use resources::connections::{all_seen, seen_from};
use serde_json::Value;
use store::{Store, World};
use uuid::Uuid;

use super::CALL_TIMEOUT;
use super::call::{CallError, ToolOutcome};

/// What a call is told whose record cannot be written.
const NOT_RECORDED: &str = "the call cannot be recorded, so its outcome is not told";

/// Everything that a run's tools need of the world around it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ToolContext {
    /// The way out.
    pub(crate) egress: Egress,
    /// Decides each call anew.
    pub(crate) stand_in: StandIn,
    /// Where secrets of connections are kept.
    pub(crate) store: Store,
    /// Signs tokens of identities.
    pub(crate) tokens: Arc<dyn Tokens>,
    /// The project of the run.
    pub(crate) project: Scope,
    /// Who asked for the run.
    pub(crate) caller: Stored,
    /// The agent's own identity at work for the caller.
    pub(crate) own: Option<Stored>,
    /// The agent.
    pub(crate) agent: Option<AgentTag>,
    /// The run's id, for the journal.
    pub(crate) run: String,
    /// The route that the run came in by.
    pub(crate) route: Route,
    /// What that route needs at the project, and so each call.
    pub(crate) permission: Permission,
    /// The request that it came with.
    pub(crate) request_id: Uuid,
}

/// Why nothing came of a call.
pub(super) enum Unmade {
    /// It was not let through.
    Refused(Failure),
    /// It was made, and failed.
    Failed(CallError),
}

impl From<CallError> for Unmade {
    fn from(error: CallError) -> Unmade {
        Unmade::Failed(error)
    }
}

impl From<Unmade> for CallError {
    fn from(unmade: Unmade) -> CallError {
        match unmade {
            Unmade::Failed(error) => error,
            Unmade::Refused(failure) => {
                let said = failure.body.pointer("/error/message").and_then(Value::as_str);
                CallError::http(failure.status.as_u16(), said.unwrap_or(&failure.reason))
            }
        }
    }
}

/// A call that was let through, and whose record is open.
pub(super) struct Admitted {
    closing: Option<Closing>,
    pub(super) world: Arc<World>,
    pub(super) now: Timestamp,
    /// Where it goes.
    pub(super) target: Target,
    /// The connection that it uses.
    pub(super) connection: Option<Arc<Resource>>,
}

impl ToolContext {
    /// Decides a call to `target`, with what the connection of this name or id has, if any.
    pub(super) async fn admit(&self, connection: Option<&str>, target: &Target) -> Result<Admitted, Unmade> {
        let Step { record, world, now, who, .. } = match connection {
            Some(_) => self.as_either().await?,
            None => self.ask(&self.caller, self.permission.clone()).await.map_err(Unmade::Refused)?,
        };
        let using = connection.map(|_| who.object_id());
        record.note(|record| {
            record.agent = self.agent.as_ref().map(|agent| agent.label.clone());
            record.run = Some(self.run.clone());
            record.project = Some(self.project.name().to_owned());
            record.upstream_host = Some(target.host());
            record.connection_identity = using;
        });
        let closing = Some(record.take_over());
        let mut admitted = Admitted { closing, world, now, target: target.clone(), connection: None };
        if let Some(name) = connection {
            match self.find(&admitted.world, name) {
                Ok(found) => {
                    admitted.note(|record| record.connection = Some(found.id.to_string()));
                    admitted.connection = Some(found);
                }
                Err(error) => {
                    admitted.close(Some(&error)).await?;
                    return Err(Unmade::Failed(error));
                }
            }
        }
        Ok(admitted)
    }

    /// The caller, or else the agent itself, may use the project's connections.
    async fn as_either(&self) -> Result<Step, Unmade> {
        match (self.ask(&self.caller, CONNECTIONS_READ).await, &self.own) {
            (Ok(step), _) => Ok(step),
            (Err(_), Some(own)) => self.ask(own, CONNECTIONS_READ).await.map_err(Unmade::Refused),
            (Err(refused), None) => Err(Unmade::Refused(refused)),
        }
    }

    async fn ask(&self, who: &Stored, permission: Permission) -> Result<Step, Failure> {
        let asking = Asking {
            permission,
            scope: self.project.clone(),
            rows: &[],
            route: self.route,
            request_id: self.request_id,
        };
        self.stand_in.admit_as(who, &asking).await
    }

    /// The connection that the project sees under a name, or that has this id.
    fn find(&self, world: &World, given: &str) -> Result<Arc<Resource>, CallError> {
        let stored = |id: &Scope| world.resources.get(id).map(Arc::as_ref);
        let id = if given.starts_with('/') { Scope::parse(given).ok() } else { None };
        let name = id.as_ref().map_or(given, Scope::name);
        let found = seen_from(stored, &self.project, name)
            .filter(|found| id.as_ref().is_none_or(|id| *id == found.id))
            .and_then(|found| world.resources.get(&found.id));
        if let Some(found) = found {
            return Ok(Arc::clone(found));
        }
        let below = |place: &Scope, kind| world.resources.children_of_type(place, kind).map(Arc::as_ref);
        let account = self.project.parent().unwrap_or_else(Scope::root);
        let seen = all_seen(
            below(&self.project, resources::connections::PROJECT_CONNECTIONS),
            below(&account, resources::connections::ACCOUNT_CONNECTIONS),
        );
        let near = match arm::nearest(name, seen.iter().map(|connection| connection.id.name())) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => "; make it, or share the account's with all projects".to_owned(),
        };
        let message = format!("the project `{}` has no connection `{given}`{near}", self.project.name());
        Err(CallError::http(404, message))
    }

    /// Waits for a call, but not for ever.
    pub(super) async fn in_time<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
        let late = || CallError::http(504, format!("no answer within {} s", CALL_TIMEOUT.as_secs()));
        tokio::time::timeout(CALL_TIMEOUT, call).await.unwrap_or_else(|_| Err(late()))
    }
}

/// What a call gave, as far as its record tells.
pub(super) trait Recorded {
    /// How it failed by the server's own account.
    fn failure(&self) -> Option<&CallError> {
        None
    }
}

impl Recorded for ToolOutcome {
    fn failure(&self) -> Option<&CallError> {
        self.error.as_ref()
    }
}

impl Admitted {
    /// Adds to the record.
    pub(super) fn note(&self, change: impl FnOnce(&mut store::Record)) {
        if let Some(closing) = &self.closing {
            closing.draft().note(change);
        }
    }

    /// Waits for a call and writes its record: how it went, never what was said.
    pub(super) async fn record<T: Recorded>(
        mut self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let result = call.await;
        self.close(result.as_ref().map_or_else(Some, Recorded::failure)).await?;
        result
    }

    async fn close(&mut self, error: Option<&CallError>) -> Result<(), CallError> {
        if let Some(error) = error {
            let reason = match error {
                CallError::Http { message, .. } => message.clone(),
                CallError::Protocol { code, .. } => format!("the tool's server refused the call with code {code}"),
                CallError::Execution { .. } => "the tool failed".to_owned(),
            };
            self.note(|record| {
                record.step = "upstream".into();
                record.reason = Some(reason);
            });
        }
        let Some(closing) = self.closing.take() else { return Ok(()) };
        let status = StatusCode::from_u16(error.map_or(200, CallError::status)).unwrap_or(StatusCode::BAD_GATEWAY);
        closing.close(status).await.map_err(|error| {
            tracing::error!(%error, "the journal cannot be written");
            CallError::http(503, NOT_RECORDED)
        })
    }
}

/// A call that is given up leaves its record all the same.
impl Drop for Admitted {
    fn drop(&mut self) {
        let (Some(closing), Ok(runtime)) = (self.closing.take(), tokio::runtime::Handle::try_current()) else { return };
        closing.draft().note(|record| record.reason = Some("the run was given up before the answer".to_owned()));
        let status = StatusCode::from_u16(access::CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_GATEWAY);
        runtime.spawn(async move {
            if let Err(error) = closing.close(status).await {
                tracing::error!(%error, "the journal cannot be written");
            }
        });
    }
}
