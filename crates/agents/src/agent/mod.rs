//! Agents of a project: what each is told, in versions that never change, and the identity it has.

mod definition;
mod identity;
mod model;
mod name;
mod record;
mod shelf;
mod wish;

use access::Failure;
use arm::Scope;
use rbac::{Mode, Permit};
use serde_json::Value;
use store::Store;
use uuid::Uuid;

pub(crate) use name::check as check_name;
pub(crate) use record::{Agent, State};
pub(crate) use shelf::Shelf;
pub(crate) use wish::Wish;

use crate::failure::conflict;

/// One version of an agent, as a run needs it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AgentVersion {
    /// The agent's name, as it was made.
    pub(crate) name: String,
    /// The version: `1`, `2` …
    pub(crate) version: String,
    /// The definition, as it was checked when it was made.
    pub(crate) definition: Value,
    /// The agent's own identity, by object id.
    pub(crate) principal: Uuid,
}

/// The version of an agent that a run is asked of; without one, the newest. The permit is for the project and lists
/// [`rbac::RowKind::DataObject`]. Unknown and disabled agents are refused with what to do.
pub(crate) async fn find<M: Mode>(
    store: &Store,
    permit: &Permit<M>,
    name: &str,
    version: Option<&str>,
) -> Result<AgentVersion, Failure> {
    let shelf = Shelf { store, permit };
    let agent = shelf.get(name).await?;
    if agent.state == State::Disabled {
        let name = &agent.name;
        return Err(conflict(format!(
            "the agent `{name}` is disabled: `POST …/agents/{name}:enable` lets it answer again"
        )));
    }
    let version = match version {
        None => agent.latest.clone(),
        Some(version) => shelf.version(&agent, version).await?,
    };
    Ok(AgentVersion {
        version: version.number.to_string(),
        definition: version.definition,
        principal: agent.principal_id,
        name: agent.name,
    })
}

/// What an agent's identity belongs to: no resource, a place below the project's id.
pub(crate) fn scope(project: &Scope, name: &str) -> Scope {
    project.child("agents", name)
}
