//! After a restart: the runs that were going on go on, each from where it was.

use std::sync::Arc;

use access::{Failure, Reply, Step, close_step};
use arm::Scope;
use gateway::Shelf;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use store::{DataKind, DataObject, DataQuery};

use super::drive::{Before, Drive, drive};
use super::keeper::{self, Keeper};
use super::object::Object;
use super::state::{Place, Progress, Run};
use super::step::{Effect, Happened, step};
use super::teller::{Audience, Teller};
use crate::tool::ToolOutcome;
use crate::{Agents, conversation};

/// The type of what has runs.
const PROJECTS: &str = "Microsoft.CognitiveServices/accounts/projects";
/// Runs that are read at once.
const RUNS_AT_ONCE: u32 = 100;

/// Takes up every run that was going on when the server stopped; returns when all are on their way. As many go on at once as runs
/// that nobody waits for do.
pub(crate) async fn resume(agents: &Arc<Agents>) {
    let world = agents.store.world();
    let all = world.resources.below(&Scope::root());
    let projects = all.filter(|row| row.resource_type.eq_ignore_ascii_case(PROJECTS)).map(|row| row.id.clone());
    let mut count = 0;
    for project in projects.collect::<Vec<_>>() {
        for run in unfinished(agents, &project).await {
            count += 1;
            take_up(agents, &project, run).await;
        }
    }
    if count > 0 {
        tracing::info!(count, "runs that were going on when the server stopped go on");
    }
}

async fn unfinished(agents: &Agents, project: &Scope) -> Vec<Run> {
    let mut query = DataQuery::first(DataKind::Run, project, None, RUNS_AT_ONCE);
    let mut runs = Vec::new();
    loop {
        let page = match agents.store.data_objects(&agents.stand_in.for_resumed_runs(), &query).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(%error, %project, "the runs that were going on cannot be read; they do not go on");
                return runs;
            }
        };
        query.after = page.objects.last().map(|object: &DataObject| object.key.id.clone());
        // One that cannot be read is said there, and stays where it is.
        runs.extend(page.objects.into_iter().filter_map(|object| keeper::read(object).ok()));
        if !page.has_more {
            return runs;
        }
    }
}

async fn take_up(agents: &Arc<Agents>, project: &Scope, run: Run) {
    let permit = Arc::new(agents.stand_in.for_resumed_runs());
    let mut keeper = Keeper::new(agents.store.clone(), permit, project.clone());
    if !run.is_stored && run.conversation.is_none() {
        // Its caller has gone and nobody else could read it.
        if let Err(failure) = keeper.withdraw(&run).await {
            tracing::error!(reason = failure.reason, run = run.response_id, "a run cannot be removed");
        }
        return;
    }
    let happened = match keeper.steps(&run).await {
        Ok(happened) => happened,
        Err(failure) => {
            tracing::error!(reason = failure.reason, run = run.response_id, "a run cannot be read; it does not go on");
            return;
        }
    };
    let progress =
        happened.into_iter().fold(Progress::new(run.calls_limit), |progress, happened| step(progress, happened).0);
    let going = agents.runs.enter(project, &run.response_id);
    // Nobody is served yet, so nobody else has the turn.
    let turn = run.conversation.as_ref().and_then(|place| agents.turns.take(project, &place.id).ok());
    let mut drive_of = Drive {
        agents: Arc::clone(agents),
        project: project.clone(),
        progress,
        teller: Teller::new(Object::of(&run), Audience::Nobody),
        run,
        before: Before::Unread,
        keeper,
        waiting: None,
        headers: HeaderMap::new(),
        unkept: Vec::new(),
        refusal: None,
    };
    let effect = go_on(&mut drive_of);
    tokio::spawn(drive(drive_of, effect, going, turn));
}

/// A call that was begun is not made again: the model is told that nobody knows what became of it.
fn go_on(drive: &mut Drive) -> Effect {
    let given_up = ToolOutcome::interrupted();
    for call in drive.progress.begun() {
        drive.note(Happened::Called {
            id: call.server.item_id(),
            items: call.server.items(Some(&given_up)),
            outcome: given_up.output.clone(),
        });
    }
    drive.note(Happened::Resumed)
}

/// What was said before a run that had to wait, as its caller may still read it: decided anew.
pub(super) async fn before(drive: &Drive) -> Result<Vec<Value>, Failure> {
    let Step { permit, record, .. } = drive.admit().await?;
    record.note(|record| record.reason = Some("the run goes on after a wait or a restart".to_owned()));
    close_step(&record, Ok(Reply::empty(StatusCode::OK))).await?;
    let (permit, store) = (Arc::new(permit), &drive.agents.store);
    match (&drive.run.conversation, &drive.run.previous) {
        (Some(Place { id, after }), _) => {
            let items = conversation::items(store, &permit, id).await?;
            let name = |item: &Value| item.get("id").and_then(Value::as_str).map(str::to_owned);
            let end = items.iter().position(|item| after.is_some() && name(item) == *after).map_or(0, |at| at + 1);
            Ok(items.into_iter().take(end).collect())
        }
        (None, Some(previous)) => Shelf::new(store.clone(), permit, drive.project.clone()).history(previous).await,
        (None, None) => Ok(Vec::new()),
    }
}
