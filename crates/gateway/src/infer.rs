//! The whole life of one inference request: resolve → admit → generate → relay → settle → journal.

use std::sync::Arc;

use access::{Draft, Failure, HandlerResult};
use dialect::openai::ChatReply;
use dialect::openai::chat::ChatRequest;
use jiff::Timestamp;
use rbac::{Permit, Reads};
use serde_json::Value;
use store::World;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::catalog::{Place, resolve};
use crate::generation::Generation;
use crate::job::{Head, Job};
use crate::{Gateway, failure, relay, wish};

/// What a request that was let through asks for.
pub(crate) struct Call {
    /// The deployment that the path names; else the body's `model` does.
    pub(crate) deployment: Option<String>,
    /// The body.
    pub(crate) body: Value,
    /// The snapshot that the decision read.
    pub(crate) world: Arc<World>,
    /// The journal record of the request.
    pub(crate) record: Draft,
    /// The request's id; the answer's id and its default seed come from it.
    pub(crate) id: Uuid,
    /// The time of the request.
    pub(crate) now: Timestamp,
}

/// Answers a chat request at the place that the permit is about. Everything that can be refused is refused before a slot is taken;
/// from then on a task of its own owns the answer and its record, whatever becomes of the client.
pub(crate) async fn infer(gateway: &Gateway, permit: &Permit<Reads>, call: Call) -> HandlerResult {
    let Place { account, project } = Place::of(permit.scope(), &call.world)?;
    call.record.note(|record| {
        record.account = Some(account.id.name().to_owned());
        record.project = project;
    });
    let request = ChatRequest::parse(call.body).map_err(|error| failure::dialect(&error))?;
    let name = call.deployment.or_else(|| request.model.clone()).ok_or_else(no_model)?;
    let served = resolve(&gateway.models, &call.world, &account.id, &name)?;
    call.record.note(|record| {
        record.deployment = Some(served.deployment.clone());
        record.model = Some(served.model.name.clone());
    });
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
    let head = Head { deployment: served.deployment, region: account.location.clone() };
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
