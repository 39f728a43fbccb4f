//! The inference routes: where each is reached and what it needs.

mod foundry_models;
mod messages;
mod models;
mod openai;
mod openapi;
mod operation;
mod responses;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, InferenceJson, Operation, Query, Routes};
use rbac::{Permit, Reads};

use crate::Serving;
use crate::failure::version_missing;
use crate::infer::{Call, infer};
use crate::protocol::Protocol;
use crate::surface::Surface;
use foundry_models as foundry;
use responses::{Deed, kept};

pub use openapi::{Description, description};

/// An answer on its way.
type Pending = Pin<Box<dyn Future<Output = HandlerResult> + Send>>;

/// All routes of the gateway.
pub fn routes(serving: Arc<Serving>) -> Routes<Serving> {
    let routes = Routes::new(serving)
        .on(models::AccountModels, models::account_models)
        .on(models::DatedModels, models::dated_models)
        .on(models::ProjectModels, models::project_models)
        .on(foundry::ModelsChat, foundry::answer(Protocol::Chat))
        .on(foundry::ModelsEmbeddings, foundry::answer(Protocol::Embeddings))
        .on(foundry::ModelsInfo, foundry::models_info)
        .on(messages::AccountMessages, answer(Surface::Anthropic, false))
        .on(messages::CountTokens, messages::count_tokens);
    with_responses(with_openai(routes))
}

fn with_openai(routes: Routes<Serving>) -> Routes<Serving> {
    let [chat, completions, embeddings] =
        [Protocol::Chat, Protocol::Completions, Protocol::Embeddings].map(Surface::OpenAi);
    routes
        .on(openai::AccountChat, answer(chat, false))
        .on(openai::DeploymentChat, answer(chat, true))
        .on(openai::ProjectChat, answer(chat, false))
        .on(openai::AccountCompletions, answer(completions, false))
        .on(openai::DeploymentCompletions, answer(completions, true))
        .on(openai::ProjectCompletions, answer(completions, false))
        .on(openai::AccountEmbeddings, answer(embeddings, false))
        .on(openai::DeploymentEmbeddings, answer(embeddings, true))
        .on(openai::ProjectEmbeddings, answer(embeddings, false))
}

fn with_responses(routes: Routes<Serving>) -> Routes<Serving> {
    let surface = Surface::OpenAi(Protocol::Responses);
    routes
        .on(responses::AccountResponses, answer(surface, false))
        .on(responses::DatedResponses, answer(surface, true))
        .on(responses::ProjectResponses, answer(surface, false))
        .on(responses::ProjectDatedResponses, answer(surface, true))
        .on(responses::AccountResponse, kept(Deed::Get, false))
        .on(responses::DatedResponse, kept(Deed::Get, true))
        .on(responses::ProjectResponse, kept(Deed::Get, false))
        .on(responses::AccountResponseGone, kept(Deed::Delete, false))
        .on(responses::DatedResponseGone, kept(Deed::Delete, true))
        .on(responses::ProjectResponseGone, kept(Deed::Delete, false))
        .on(responses::AccountResponseStop, kept(Deed::Cancel, false))
        .on(responses::DatedResponseStop, kept(Deed::Cancel, true))
        .on(responses::ProjectResponseStop, kept(Deed::Cancel, false))
        .on(responses::AccountInput, kept(Deed::ListInput, false))
        .on(responses::DatedInput, kept(Deed::ListInput, true))
        .on(responses::ProjectInput, kept(Deed::ListInput, false))
}

/// Answers in the protocol of a surface. Dated routes want a version; those of a deployment name it in their path.
fn answer<O>(surface: Surface, is_dated: bool) -> impl Fn(Arc<Serving>, Authorized<O>) -> Pending + Copy
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    move |serving, request: Authorized<O>| {
        pending(async move {
            if is_dated {
                dated(&request.query)?;
            }
            let deployment = request.params.get("deployment").map(str::to_owned);
            let (permit, call) = call(request, surface, deployment);
            infer(&serving, permit, call).await
        })
    }
}

fn pending(answer: impl Future<Output = HandlerResult> + Send + 'static) -> Pending {
    Box::pin(answer)
}

/// The proof, and what it lets through.
fn call<O>(request: Authorized<O>, surface: Surface, deployment: Option<String>) -> (Permit<Reads>, Call)
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    let Authorized { permit, world, body, record, now, request, headers, .. } = request;
    let InferenceJson { bytes, value } = body;
    (permit, Call { surface, deployment, bytes, body: value, headers, world, record, id: request.id, now })
}

/// Dated routes answer only when asked in a version, `YYYY-MM-DD` or `YYYY-MM-DD-preview`; which one changes nothing yet.
fn dated(query: &Query) -> Result<(), Failure> {
    let version = query.get("api-version").unwrap_or("");
    let date = version.strip_suffix("-preview").unwrap_or(version);
    if date.parse::<jiff::civil::Date>().is_ok() { Ok(()) } else { Err(version_missing()) }
}

#[cfg(test)]
mod tests;
