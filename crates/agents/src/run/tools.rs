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

/// Refuses an `mcp_approval_response` that answers no request, or one that was answered, before a run is begun for it.
pub(super) fn check_answers(before: &[Value], input: &[Value], has_agent: bool) -> Result<(), Failure> {
    answers(before, input, has_agent).try_for_each(|answered| answered.map(drop))
}

/// The calls that the input's `mcp_approval_response` items allow. One that answers no request, or one that was answered, is refused.
pub(super) fn allowed(
    before: &[Value],
    input: &[Value],
    has_agent: bool,
    offer: &Offer,
) -> Result<Vec<ServerCall>, Failure> {
    let mut calls = Vec::new();
    for answered in answers(before, input, has_agent) {
        let (at, item, request) = answered?;
        if item.get("approve").and_then(Value::as_bool) == Some(true) {
            let call = offer.approved(request, Uuid::new_v4());
            calls.push(call.map_err(|error| refused(&wrong(format!("input[{at}]"), error.to_string())))?);
        }
    }
    Ok(calls)
}

/// The input's answers: where each stands, itself, and the request that it answers. What an agent may do is asked for by the agent alone:
/// its caller cannot bring the request along.
fn answers<'a>(
    before: &'a [Value],
    input: &'a [Value],
    has_agent: bool,
) -> impl Iterator<Item = Result<(usize, &'a Value, &'a Value), Failure>> {
    let brought = if has_agent { &[] } else { input };
    // Who tells all that was said tells of the calls as well: those that were made are not asked for again.
    let is_told = |at: usize, id: &str| input.iter().skip(at).any(|item| is_call_for(item, id));
    let given = input.iter().enumerate().filter(move |(at, item)| {
        text(item, "type") == "mcp_approval_response" && !is_told(*at, text(item, "approval_request_id"))
    });
    given.map(move |(at, item)| {
        let id = text(item, "approval_request_id");
        let no = |why: &str| {
            let shown: String = id.chars().take(80).collect();
            let field = format!("input[{at}].approval_request_id");
            refused(&wrong(field.clone(), format!("`{field}`: {}", why.replace("{id}", &shown))))
        };
        let is_asked = |found: &&Value| text(found, "type") == "mcp_approval_request" && text(found, "id") == id;
        let Some(request) = before.iter().chain(brought).find(is_asked) else {
            return Err(no("nobody asked for `{id}` here; go on from the response or conversation that did"));
        };
        let is_answer =
            |found: &Value| text(found, "type") == "mcp_approval_response" && text(found, "approval_request_id") == id;
        if before.iter().chain(input.iter().take(at)).any(|found| is_answer(found) || is_call_for(found, id)) {
            return Err(no("`{id}` was answered already, and an answer holds once; leave this one out"));
        }
        Ok((at, item, request))
    })
}

/// Whether an item is the call that this request asked for.
fn is_call_for(item: &Value, request: &str) -> bool {
    text(item, "type") == "mcp_call" && text(item, "approval_request_id") == request
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
