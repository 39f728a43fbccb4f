//! The inference routes: where each is reached and what it needs.

mod connections;
mod deployments;
mod foundry_models;
mod messages;
mod models;
mod openai;
mod openapi;
mod responses;
pub(crate) mod through;
mod trials;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, InferenceJson, Operation, Query, Routes};
use rbac::Reads;

use crate::Serving;
use crate::connections::Uses;
use crate::failure::version_missing;
use crate::infer::{Call, infer};
use crate::project::ProjectApi;
use crate::protocol::Protocol;
use crate::surface::Surface;
use foundry_models as foundry;
use responses::kept;

pub use openapi::{Description, description};
pub use responses::{Deed, kept_response};
pub use through::{CONNECTIONS_READ, ThroughConnections, through_connections};

/// An answer on its way.
type Pending = Pin<Box<dyn Future<Output = HandlerResult> + Send>>;

/// All routes of the gateway.
pub fn routes(serving: Arc<Serving>) -> Routes<Serving> {
    let routes = Routes::new(serving)
        .on(models::AccountModels, models::account_models)
        .on(models::DatedModels, models::dated_models)
        .on(models::ProjectModels, models::project_models)
        .on(models::AccountModel, models::account_model)
        .on(models::DatedModel, models::dated_model)
        .on(models::ProjectModel, models::project_model)
        .on(foundry::ModelsChat, foundry::answer(Protocol::Chat))
        .on(foundry::ModelsEmbeddings, foundry::answer(Protocol::Embeddings))
        .on(foundry::ModelsInfo, foundry::models_info)
        .on(messages::AccountMessages, answer(Surface::Anthropic, false))
        .on(messages::CountTokens, messages::count_tokens);
    trials::mount(with_responses(with_openai(routes)))
}

fn with_openai(routes: Routes<Serving>) -> Routes<Serving> {
    let [chat, completions, embeddings] =
        [Protocol::Chat, Protocol::Completions, Protocol::Embeddings].map(Surface::OpenAi);
    routes
        .on(openai::AccountChat, answer(chat, false))
        .on(openai::DeploymentChat, answer(chat, true))
        .on(openai::ProjectChat, answer_at_project(chat))
        .on(openai::AccountCompletions, answer(completions, false))
        .on(openai::DeploymentCompletions, answer(completions, true))
        .on(openai::ProjectCompletions, answer_at_project(completions))
        .on(openai::AccountEmbeddings, answer(embeddings, false))
        .on(openai::DeploymentEmbeddings, answer(embeddings, true))
        .on(openai::ProjectEmbeddings, answer_at_project(embeddings))
}

fn with_responses(routes: Routes<Serving>) -> Routes<Serving> {
    let surface = Surface::OpenAi(Protocol::Responses);
    routes
        .on(responses::AccountResponses, answer(surface, false))
        .on(responses::DatedResponses, answer(surface, true))
        .on(responses::AccountResponse, kept(Deed::Get, false))
        .on(responses::DatedResponse, kept(Deed::Get, true))
        .on(responses::AccountResponseGone, kept(Deed::Delete, false))
        .on(responses::DatedResponseGone, kept(Deed::Delete, true))
        .on(responses::AccountResponseStop, kept(Deed::Cancel, false))
        .on(responses::DatedResponseStop, kept(Deed::Cancel, true))
        .on(responses::AccountInput, kept(Deed::ListInput, false))
        .on(responses::DatedInput, kept(Deed::ListInput, true))
}

/// The routes of a project's connections and models.
pub fn project_routes(api: Arc<ProjectApi>) -> Routes<ProjectApi> {
    deployments::mount(connections::mount(Routes::new(api)))
}

/// Answers in the protocol of a surface. Dated routes want a version; those of a deployment name it in their path.
fn answer<O>(surface: Surface, is_dated: bool) -> impl Fn(Arc<Serving>, Authorized<O>) -> Pending + Copy
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    move |serving, request: Authorized<O>| {
        let is_fine = if is_dated { dated(&request.query) } else { Ok(()) };
        let deployment = request.params.get("deployment").map(str::to_owned);
        inferred(serving, is_fine.map(|()| call(request, surface, deployment)))
    }
}

/// The same at a project, where the name of a model may lead to a connection.
fn answer_at_project<O>(surface: Surface) -> impl Fn(Arc<Serving>, Authorized<O>) -> Pending + Copy
where
    O: ThroughConnections,
{
    move |serving, request: Authorized<O>| inferred(serving, Ok(call_at_project(request, surface)))
}

/// The proof, what it lets through, and who uses connections.
fn call_at_project<O: ThroughConnections>(request: Authorized<O>, surface: Surface) -> Box<Call> {
    let mut call = call(request, surface, None);
    call.uses = Uses::by_caller(&call.permit);
    call
}

/// Answers a project's request for a response that names its model and nothing that is kept elsewhere: for who serves the others.
pub async fn respond<O: ThroughConnections>(serving: &Serving, request: Authorized<O>) -> HandlerResult {
    infer(serving, call_at_project(request, Surface::OpenAi(Protocol::Responses))).await
}

/// The answer to a call, if it can be one. What it is made of is done with before: the answer holds the box alone.
fn inferred(serving: Arc<Serving>, call: Result<Box<Call>, Failure>) -> Pending {
    Box::pin(async move { infer(&serving, call?).await })
}

/// The proof, and what it lets through.
fn call<O>(request: Authorized<O>, surface: Surface, deployment: Option<String>) -> Box<Call>
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    let Authorized { permit, world, body, record, now, request, headers, .. } = request;
    let (permit, uses, id) = (Arc::new(permit), None, request.id);
    Box::new(Call { permit, surface, deployment, body, headers, uses, world, record, id, now })
}

/// Dated routes answer only when asked in a version, `YYYY-MM-DD` or `YYYY-MM-DD-preview`; which one changes nothing yet.
pub fn dated(query: &Query) -> Result<(), Failure> {
    let version = query.get("api-version").unwrap_or("");
    let date = version.strip_suffix("-preview").unwrap_or(version);
    if date.parse::<jiff::civil::Date>().is_ok() { Ok(()) } else { Err(version_missing()) }
}

#[cfg(test)]
mod tests;
