//! The whole life of one inference request: resolve → admit → answer here, or hand on → relay → settle → journal.

use std::sync::Arc;

use access::{Draft, Failure, HandlerResult, InferenceJson};
use http::HeaderMap;
use jiff::Timestamp;
use rbac::{Permit, Reads};
use resources::model_catalog::Capability;
use store::World;
use uuid::Uuid;

use crate::admission::{self, Admitted, Candidate};
use crate::catalog::Place;
use crate::choose::{Chosen, choose};
use crate::connections::Uses;
use crate::engines::Engine;
use crate::keep::{Keep, Said, Shelf};
use crate::outline::Outline;
use crate::plan::{Answering, Plan};
use crate::protocol::Protocol;
use crate::surface::Surface;
use crate::upstream::{self, Job};
use crate::{Serving, embedded, failure, limits};

/// What a request that was let through asks for. It goes from hand to hand in a box, as [`Job`] does.
pub(crate) struct Call {
    /// The proof, which names the place.
    pub(crate) permit: Arc<Permit<Reads>>,
    pub(crate) surface: Surface,
    /// The deployment that the path or a header names; else the body's `model` does.
    pub(crate) deployment: Option<String>,
    /// The body.
    pub(crate) body: InferenceJson,
    /// The caller's headers.
    pub(crate) headers: HeaderMap,
    /// Who uses connections, where it was decided that they may be used.
    pub(crate) uses: Option<Uses>,
    /// The snapshot that the decision read.
    pub(crate) world: Arc<World>,
    /// The journal record of the request.
    pub(crate) record: Draft,
    /// The request's id; the answer's id and its default seed come from it.
    pub(crate) id: Uuid,
    /// The time of the request.
    pub(crate) now: Timestamp,
}

/// Answers a request at the place that its permit is about.
pub(crate) async fn infer(serving: &Serving, call: Box<Call>) -> HandlerResult {
    let job = prepare(serving, call).await?;
    let plan = Arc::clone(&job.plan);
    match &plan.runs {
        Answering::Embedded(Engine::Chat(engine)) => {
            embedded::chat(job, Arc::clone(engine), &serving.gateway.slots).await
        }
        Answering::Embedded(Engine::Embeddings(engine)) => {
            embedded::vectors(job, Arc::clone(engine), &serving.gateway.slots).await
        }
        Answering::Upstreams(ways) => upstream::forward(job, ways).await,
    }
}

/// Everything before anybody is asked.
async fn prepare(serving: &Serving, call: Box<Call>) -> Result<Box<Job>, Failure> {
    let place = Place::of(call.permit.scope(), &call.world)?;
    call.record.note(|record| {
        record.account = Some(place.account.id.name().to_owned());
        record.project.clone_from(&place.project);
    });
    let outline = Outline::of(call.surface.protocol(), call.body.root())?;
    let name = call.deployment.clone().or_else(|| outline.model.clone());
    let name = name.ok_or_else(|| failure::no_model(call.surface))?;
    let chosen = choose(serving, &place, &call, &name).await?;
    call.record.note(|record| {
        let (deployment, model) = &chosen.plan.recorded;
        record.deployment.clone_from(deployment);
        record.model = Some(Arc::clone(model));
    });
    fits(call.surface, &chosen.plan)?;
    let of_project = of_project(serving, &call, place.project.is_some(), &chosen.plan)?;
    let kept = match call.surface.protocol() {
        // Few requests are for a response, and all would carry the room that it takes.
        Protocol::Responses => Box::pin(converse(serving, &call, &outline)).await?,
        _ => (None, None),
    };
    admit(*call, outline, chosen, kept, of_project)
}

/// Reserves what the request may take, and makes the job of it.
fn admit(
    call: Call,
    outline: Outline,
    chosen: Chosen,
    (said, keep): (Option<InferenceJson>, Option<Keep>),
    of_project: Vec<limits::OwnLimit>,
) -> Result<Box<Job>, Failure> {
    let Call { permit, surface, body, headers: from_caller, world, record, id, now, .. } = call;
    let Chosen { plan, aside } = chosen;
    let candidate = Candidate {
        surface,
        plan: &plan,
        outline: &outline,
        body: said.as_ref().unwrap_or(&body).root(),
        caller: admission::subject(&permit),
        of_project,
        world: &world,
    };
    let Admitted { spending, lowered_cap, standing } = candidate.admit().inspect_err(|_| {
        record.note(|record| record.step = "admission".into());
    })?;
    Ok(Box::new(Job {
        surface,
        plan,
        outline,
        body,
        said,
        from_caller,
        aside,
        record,
        spending,
        lowered_cap,
        standing,
        keep,
        id,
        created: now.as_second(),
    }))
}

/// Whether the deployment's model does what is asked, as far as the catalog tells.
fn fits(surface: Surface, plan: &Plan) -> Result<(), Failure> {
    let wants_vectors = surface.protocol() == Protocol::Embeddings;
    let is_embedded = matches!(plan.runs, Answering::Embedded(_));
    let makes_vectors = plan.model.capability == Capability::Embeddings;
    // Of models elsewhere the provider knows best, unless the operator has said what they are for.
    if makes_vectors == wants_vectors || (wants_vectors && !is_embedded) {
        return Ok(());
    }
    let operation = if wants_vectors { Capability::Embeddings.name() } else { Capability::ChatCompletion.name() };
    Err(failure::operation_not_supported(operation, &plan.model.name))
}

/// The operator's limits on the project alone; those above it are on the way of the deployment too.
fn of_project(serving: &Serving, call: &Call, is_project: bool, plan: &Plan) -> Result<Vec<limits::OwnLimit>, Failure> {
    let scope = call.permit.scope();
    // Those of a project are above its own connections too.
    if !is_project || plan.connection.as_ref().is_some_and(|connection| scope.contains(connection)) {
        return Ok(Vec::new());
    }
    limits::at(&call.world, scope, &plan.model.name, &serving.plans.limits)
}

/// What a request for a response says, and where its answer is kept.
async fn converse(
    serving: &Serving,
    call: &Call,
    outline: &Outline,
) -> Result<(Option<InferenceJson>, Option<Keep>), Failure> {
    let scope = call.permit.scope().clone();
    let shelf = Shelf::new(serving.store.clone(), Arc::clone(&call.permit), scope);
    let name = format!("resp_{}", call.id.simple());
    let previous = outline.previous_response_id.clone();
    let Said { input, body } = shelf.said(&name, previous.as_deref(), &call.body, outline.store).await?;
    Ok((body.map(InferenceJson::from), outline.store.then_some(Keep { shelf, input, previous })))
}
