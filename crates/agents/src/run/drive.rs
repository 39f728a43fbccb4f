//! Acts: asks the model, makes the calls, keeps each step before it is done and what came of it, and tells whoever waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use access::{Asking, Failure, Reply, Step, Stored, close_step};
use arm::Scope;
use dialect::openai::responses::for_model;
use gateway::{AgentTag, Inside, converse};
use http::{HeaderMap, StatusCode};
use rbac::RowKind;
use serde_json::{Value, json};
use store::World;
use tokio::sync::SemaphorePermit;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::going::Going;
use super::keeper::Keeper;
use super::state::{Call, Doing, Progress, Run, Said};
use super::step::{Effect, Happened, step};
use super::teller::Teller;
use super::turn::Turn;
use super::{door, resume, tools};
use crate::Agents;
use crate::failure::conflict;
use crate::tool::{Offer, ToolOutcome};
use crate::{agent, conversation};

/// The longest that a run goes on: what the service gives a run with calls of functions.
const RUN_TIME_LIMIT: Duration = Duration::from_secs(10 * 60);

/// What was said before a run's own input, with its names.
pub(crate) enum Before {
    /// It is read when the run's turn has come: many may wait.
    Unread,
    /// All of it.
    Read(Vec<Value>),
}

impl Before {
    fn items(&self) -> &[Value] {
        match self {
            Before::Unread => &[],
            Before::Read(items) => items,
        }
    }
}

/// The longest that a run waits for its place: with its own time that is less than the hour for which what it made may be kept.
const QUEUE_TIME_LIMIT: Duration = Duration::from_secs(40 * 60);

/// A run on its way.
pub(crate) struct Drive {
    pub(crate) agents: Arc<Agents>,
    pub(crate) project: Scope,
    pub(crate) run: Run,
    pub(crate) before: Before,
    pub(crate) progress: Progress,
    pub(crate) keeper: Keeper,
    pub(crate) teller: Teller,
    /// Its place among the runs that wait for their turn; none where it does not wait, and after a restart.
    pub(crate) waiting: Option<SemaphorePermit<'static>>,
    /// The caller's headers; none after a restart.
    pub(crate) headers: HeaderMap,
    /// What happened and is not yet kept.
    pub(crate) unkept: Vec<Happened>,
    /// Why a run ended before anything was said.
    pub(crate) refusal: Option<Failure>,
}

/// Drives a run to its end. `going` is held until that is kept, `turn` as well where it is part of a conversation.
pub(crate) async fn drive(mut drive: Drive, first: Effect, going: Going, turn: Option<conversation::Turn>) {
    let gone = drive.teller.gone();
    let cut = tokio::select! {
        biased;
        () = going.stopped() => Some(Happened::Cancelled),
        () = gone, if !drive.run.is_background => Some(Happened::Cancelled),
        () = drive.go(first) => None,
    };
    if let Some(happened) = cut {
        drive.note(happened);
    }
    let told = drive.finish().await;
    // Whoever reads that it is over may ask again at once.
    drop((going, turn));
    told.tell().await;
}

/// What is told at the end.
struct Told {
    teller: Teller,
    outcome: Result<Value, Failure>,
}

impl Told {
    async fn tell(self) {
        match self.outcome {
            Ok(response) => self.teller.end(response).await,
            Err(failure) => self.teller.refuse(failure).await,
        }
    }
}

impl Drive {
    async fn go(&mut self, first: Effect) {
        let agents = Arc::clone(&self.agents);
        let mut place = None;
        if !self.teller.has_audience() {
            place = agents.runs.in_background.try_acquire().ok();
            if place.is_none() {
                // Whoever waits does not hold what was said.
                self.before = Before::Unread;
                let queue = tokio::time::timeout(QUEUE_TIME_LIMIT, agents.runs.in_background.acquire());
                // The queue is never closed, so no place means that the time is over.
                place = queue.await.ok().and_then(Result::ok);
            }
            if place.is_none() {
                self.late("begun", QUEUE_TIME_LIMIT);
                return;
            }
            self.waiting = None;
        }
        if tokio::time::timeout(RUN_TIME_LIMIT, self.work(first)).await.is_err() {
            self.late("done", RUN_TIME_LIMIT);
        }
        drop(place);
    }

    fn late(&mut self, what: &str, limit: Duration) {
        let message = format!("the run was not {what} within {} minutes", limit.as_secs() / 60);
        self.note(Happened::Failed { code: "timeout".to_owned(), message });
    }

    async fn work(&mut self, first: Effect) {
        if let Err(failure) = self.follow(first).await {
            self.fail(failure);
        }
    }

