//! The routes of agents, conversations and responses: where each is reached and what it needs.

mod agents;
mod conversations;
pub(crate) mod responses;

use std::future::Future;
use std::sync::Arc;

use access::{Failure, HandlerResult, Routes, data_action};
use arm::Scope;
use http::StatusCode;
use rbac::Permission;
use store::World;

use crate::Agents;
use crate::failure::no_project;

const READ: &[Permission] = data_action!("AIServices/agents/read");
const WRITE: &[Permission] = data_action!("AIServices/agents/write");
const DELETE: &[Permission] = data_action!("AIServices/agents/delete");

/// All of them.
pub fn routes(agents: Arc<Agents>) -> Routes<Agents> {
    responses::mount(conversations::mount(agents::mount(Routes::new(agents))))
}

/// Refuses a project that does not exist, to a caller who would be allowed in it.
fn exists(world: &World, project: &Scope) -> Result<(), Failure> {
    world.resources.get(project).map(drop).ok_or_else(no_project)
}

/// Finishes a change of several writes even when its caller goes away in the middle.
async fn to_the_end(change: impl Future<Output = HandlerResult> + Send + 'static) -> HandlerResult {
    tokio::spawn(change).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a change of an agent was cut off");
        let message = "The change was cut off. Read the agent, and try again.";
        Err(Failure::data_plane(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message))
    })
}
