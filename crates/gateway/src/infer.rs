//! The whole life of one inference request: resolve → admit → generate, or hand on → relay → settle → journal.

use std::sync::Arc;

use access::{Draft, Failure, HandlerResult};
use bytes::Bytes;
use dialect::openai::chat::ChatRequest;
use dialect::openai::{ChatReply, Outline};
use http::HeaderMap;
use jiff::Timestamp;
use rbac::{Permit, Reads};
use resources::model_catalog::Runs;
use serde_json::Value;
use store::World;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::catalog::{Place, Served, resolve};
use crate::generation::Generation;
use crate::job::{Head, Job};
use crate::upstream::{self, Errand};
use crate::{Gateway, failure, relay, wish};

/// What a request that was let through asks for.
pub(crate) struct Call {
    /// The deployment that the path names; else the body's `model` does.
    pub(crate) deployment: Option<String>,
    /// The body, as it came.
    pub(crate) bytes: Bytes,
    /// The same, parsed.
    pub(crate) body: Value,
    /// The caller's headers.
    pub(crate) headers: HeaderMap,
    /// The snapshot that the decision read.
    pub(crate) world: Arc<World>,
    /// The journal record of the request.
    pub(crate) record: Draft,
    /// The request's id; the answer's id and its default seed come from it.
    pub(crate) id: Uuid,
    /// The time of the request.
    pub(crate) now: Timestamp,
}

/// Answers a chat request at the place that the permit is about.
pub(crate) async fn infer(gateway: &Gateway, permit: &Permit<Reads>, call: Call) -> HandlerResult {
    let Place { account, project } = Place::of(permit.scope(), &call.world)?;
    call.record.note(|record| {
        record.account = Some(account.id.name().to_owned());
        record.project = project;
    });
    let outline = Outline::of(&call.body).map_err(|error| failure::dialect(&error))?;
    let name = call.deployment.clone().or_else(|| outline.model.clone()).ok_or_else(no_model)?;
    let served = resolve(&gateway.models, &call.world, &account.id, &name)?;
    call.record.note(|record| {
        record.deployment = Some(served.deployment.clone());
        record.model = Some(served.model.name.clone());
    });
    let head = Head { deployment: served.deployment.clone(), region: account.location.clone() };
    match &served.model.runs {
        Runs::Embedded { .. } => embedded(gateway, &served, call, head).await,
        Runs::Upstream { name, model } => {
            let upstream = gateway.upstreams.of(name).ok_or_else(|| failure::no_way_out(name))?;
            let Call { bytes, body, headers: from_caller, record, .. } = call;
            let model = model.clone();
            upstream::forward(Errand { upstream, model, bytes, body, outline, from_caller, head, record }).await
        }
    }
}

/// Answers with the embedded model. Everything that can be refused is refused before a slot is taken; from then on a task of its own
/// owns the answer and its record, whatever becomes of the client.
async fn embedded(gateway: &Gateway, served: &Served<'_>, call: Call, head: Head) -> HandlerResult {
    let request = ChatRequest::parse(call.body).map_err(|error| failure::dialect(&error))?;
    let wish = wish::of(&request, low_half(call.id)).map_err(|error| failure::dialect(&error))?;
    let engine = gateway.engines.of(served.model).ok_or_else(failure::not_found)?;

    let slot = gateway.slots.admit().await?;
    let reply = ChatReply {
        id: format!("chatcmpl-{}", call.id.simple()),
        created: call.now.as_second(),
        model: served.model.name.clone(),
        system_fingerprint: concat!("fp_cupola_", env!("CARGO_PKG_VERSION")).to_owned(),
        include_usage: request.include_usage,
    };
    let job = Job { reply, head, closing: call.record.take_over(), begun: false };
    let generation = Generation::start(engine, wish, slot);
    let (client, answer) = oneshot::channel();
    if request.stream {
        tokio::spawn(relay::stream(job, generation, client));
    } else {
        tokio::spawn(relay::whole(job, generation, client));
    }
    // The task always answers, except when it breaks down.
    answer.await.unwrap_or_else(|_| Err(failure::broken()))
}

fn no_model() -> Failure {
    failure::dialect(&dialect::openai::OpenAiError::invalid(
        "missing_required_parameter",
        "model",
        "missing required parameter: `model`, the name of a deployment",
    ))
}

/// A number that differs from request to request.
fn low_half(id: Uuid) -> u64 {
    id.as_u64_pair().1
}
