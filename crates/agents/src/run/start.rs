//! From a request to a run: who answers is found, what was said before is read, and the run is kept before it begins.

use std::sync::Arc;

use access::{Draft, Failure, HandlerResult, Reply, Stored};
use arm::Scope;
use dialect::openai::responses::State;
use gateway::{Shelf, own_items};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use rbac::{Permit, Reads};
use serde_json::{Map, Value, json};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};
use uuid::Uuid;

use super::drive::{Before, Drive, drive};
use super::instructions;
use super::keeper::Keeper;
use super::object::Object;
use super::state::{Door, Place, Progress, Run, RunAgent};
use super::step::Effect;
use super::teller::{Audience, Teller};
use super::tools;
use super::wanted::{AgentReference, Wanted};
use crate::failure::{refused, wrong};
use crate::tool::{self, GivenIn};
use crate::{Agents, agent, conversation};

/// What an agent's version says to a model, under the names that a request has for it.
const SAID_BY_AGENTS: [&str; 8] =
    ["model", "instructions", "temperature", "top_p", "reasoning", "tool_choice", "text", "parallel_tool_calls"];

/// Runs of this process that wait for their turn without anybody waiting for them: each holds its own input in memory.
const WAITING_LIMIT: usize = 256;
/// Seconds after which one that found no place may ask again.
const RETRY_AFTER_S: &str = "30";
/// Their places. Those after a restart have none: they were let in before.
static WAITING: Semaphore = Semaphore::const_new(WAITING_LIMIT);

/// A request that was let through.
pub(crate) struct Request {
    pub(crate) permit: Permit<Reads>,
    pub(crate) door: Door,
    /// The agent that the path names.
    pub(crate) agent: Option<String>,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) record: Draft,
    pub(crate) id: Uuid,
    pub(crate) now: Timestamp,
}

/// Begins a run and answers as its caller wants: with its events, with the response at its end, or at once where nobody waits.
pub(crate) async fn start(agents: &Arc<Agents>, request: Request) -> HandlerResult {
    let wanted = Wanted::of(&request.body, request.agent.as_deref()).map_err(|error| refused(&error))?;
    tool::check(&wanted.tools, GivenIn::Request, &agents.egress)
        .map_err(|error| refused(&wrong(error.field.clone(), error.to_string())))?;
    let caller = Stored::of(&request.permit).ok_or_else(no_caller)?;
    let Request { permit, door, headers, record, id, now, .. } = request;
    let (project, permit) = (permit.scope().clone(), Arc::new(permit));
    let place = Asked { agents, project: &project, permit: &permit };
    let queued = (wanted.is_background && !wanted.is_stream).then(wait).transpose()?;
    let answering = place.answering(&wanted).await?;
    let turn = wanted.conversation.as_ref().map(|id| agents.turns.take(&project, id)).transpose()?;
    let before = place.before(&wanted).await?;
    let response_id = format!("resp_{}", id.simple());
    let input = wanted.input.as_ref().map(|input| own_items(&response_id, input, &before)).transpose()?;
    tools::check_answers(&before, input.as_deref().unwrap_or_default(), wanted.agent.is_some())?;
    let last = before.last().and_then(|item| item.get("id")).and_then(Value::as_str).map(str::to_owned);
    let Answering { agent, question, tools } = answering;
    let run = Run {
        response_id,
        request_id: id,
        created_at: now.as_second(),
        caller,
        door,
        agent,
        conversation: wanted.conversation.clone().map(|id| Place { id, after: last }),
        previous: wanted.previous.clone(),
        is_background: wanted.is_background,
        is_stored: wanted.is_stored,
        question: Value::Object(question.into_iter().chain(wanted.question.clone()).collect()),
        tools: tools.into_iter().chain(wanted.tools.iter().cloned()).collect(),
        input: input.unwrap_or_default(),
        calls_limit: wanted.calls_limit,
    };
    note(&record, &run, &project);
    let object = Object::of(&run);
    let opening = object.opening(if run.is_background { &State::Queued } else { &State::InProgress });
    let (audience, waiting) = Waiting::of(&wanted, opening.clone(), &record);
    let going = agents.runs.enter(&project, &run.response_id);
    let keeper = Keeper::new(agents.store.clone(), Arc::clone(&permit), project.clone());
    let drive_of = Drive {
        agents: Arc::clone(agents),
        project,
        progress: Progress::new(run.calls_limit),
        teller: Teller::new(object, audience),
        run,
        before: Before::Read(before),
        keeper,
        waiting: queued,
        headers,
        unkept: Vec::new(),
        refusal: None,
    };
    let (kept, is_kept) = oneshot::channel();
    // From here on it ends as a run does, even if its caller goes away before it is kept.
    tokio::spawn(async move {
        let begun = drive_of.keeper.begin(&drive_of.run, opening).await;
        let goes_on = begun.is_ok();
        let _ = kept.send(begun);
        if goes_on {
            drive(drive_of, Effect::Begin, going, turn).await;
        }
    });
    is_kept.await.map_err(|_| broken())??;
    waiting.answer().await
}

