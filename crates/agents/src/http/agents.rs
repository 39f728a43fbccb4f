//! Agents and their versions.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Json, NoBody, Operation, Reply, Routes, operations};
use http::StatusCode;
use rbac::{RowKind, Writes};
use resources::{Fields, listed, quoted};
use serde_json::{Map, Value, json};

use super::{DELETE, READ, WRITE, exists, to_the_end};
use crate::Agents;
use crate::agent::{Shelf, State, Wish, check_name};
use crate::failure::{hint, of_field, refused, wrong};

/// What reading reveals.
const KEPT: &[RowKind] = &[RowKind::DataObject];
/// What changes with an agent: itself, and its identity.
const WITH_IDENTITY: &[RowKind] = &[RowKind::DataObject, RowKind::Principal];
/// The kinds of agents that clients ask for.
const KINDS: &[&str] = &["prompt", "hosted", "workflow", "external", "voice"];

operations! {
    /// Makes an agent.
    Create: Post "/accounts/{account}/api/projects/{project}/agents", Project, WRITE, Json, WITH_IDENTITY, Writes;
    /// Adds a version, and makes the agent if there is none.
    AddVersion: Post "/accounts/{account}/api/projects/{project}/agents/{agent}/versions", Project, WRITE, Json, WITH_IDENTITY, Writes;
    /// Lists the agents.
    List: Get "/accounts/{account}/api/projects/{project}/agents", Project, READ, NoBody, KEPT;
    /// Reads one.
    Get: Get "/accounts/{account}/api/projects/{project}/agents/{agent}", Project, READ, NoBody, KEPT;
    /// Lists its versions.
    Versions: Get "/accounts/{account}/api/projects/{project}/agents/{agent}/versions", Project, READ, NoBody, KEPT;
    /// Reads a version.
    Version: Get "/accounts/{account}/api/projects/{project}/agents/{agent}/versions/{version}", Project, READ, NoBody, KEPT;
    /// Changes what an agent says of itself.
    Update: Patch "/accounts/{account}/api/projects/{project}/agents/{agent}", Project, WRITE, Json, KEPT, Writes;
    /// Lets an agent answer again.
    Enable: Post "/accounts/{account}/api/projects/{project}/agents/{agent}:enable", Project, WRITE, NoBody, KEPT, Writes;
    /// Lets an agent answer no more.
    Disable: Post "/accounts/{account}/api/projects/{project}/agents/{agent}:disable", Project, WRITE, NoBody, KEPT, Writes;
    /// Removes an agent.
    Delete: Delete "/accounts/{account}/api/projects/{project}/agents/{agent}", Project, DELETE, NoBody, WITH_IDENTITY, Writes;
    /// Removes a version.
    DeleteVersion: Delete "/accounts/{account}/api/projects/{project}/agents/{agent}/versions/{version}", Project, DELETE, NoBody, WITH_IDENTITY, Writes;
}

pub(super) fn mount(routes: Routes<Agents>) -> Routes<Agents> {
    routes
        .on(Create, create)
        .on(AddVersion, add_version)
        .on(List, list)
        .on(Get, get)
        .on(Versions, versions)
        .on(Version, version)
        .on(Update, update)
        .on(Enable, |agents, ask| set_state(agents, ask, State::Enabled))
        .on(Disable, |agents, ask| set_state(agents, ask, State::Disabled))
        .on(Delete, delete)
        .on(DeleteVersion, delete_version)
}

async fn create(agents: Arc<Agents>, ask: Authorized<Create>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let body = &ask.body.0;
    let named = body.get("name").and_then(Value::as_str);
    let name = named.ok_or_else(|| refused(&wrong("name", "`name` is required and must be a string")))?.to_owned();
    check_name(&name).map_err(|error| refused(&error))?;
    let wish = wish(&agents, &ask, body)?;
    to_the_end(async move {
        let _turn = agents.changes.lock().await;
        let agent = shelf(&agents, &ask).create(&name, wish, ask.now).await?;
        Ok(Reply::json(StatusCode::OK, &agent.to_json()))
    })
    .await
}

async fn add_version(agents: Arc<Agents>, ask: Authorized<AddVersion>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let name = param(&ask, "agent");
    check_name(&name).map_err(|error| refused(&error))?;
    let wish = wish(&agents, &ask, &ask.body.0)?;
    to_the_end(async move {
        let _turn = agents.changes.lock().await;
        let agent = shelf(&agents, &ask).add_version(&name, wish, ask.now).await?;
        Ok(Reply::json(StatusCode::OK, &agent.version_to_json(&agent.latest)))
    })
    .await
}

