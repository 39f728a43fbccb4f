//! The tools of a run: what they need of it, and which calls its input allows.

use std::sync::Arc;

use access::Failure;
use serde_json::Value;
use uuid::Uuid;

use super::door;
use super::drive::Drive;
use crate::failure::{refused, wrong};
use crate::tool::{self, Offer, ServerCall, ToolContext};

/// What a run's tools need of the world around it.
pub(super) fn context(drive: &Drive) -> ToolContext {
    let (agents, run) = (&drive.agents, &drive.run);
    let world = agents.store.world();
    let own = drive.own(&world);
    ToolContext {
        egress: agents.egress.clone(),
        stand_in: agents.stand_in.clone(),
        store: agents.store.clone(),
        tokens: Arc::clone(&agents.tokens),
        project: drive.project.clone(),
        caller: run.caller.clone(),
        own,
        agent: drive.tag(),
        run: run.response_id.clone(),
        route: door::route(run.door),
        permission: door::permission(run.door),
        request_id: run.request_id,
    }
}

/// Asks the tools' servers what they have.
pub(super) async fn offer(drive: &Drive) -> Result<Offer, Failure> {
    tool::offer(&drive.run.tools, &context(drive)).await
}

/// Refuses an `mcp_approval_response` that answers no request, before a run is begun for it.
pub(super) fn check_answers(before: &[Value], input: &[Value]) -> Result<(), Failure> {
    answers(before, input).try_for_each(|answered| answered.map(drop))
}

/// The calls that the input's `mcp_approval_response` items allow. One that answers no request is refused.
pub(super) fn allowed(before: &[Value], input: &[Value], offer: &Offer) -> Result<Vec<ServerCall>, Failure> {
    let mut calls = Vec::new();
    for answered in answers(before, input) {
        let (at, item, request) = answered?;
        if item.get("approve").and_then(Value::as_bool) == Some(true) {
            let call = offer.approved(request, Uuid::new_v4());
            calls.push(call.map_err(|error| refused(&wrong(format!("input[{at}]"), error.to_string())))?);
        }
    }
    Ok(calls)
}

/// The input's answers: where each stands, itself, and the request that it answers.
fn answers<'a>(
    before: &'a [Value],
    input: &'a [Value],
) -> impl Iterator<Item = Result<(usize, &'a Value, &'a Value), Failure>> {
    let given = input.iter().enumerate().filter(|(_, item)| text(item, "type") == "mcp_approval_response");
    given.map(move |(at, item)| {
        let id = text(item, "approval_request_id");
        let is_asked = |found: &&Value| text(found, "type") == "mcp_approval_request" && text(found, "id") == id;
        let found = before.iter().chain(input).find(is_asked);
        found.map(|request| (at, item, request)).ok_or_else(|| {
            let shown: String = id.chars().take(80).collect();
            let message = format!(
                "`input[{at}].approval_request_id`: nobody asked for `{shown}` here; go on from the response or conversation that did"
            );
            refused(&wrong(format!("input[{at}].approval_request_id"), message))
        })
    })
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}
