//! Asking a model from inside: for the steps of an agent's run. The same life as a request from outside (resolved, metered, relayed,
//! settled, recorded), without a socket.

use std::collections::VecDeque;
use std::sync::Arc;

use access::{Asking, CloseOnDrop, Failure, InferenceJson, Plane, Reply, ReplyBody, Route, Step, Verb, close_step};
use bytes::Bytes;
use dialect::sse::{Splitter, data_of};
use http::{HeaderMap, StatusCode};
use http_body::Body;
use resources::projects;
use serde_json::Value;
use uuid::Uuid;

use crate::connections::{Uses, wanted};
use crate::http::through::CONNECTIONS_READ;
use crate::infer::{Call, infer};
use crate::protocol::Protocol;
use crate::surface::Surface;
use crate::{Serving, failure};

/// The largest event: as large as the largest that is relayed.
const EVENT_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// What clients read of a refusal to know when to ask again.
const WHEN_TO_COME_AGAIN: [&str; 3] = ["retry-after", "retry-after-ms", "x-should-retry"];
/// The largest failure that is read; one is a code and a sentence.
const FAILURE_LIMIT_BYTES: usize = 256 * 1024;

/// The route by which a model is asked at a project, for the words of a refusal.
const MODEL_ROUTE: &str = "/accounts/{account}/api/projects/{project}/openai/v1/responses";

/// The agent on whose behalf a model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentTag {
    /// `name:version`
    pub label: String,
    /// Its own identity, by object id.
    pub principal: Option<Uuid>,
}

/// A question to a model from inside.
pub struct Inside {
    /// The proof for this step.
    pub step: Step,
    /// What is asked, as a request for a response. It is streamed, and kept nowhere, whatever it says of that.
    pub body: Value,
    /// For which agent.
    pub agent: Option<AgentTag>,
    /// The run's step; a default seed comes from it.
    pub id: Uuid,
    /// The headers of the caller, of whom few go along; empty for work that goes on without one.
    pub headers: HeaderMap,
}

/// Asks a model. What refuses it has its record when this returns.
pub async fn converse(serving: &Arc<Serving>, inside: Inside) -> Result<ModelEvents, Failure> {
    let Inside { step, mut body, agent, id, headers } = inside;
    let uses = match may_use(serving, &step, agent.as_ref(), &body, id) {
        Ok(uses) => uses,
        Err(failure) => return Err(close_step(&step.record, Err(failure)).await.err().unwrap_or_else(failure::broken)),
    };
    let Step { permit, record, world, now, .. } = step;
    if let Some(members) = body.as_object_mut() {
        members.insert("stream".to_owned(), Value::Bool(true));
        members.insert("store".to_owned(), Value::Bool(false));
    }
    record.note(|record| record.agent = agent.as_ref().map(|agent| agent.label.clone()));
    let surface = Surface::OpenAi(Protocol::Responses);
    let kept = record.clone();
    let body = InferenceJson::from(body);
    let (permit, deployment) = (Arc::new(permit), None);
    let call = Box::new(Call { permit, surface, deployment, body, headers, uses, world, record, id, now });
    // Who stops waiting for the provider has asked it all the same.
    let unanswered = CloseOnDrop::new(kept.clone());
    let answered = close_step(&kept, infer(serving, call).await).await;
    unanswered.answered();
    let answered = answered?;
    match answered.status() {
        StatusCode::OK => Ok(ModelEvents::of(answered)),
        _ => Err(refused(answered).await),
    }
}

/// Who uses the connection that the model's name leads to, where it leads to one: the agent if it may read it, else for whom it acts.
fn may_use(
    serving: &Serving,
    step: &Step,
    agent: Option<&AgentTag>,
    body: &Value,
    id: Uuid,
) -> Result<Option<Uses>, Failure> {
    let project = step.permit.scope();
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    let is_project = project.resource_type().is_some_and(|kind| kind.as_str().eq_ignore_ascii_case(projects::TYPE));
    let leads_out = is_project && wanted(&step.world, project, model).is_some();
    let Some(connections) = serving.connections.as_ref().filter(|_| leads_out) else { return Ok(None) };
    let asking = Asking {
        permission: CONNECTIONS_READ,
        scope: project.clone(),
        rows: &[],
        route: Route::path(Verb::Post, MODEL_ROUTE, Plane::Project),
        request_id: id,
    };
    let identity = connections.outside.stand_in.admit_further(step, &asking)?;
    let caller = step.who.on_behalf_of().unwrap_or_else(|| step.who.object_id());
    Ok(Some(Uses { identity, caller, agent: agent.cloned() }))
}

/// The events of a model's answer, each as JSON; the last is `response.completed`, `response.incomplete`, `response.failed` or `error`.
/// Dropping it cancels the request at the provider.
pub struct ModelEvents {
    body: ReplyBody,
    splitter: Splitter,
    ready: VecDeque<Value>,
    is_over: bool,
}

impl ModelEvents {
    fn of(reply: Reply) -> ModelEvents {
        ModelEvents { body: reply.into_body(), splitter: Splitter::default(), ready: VecDeque::new(), is_over: false }
    }

    /// The next event; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Value, Failure>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.is_over {
                return None;
            }
            match frame(&mut self.body).await {
                Some(Ok(bytes)) => self.take(&bytes),
                Some(Err(failure)) => {
                    self.is_over = true;
                    return Some(Err(failure));
                }
                None => self.is_over = true,
            }
            if self.splitter.pending() > EVENT_LIMIT_BYTES {
                self.is_over = true;
                return Some(Err(failure::broken()));
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
        while let Some(event) = self.splitter.next_event() {
            // `[DONE]` is no event, and a comment keeps a line open.
            let parsed = data_of(&event).and_then(|data| serde_json::from_slice(&data).ok());
            self.ready.extend(parsed);
        }
    }
}

/// The next bytes of a body.
async fn frame(body: &mut ReplyBody) -> Option<Result<Bytes, Failure>> {
    loop {
        let polled = std::future::poll_fn(|context| Body::poll_frame(std::pin::Pin::new(&mut *body), context)).await?;
        match polled.map(http_body::Frame::into_data) {
            Ok(Ok(bytes)) => return Some(Ok(bytes)),
            // Trailers, which nobody reads.
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(failure::broken())),
        }
    }
}

/// A refusal that came as a reply: the provider's own, with its status and its words.
async fn refused(reply: Reply) -> Failure {
    let status = reply.status();
    let value = |name: &'static str| Some((name, reply.headers().get(name)?.to_str().ok()?.to_owned()));
    let told: Vec<(&'static str, String)> = WHEN_TO_COME_AGAIN.into_iter().filter_map(value).collect();
    let mut body = reply.into_body();
    let mut all = Vec::new();
    while let Some(Ok(bytes)) = frame(&mut body).await {
        all.extend_from_slice(&bytes);
        if all.len() > FAILURE_LIMIT_BYTES {
            break;
        }
    }
    let failure = match serde_json::from_slice::<Value>(&all) {
        Ok(body) => {
            let said = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned();
            Failure::json(status, body, said)
        }
        Err(_) => {
            let message = format!("The model answered with status {}.", status.as_u16());
            Failure::data_plane(status, status.as_str(), message)
        }
    };
    told.into_iter().fold(failure, |failure, (name, value)| failure.with_header(name, value))
}