/// A place among the runs that wait.
fn wait() -> Result<SemaphorePermit<'static>, Failure> {
    WAITING.try_acquire().map_err(|_| {
        let message = format!("{WAITING_LIMIT} runs wait for their turn already; try again in {RETRY_AFTER_S} s.");
        Failure::data_plane(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
            .with_header("retry-after", RETRY_AFTER_S)
    })
}

/// Names the run in the journal record of its request.
fn note(record: &Draft, run: &Run, project: &Scope) {
    record.note(|record| {
        record.run = Some(run.response_id.clone());
        record.agent = run.agent.as_ref().map(|agent| format!("{}:{}", agent.name, agent.version));
        record.project = Some(project.name().to_owned());
        record.account = project.parent().map(|account| account.name().to_owned());
    });
}

/// Who answers, and what it says to a model by itself.
#[derive(Default)]
struct Answering {
    agent: Option<RunAgent>,
    question: Map<String, Value>,
    tools: Vec<Value>,
}

/// Where a run is asked for, with the proof.
struct Asked<'a> {
    agents: &'a Agents,
    project: &'a Scope,
    permit: &'a Arc<Permit<Reads>>,
}

impl Asked<'_> {
    async fn answering(&self, wanted: &Wanted) -> Result<Answering, Failure> {
        let Some(AgentReference { name, version }) = &wanted.agent else { return Ok(Answering::default()) };
        let found = agent::find(&self.agents.store, self.permit, name, version.as_deref()).await?;
        let given = |name: &str| found.definition.get(name).filter(|value| !value.is_null()).cloned();
        let mut question: Map<String, Value> =
            SAID_BY_AGENTS.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?))).collect();
        let text = given("instructions").and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
        let declared = given("structured_inputs").unwrap_or(Value::Null);
        let filled = instructions::filled(&text, &declared, &wanted.structured_inputs);
        let filled = filled.map_err(|error| refused(&error))?;
        if !filled.is_empty() {
            question.insert("instructions".to_owned(), json!(filled));
        }
        let tools = given("tools").and_then(|tools| tools.as_array().cloned()).unwrap_or_default();
        let agent = Some(RunAgent { name: found.name, version: found.version, principal: Some(found.principal) });
        Ok(Answering { agent, question, tools })
    }

    /// What was said before.
    async fn before(&self, wanted: &Wanted) -> Result<Vec<Value>, Failure> {
        match (&wanted.conversation, &wanted.previous) {
            (Some(conversation), _) => {
                conversation::exists(&self.agents.store, self.permit, conversation).await?;
                conversation::items(&self.agents.store, self.permit, conversation).await
            }
            (None, Some(previous)) => {
                let (store, permit) = (self.agents.store.clone(), Arc::clone(self.permit));
                Shelf::new(store, permit, self.project.clone()).history(previous).await
            }
            (None, None) => Ok(Vec::new()),
        }
    }
}

/// How the request is answered.
enum Waiting {
    AtOnce(Value),
    Whole(mpsc::Receiver<Result<Value, Failure>>),
    Stream(oneshot::Receiver<Result<(), Failure>>, gateway::Events),
}

impl Waiting {
    fn of(wanted: &Wanted, opening: Value, record: &Draft) -> (Audience, Waiting) {
        if wanted.is_stream {
            let ((events, body), (head, begun)) = (gateway::channel(), oneshot::channel());
            let audience = Audience::Stream { head: Some(head), events, record: record.clone() };
            return (audience, Waiting::Stream(begun, body));
        }
        if wanted.is_background {
            return (Audience::Nobody, Waiting::AtOnce(opening));
        }
        let (whole, told) = mpsc::channel(1);
        (Audience::Whole(whole), Waiting::Whole(told))
    }

    async fn answer(self) -> HandlerResult {
        match self {
            Waiting::AtOnce(response) => Ok(Reply::json(StatusCode::OK, &response)),
            Waiting::Whole(mut told) => {
                let response = told.recv().await.ok_or_else(broken)??;
                Ok(Reply::json(StatusCode::OK, &response))
            }
            Waiting::Stream(begun, body) => {
                begun.await.map_err(|_| broken())??;
                Ok(Reply::stream(StatusCode::OK, "text/event-stream; charset=utf-8", body))
            }
        }
    }
}

/// The run ended without a word: its task broke.
fn broken() -> Failure {
    Failure::data_plane(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The run could not be completed.")
}

/// Projects take tokens alone, which are somebody's.
fn no_caller() -> Failure {
    Failure::data_plane(StatusCode::FORBIDDEN, "AuthenticationTypeDisabled", "A run needs a caller with a token.")
}