async fn list(agents: Arc<Agents>, ask: Authorized<List>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let body = match ask.query.get("kind") {
        None | Some("prompt") => shelf(&agents, &ask).list(&ask.query).await?,
        // Agents of other kinds cannot be made here, so there are none.
        Some(kind) if KINDS.contains(&kind) => {
            json!({"object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false})
        }
        Some(other) => {
            let hint = hint(other, KINDS.iter().copied());
            let message = format!("`kind`: expected {}, but got `{}`{hint}", listed(KINDS), quoted(other));
            return Err(refused(&wrong("kind", message)));
        }
    };
    Ok(Reply::json(StatusCode::OK, &body))
}

async fn get(agents: Arc<Agents>, ask: Authorized<Get>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let agent = shelf(&agents, &ask).get(&param(&ask, "agent")).await?;
    Ok(Reply::json(StatusCode::OK, &agent.to_json()))
}

async fn versions(agents: Arc<Agents>, ask: Authorized<Versions>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let body = shelf(&agents, &ask).versions(&param(&ask, "agent"), &ask.query).await?;
    Ok(Reply::json(StatusCode::OK, &body))
}

async fn version(agents: Arc<Agents>, ask: Authorized<Version>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let shelf = shelf(&agents, &ask);
    let agent = shelf.get(&param(&ask, "agent")).await?;
    let version = shelf.version(&agent, &param(&ask, "version")).await?;
    Ok(Reply::json(StatusCode::OK, &agent.version_to_json(&version)))
}

async fn update(agents: Arc<Agents>, ask: Authorized<Update>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    let name = param(&ask, "agent");
    let empty = Map::new();
    let map = ask.body.0.as_object().unwrap_or(&empty);
    let fields = Fields::new("", map);
    fields
        .only(&["agent_card", "agent_endpoint"], "a change of an agent")
        .map_err(|error| refused(&of_field(error)))?;
    if fields.value("agent_endpoint").is_some() {
        let message = "`agent_endpoint`: there is nothing to choose: the newest version answers, by the responses protocol, with \
                       tokens; a call names another in `agent_reference.version`, and to go back, post the older definition again";
        return Err(refused(&wrong("agent_endpoint", message)));
    }
    let card = fields.object("agent_card").map_err(|error| refused(&of_field(error)))?.cloned().map(Value::Object);
    let is_changed = map.contains_key("agent_card");
    let _turn = agents.changes.lock().await;
    let shelf = shelf(&agents, &ask);
    let agent = if is_changed { shelf.set_card(&name, card).await? } else { shelf.get(&name).await? };
    Ok(Reply::json(StatusCode::OK, &agent.to_json()))
}

async fn set_state<O>(agents: Arc<Agents>, ask: Authorized<O>, state: State) -> HandlerResult
where
    O: Operation<Mode = Writes>,
{
    exists(&ask.world, ask.permit.scope())?;
    let _turn = agents.changes.lock().await;
    shelf(&agents, &ask).set_state(&param(&ask, "agent"), state).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

async fn delete(agents: Arc<Agents>, ask: Authorized<Delete>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    to_the_end(async move {
        let _turn = agents.changes.lock().await;
        let agent = shelf(&agents, &ask).delete(&param(&ask, "agent")).await?;
        let gone = json!({"object": "agent.deleted", "name": agent.name, "deleted": true});
        Ok(Reply::json(StatusCode::OK, &gone))
    })
    .await
}

async fn delete_version(agents: Arc<Agents>, ask: Authorized<DeleteVersion>) -> HandlerResult {
    exists(&ask.world, ask.permit.scope())?;
    to_the_end(async move {
        let _turn = agents.changes.lock().await;
        let version = param(&ask, "version");
        let agent = shelf(&agents, &ask).delete_version(&param(&ask, "agent"), &version).await?;
        let gone = json!({"object": "agent.version.deleted", "name": agent.name, "version": version, "deleted": true});
        Ok(Reply::json(StatusCode::OK, &gone))
    })
    .await
}

fn wish<O: Operation>(agents: &Agents, ask: &Authorized<O>, body: &Value) -> Result<Wish, Failure> {
    Wish::read(body, ask.permit.scope(), &ask.world, &agents.egress).map_err(|error| refused(&error))
}

fn shelf<'a, O: Operation>(agents: &'a Agents, ask: &'a Authorized<O>) -> Shelf<'a, O::Mode> {
    Shelf { store: &agents.store, permit: &ask.permit }
}

fn param<O: Operation>(ask: &Authorized<O>, name: &str) -> String {
    ask.params.get(name).unwrap_or_default().to_owned()
}
