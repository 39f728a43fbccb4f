//! Responses of a project: by a model that the request names, as everywhere, or by a run: of an agent, in a conversation, with tools that
//! the server calls, or with nobody waiting.

use std::sync::Arc;

use access::{Authorized, HandlerResult, InferenceJson, NoBody, Operation, Reply, Routes, operations};
use gateway::{Deed, Shelf, ThroughConnections, dated, kept_response, through_connections};
use http::StatusCode;
use rbac::{Permission, Reads, RowKind};
use serde_json::Value;

use super::{DELETE, READ, WRITE, exists};
use crate::Agents;
use crate::failure::{refused, wrong};
use crate::run::{Door, Request, needs_run, start};

/// What all of these keep or read.
const KEPT: &[RowKind] = &[RowKind::DataObject];
const INTERACT: &[Permission] = access::data_action!("AIServices/endpoints/interact/action");

operations! {
    /// Makes one.
    [through_connections] ProjectResponses: Post "/accounts/{account}/api/projects/{project}/openai/v1/responses", Project, WRITE, InferenceJson, KEPT;
    /// The same by the dated route.
    [through_connections] DatedResponses: Post "/accounts/{account}/api/projects/{project}/openai/responses", Project, WRITE, InferenceJson, KEPT;
    /// Makes one by the agent whose endpoint this is.
    EndpointResponses: Post "/accounts/{account}/api/projects/{project}/agents/{agent}/endpoint/protocols/openai/responses", Project, INTERACT, InferenceJson, KEPT;
    /// Reads one.
    ProjectResponse: Get "/accounts/{account}/api/projects/{project}/openai/v1/responses/{response}", Project, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponse: Get "/accounts/{account}/api/projects/{project}/openai/responses/{response}", Project, READ, NoBody, KEPT;
    /// Deletes one; one that is being made is stopped first.
    ResponseGone: Delete "/accounts/{account}/api/projects/{project}/openai/v1/responses/{response}", Project, DELETE, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponseGone: Delete "/accounts/{account}/api/projects/{project}/openai/responses/{response}", Project, DELETE, NoBody, KEPT;
    /// Stops one that is being made.
    ResponseStop: Post "/accounts/{account}/api/projects/{project}/openai/v1/responses/{response}/cancel", Project, WRITE, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponseStop: Post "/accounts/{account}/api/projects/{project}/openai/responses/{response}/cancel", Project, WRITE, NoBody, KEPT;
    /// Lists what one was asked with.
    ResponseInput: Get "/accounts/{account}/api/projects/{project}/openai/v1/responses/{response}/input_items", Project, READ, NoBody, KEPT;
    /// The same by the dated route.
    DatedResponseInput: Get "/accounts/{account}/api/projects/{project}/openai/responses/{response}/input_items", Project, READ, NoBody, KEPT;
}

impl ThroughConnections for ProjectResponses {}
impl ThroughConnections for DatedResponses {}

pub(super) fn mount(routes: Routes<Agents>) -> Routes<Agents> {
    routes
        .on(ProjectResponses, |agents, ask| make(agents, ask, false))
        .on(DatedResponses, |agents, ask| make(agents, ask, true))
        .on(EndpointResponses, |agents, ask| run(agents, ask, Door::Endpoint))
        .on(ProjectResponse, |agents, ask| get(agents, ask, false))
        .on(DatedResponse, |agents, ask| get(agents, ask, true))
        .on(ResponseGone, |agents, ask| delete(agents, ask, false))
        .on(DatedResponseGone, |agents, ask| delete(agents, ask, true))
        .on(ResponseStop, |agents, ask| cancel(agents, ask, false))
        .on(DatedResponseStop, |agents, ask| cancel(agents, ask, true))
        .on(ResponseInput, |agents, ask| list_input(agents, ask, false))
        .on(DatedResponseInput, |agents, ask| list_input(agents, ask, true))
}

/// At a project: what one model can answer is its affair alone.
async fn make<O: ThroughConnections>(agents: Arc<Agents>, ask: Authorized<O>, is_dated: bool) -> HandlerResult {
    if is_dated {
        dated(&ask.query)?;
    }
    if !needs_run(ask.body.value()) {
        return gateway::respond(&agents.serving, ask).await;
    }
    run(agents, ask, Door::Responses).await
}

async fn run<O>(agents: Arc<Agents>, ask: Authorized<O>, door: Door) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    exists(&ask.world, ask.permit.scope())?;
    let agent = ask.params.get("agent").map(str::to_owned);
    let Authorized { permit, body, headers, record, now, request, .. } = ask;
    let request = Request { permit, door, agent, body: body.into_value(), headers, record, id: request.id, now };
    start(&agents, request).await
}

async fn get<O>(agents: Arc<Agents>, ask: Authorized<O>, is_dated: bool) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    if is_dated {
        dated(&ask.query)?;
    }
    if ask.query.get("stream").is_some_and(|stream| stream.eq_ignore_ascii_case("true")) {
        let message = "`stream`: the events of a response are told once, to who asked for it; read the response itself until it has ended";
        return Err(refused(&wrong("stream", message)));
    }
    kept_response(&agents.store, Deed::Get, ask).await
}

async fn delete<O>(agents: Arc<Agents>, ask: Authorized<O>, is_dated: bool) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    if is_dated {
        dated(&ask.query)?;
    }
    agents.runs.stop(ask.permit.scope(), named(&ask)).await;
    kept_response(&agents.store, Deed::Delete, ask).await
}

async fn cancel<O>(agents: Arc<Agents>, ask: Authorized<O>, is_dated: bool) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    if is_dated {
        dated(&ask.query)?;
    }
    let id = named(&ask).to_owned();
    agents.runs.stop(ask.permit.scope(), &id).await;
    let scope = ask.permit.scope().clone();
    let response = Shelf::new(agents.store.clone(), Arc::new(ask.permit), scope).get(&id).await?;
    let status = response.get("status").and_then(Value::as_str).unwrap_or("completed");
    // To cancel twice is to cancel. What counts is how it ended: one may do so by itself while it is being stopped.
    if status == "cancelled" {
        return Ok(Reply::json(StatusCode::OK, &response));
    }
    Err(refused(&wrong("response_id", format!("a response whose status is `{status}` cannot be cancelled"))))
}

async fn list_input<O>(agents: Arc<Agents>, ask: Authorized<O>, is_dated: bool) -> HandlerResult
where
    O: Operation<Mode = Reads, Body = NoBody>,
{
    if is_dated {
        dated(&ask.query)?;
    }
    kept_response(&agents.store, Deed::ListInput, ask).await
}

fn named<O: Operation>(ask: &Authorized<O>) -> &str {
    ask.params.get("response").unwrap_or_default()
}