    async fn follow(&mut self, first: Effect) -> Result<(), Failure> {
        if first == Effect::Finish {
            return Ok(());
        }
        if let Before::Unread = self.before {
            self.before = Before::Read(resume::before(self).await?);
        }
        if self.run.is_background {
            let response = self.teller.response(&self.progress);
            self.keeper.show(&self.run, response).await?;
        }
        let offer = tools::offer(self).await?;
        let mut effect = first;
        loop {
            effect = match effect {
                Effect::Begin => self.begin(&offer).await?,
                Effect::Ask => self.ask(&offer).await?,
                Effect::Call(calls) => self.call(calls).await?,
                Effect::Wait | Effect::Finish => return Ok(()),
            };
        }
    }

    /// What the tools' servers have, and the calls that the input allows.
    async fn begin(&mut self, offer: &Offer) -> Result<Effect, Failure> {
        let listed = offer.items().to_vec();
        if !listed.is_empty() {
            self.teller.begin().await;
            for (at, item) in listed.iter().enumerate() {
                self.teller.added(at, item).await;
                self.teller.done(at, item).await;
            }
            self.note(Happened::Listed(listed));
        }
        let allowed = tools::allowed(self.before.items(), &self.run.input, self.run.agent.is_some(), offer)?;
        let said = allowed.into_iter().map(|server| Said::Call(Call::of(server))).collect();
        Ok(self.note(Happened::Began(said)))
    }

    async fn ask(&mut self, offer: &Offer) -> Result<Effect, Failure> {
        self.note(Happened::Asks);
        self.keep().await?;
        let mut step = self.admit().await?;
        self.check_agent(&step).await?;
        // A connection may be used by the agent itself where its caller may not.
        if let Some(own) = self.own(&step.world) {
            step.who = own;
        }
        let inside = Inside {
            step,
            body: self.question(offer),
            agent: self.tag(),
            id: Uuid::new_v4(),
            headers: self.headers.clone(),
        };
        let events = converse(&self.agents.serving, inside).await?;
        let items = self.progress.output.len();
        let answered = Turn::new(&mut self.teller, offer, &self.run.response_id, items).hear(events).await?;
        Ok(self.note(answered))
    }

    /// What the model is asked: the question, all that was said, and the tools.
    fn question(&self, offer: &Offer) -> Value {
        let mut body = self.run.question.clone();
        let said: Vec<Value> = self.before.items().iter().chain(&self.run.input).cloned().collect();
        let mut input = for_model(&said);
        input.extend(self.progress.transcript.iter().cloned());
        if input.is_empty() {
            // Nothing was said at all: the instructions are all there is to go by.
            input.push(json!({"type": "message", "role": "user", "content": ""}));
        }
        let tools = offer.model_tools();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("input".to_owned(), Value::Array(input));
            if tools.is_empty() {
                fields.shift_remove("tool_choice");
                fields.shift_remove("parallel_tool_calls");
            } else {
                fields.insert("tools".to_owned(), Value::Array(tools));
            }
        }
        body
    }

    /// Decides anew, as if the caller asked now. A refusal has its record when this returns.
    pub(super) async fn admit(&self) -> Result<Step, Failure> {
        let asking = Asking {
            permission: door::permission(self.run.door),
            scope: self.project.clone(),
            rows: &[RowKind::DataObject],
            route: door::route(self.run.door),
            request_id: self.run.request_id,
        };
        let step = self.agents.stand_in.admit_as(&self.run.caller, &asking).await?;
        step.record.note(|record| record.run = Some(self.run.response_id.clone()));
        Ok(step)
    }

    /// Refuses where the agent does not answer any more: disabled, deleted, or another of its name. A refusal has its record when this
    /// returns.
    async fn check_agent(&self, step: &Step) -> Result<(), Failure> {
        let Some(of_run) = &self.run.agent else { return Ok(()) };
        let found = agent::find(&self.agents.store, &step.permit, &of_run.name, Some(&of_run.version)).await;
        let refusal = match found {
            Ok(found) if of_run.principal.is_none_or(|principal| principal == found.principal) => return Ok(()),
            Ok(found) => {
                conflict(format!("the agent `{}` was deleted and made anew meanwhile: ask the new one", found.name))
            }
            Err(refusal) => refusal,
        };
        close_step(&step.record, Err(refusal)).await.map(drop)
    }

    /// The agent's own identity at work for the caller, where an agent answers.
    pub(super) fn own(&self, world: &World) -> Option<Stored> {
        let of_run = self.run.agent.as_ref()?;
        let own = self.run.caller.through(&agent::scope(&self.project, &of_run.name), world)?;
        // Another agent may have the name by now.
        of_run.principal.is_none_or(|principal| principal == own.object_id()).then_some(own)
    }

    /// The agent as the gateway and the journal know it.
    pub(super) fn tag(&self) -> Option<AgentTag> {
        let agent = self.run.agent.as_ref()?;
        Some(AgentTag { label: format!("{}:{}", agent.name, agent.version), principal: agent.principal })
    }

    /// Makes calls, all at once; each is kept as it ends.
    async fn call(&mut self, calls: Vec<Call>) -> Result<Effect, Failure> {
        if self.run.agent.is_some() {
            let step = self.admit().await?;
            self.check_agent(&step).await?;
            step.record.note(|record| record.reason = Some("the agent is about to call tools".to_owned()));
            close_step(&step.record, Ok(Reply::empty(StatusCode::OK))).await?;
        }
        self.note(Happened::Calls);
        self.keep().await?;
        self.teller.begin().await;
        let mut effect = Effect::Wait;
        let (tools, context) = (Arc::new(self.run.tools.clone()), tools::context(self));
        let mut under_way = JoinSet::new();
        for call in calls {
            if let Some(at) = self.progress.place(&call) {
                self.teller.added(at, &call.item).await;
            }
            let (tools, context) = (Arc::clone(&tools), context.clone());
            under_way.spawn(async move {
                let outcome = call.server.make(&tools, &context).await;
                (call, outcome)
            });
        }
        while let Some(joined) = under_way.join_next().await {
            if let Ok((call, outcome)) = joined {
                effect = self.called(&call, &outcome).await?;
            }
        }
        // Whose task broke has no outcome.
        for call in self.progress.begun() {
            effect = self.called(&call, &ToolOutcome::interrupted()).await?;
        }
        Ok(effect)
    }

    async fn called(&mut self, call: &Call, outcome: &ToolOutcome) -> Result<Effect, Failure> {
        let items = call.server.items(Some(outcome));
        let at = self.progress.place(call);
        let behind = self.progress.output.len();
        let happened =
            Happened::Called { id: call.server.item_id(), items: items.clone(), outcome: outcome.output.clone() };
        let effect = self.note(happened);
        self.keep().await?;
        let mut items = items.into_iter();
        if let (Some(at), Some(item)) = (at, items.next()) {
            self.teller.done(at, &item).await;
        }
        for (more, item) in items.enumerate() {
            self.teller.added(behind + more, &item).await;
            self.teller.done(behind + more, &item).await;
        }
        Ok(effect)
    }

    /// Takes what happened into account. It is kept before the next thing is done.
    pub(super) fn note(&mut self, happened: Happened) -> Effect {
        self.unkept.push(happened.clone());
        let before = std::mem::replace(&mut self.progress, Progress::new(0));
        let (progress, effect) = step(before, happened);
        self.progress = progress;
        effect
    }

    async fn keep(&mut self) -> Result<(), Failure> {
        let unkept = std::mem::take(&mut self.unkept);
        self.keeper.happened(&self.run, &unkept).await
    }

    /// It cannot go on. Who waits and was told nothing yet is refused; else it is the state of the response.
    pub(super) fn fail(&mut self, failure: Failure) {
        let (code, message) = gateway::words(&failure);
        let code = if code.is_empty() { failure.status.as_str() } else { code }.to_owned();
        let message = if message.is_empty() { failure.reason.clone() } else { message.to_owned() };
        self.note(Happened::Failed { code, message });
        self.refusal = Some(failure);
    }

    /// Keeps the end.
    async fn finish(mut self) -> Told {
        if let Some(failure) = self.refusal.take_if(|_| self.progress.output.is_empty() && self.teller.can_refuse()) {
            let withdrawn = self.keeper.withdraw(&self.run).await;
            return Told { teller: self.teller, outcome: withdrawn.and(Err(failure)) };
        }
        let response = self.teller.response(&self.progress);
        let said = self.said();
        let kept = self.keeper.finish(&self.run, response.clone(), said).await;
        Told { teller: self.teller, outcome: kept.map(|()| response) }
    }

    /// What a conversation has more by this run: nothing, where it did not come to an answer and no tool was called. A call that was made
    /// is told with the next question, or it would be made again.
    fn said(&self) -> Vec<Value> {
        use dialect::openai::responses::State;
        let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let is = |item: &Value, kind: &str| item.get("type").and_then(Value::as_str) == Some(kind);
        let is_answered = matches!(self.progress.doing, Doing::Over(State::Completed | State::Incomplete(_)));
        let has_called = self.progress.output.iter().any(|item| is(item, "mcp_call") || is(item, "openapi_call"));
        if !is_answered && !has_called {
            return Vec::new();
        }
        let known: HashSet<String> = self.before.items().iter().filter_map(|item| text(item, "id")).collect();
        let is_listed = |item: &Value| {
            let same = |old: &Value, name: &str| old.get(name) == item.get(name);
            let mut before = self.before.items().iter().filter(|old| is(old, "mcp_list_tools"));
            is(item, "mcp_list_tools") && before.any(|old| same(old, "server_label") && same(old, "tools"))
        };
        // Nobody was left to give the result of the caller's own function.
        let is_open = |item: &Value| !is_answered && is(item, "function_call");
        let output = self.progress.output.iter().filter(|item| !is_open(item) && !is_listed(item));
        let all = self.run.input.iter().chain(output);
        all.filter(|item| text(item, "id").is_none_or(|id| !known.contains(&id))).cloned().collect()
    }
}
