//! A decision that happened: what was decided then, how it would come out on today's facts, and what has changed.

use arm::Scope;
use rbac::{AccessRequest, Attributes, DirectoryRight, Explanation, Permission};
use serde_json::{Value, json};
use store::{ConditionInputs, Record, World};
use uuid::Uuid;

use super::names::with_names;

/// What is asked of today's facts.
enum Again {
    /// The action at the target.
    Decided(Box<Explanation>),
    /// A list at the target: may anything of it be shown?
    Listed { is_shown: bool },
    /// Nothing: no role was looked at then.
    Not(&'static str),
}

/// A decision as who may read it in full sees it: `{decisionId, summary, changed, then, now?, names}`.
pub fn decision(world: &World, record: &Record) -> Value {
    let again = again(world, record);
    let (summary, changed) = summary(world, record, &again);
    let now = match &again {
        Again::Decided(explanation) => json!(explanation),
        Again::Listed { is_shown } => json!({ "decision": if *is_shown { "Allowed" } else { "NotAllowed" } }),
        Again::Not(_) => Value::Null,
    };
    let report = json!({
        "decisionId": record.decision_id,
        "summary": summary,
        "changed": changed,
        "then": then(record, record.target.as_deref()),
        "now": now,
    });
    with_names(report, world)
}

/// The same for a caller who holds no role at all: a refusal does not tell it where things are, so this does not either.
pub(super) fn decision_for_outsider(world: &World, record: &Record) -> Value {
    let again = again(world, record);
    let place = record.target.as_deref().and_then(|target| Scope::parse(target).ok());
    let name = place.map(|place| place.top_resource().unwrap_or(place).name().to_owned());
    let mut then = then(record, name.as_deref());
    if let Some(then) = then.as_object_mut() {
        then.remove("denyAssignment");
    }
    let is_now = match &again {
        Again::Decided(explanation) => json!({ "decision": explanation.decision }),
        Again::Listed { .. } | Again::Not(_) => Value::Null,
    };
    let was = if was_allowed(record) { "allowed" } else { "refused" };
    json!({
        "decisionId": record.decision_id,
        "summary": format!("it was {was}; you hold no role today, so ask who administers access for more"),
        "changed": again.is_allowed().is_some_and(|now| now != was_allowed(record)),
        "then": then,
        "now": is_now,
        "names": {},
    })
}

impl Again {
    fn is_allowed(&self) -> Option<bool> {
        match self {
            Again::Decided(explanation) => Some(explanation.decision == rbac::Decision::Allowed),
            Again::Listed { is_shown } => Some(*is_shown),
            Again::Not(_) => None,
        }
    }
}

/// Whether access let it through; what came after is another matter.
fn was_allowed(record: &Record) -> bool {
    record.outcome == "allowed"
}

/// Asks again what the record says was asked.
fn again(world: &World, record: &Record) -> Again {
    match record.asked.as_deref() {
        Some("anyToken") => return Again::Not("any valid token is enough for this, whatever its holder's roles"),
        Some("key") => return Again::Not("a resource key opens inference at its own account and nothing else"),
        _ if record.step == "admission" => return Again::Not("it was turned away before any role was looked at"),
        _ => {}
    }
    let scope = record.target.as_deref().and_then(|target| Scope::parse(target).ok());
    let (Some(principal), Some(permission), Some(scope)) = (record.principal_id, asked_for(record), scope) else {
        return Again::Not("no principal's roles were looked at");
    };
    let attributes = attributes(world, record, principal);
    let request = AccessRequest { principal, permission: &permission, scope: &scope, attributes: &attributes };
    if record.asked.as_deref() == Some("visible") {
        return Again::Listed { is_shown: !rbac::visible_to(&request, &world.access).is_empty() };
    }
    Again::Decided(Box::new(rbac::explain(&request, &world.access)))
}

fn asked_for(record: &Record) -> Option<Permission> {
    let action = record.action.clone()?;
    let of_the_directory = DirectoryRight::ALL.into_iter().find(|right| right.as_str() == action);
    Some(match of_the_directory {
        Some(right) => Permission::Directory(right),
        None if record.is_data_action == Some(true) => Permission::DataAction(action),
        None => Permission::Action(action),
    })
}

/// What the request said then and the time that it was made at, so that only the facts are today's.
fn attributes(world: &World, record: &Record, principal: Uuid) -> Attributes {
    let ConditionInputs { request, resource } = record.condition_inputs.clone().unwrap_or_default();
    let attributes = Attributes { request, resource, ..Attributes::none() };
    access::circumstances(attributes, Some(principal), world, record.time)
}

/// One or two sentences, and whether it would come out differently today.
fn summary(world: &World, record: &Record, again: &Again) -> (String, bool) {
    let was_allowed = was_allowed(record);
    let word = |allowed: bool| if allowed { "allowed" } else { "refused" };
    let (now, today) = match (again, again.is_allowed()) {
        (Again::Not(why), _) => return (format!("it was {}: {why}", word(was_allowed)), false),
        (Again::Decided(explanation), Some(now)) => (now, explanation.reason.clone()),
        (_, now) => {
            let now = now.unwrap_or(false);
            let shown = if now { "something" } else { "nothing" };
            (now, format!("{shown} at or below the scope may be shown"))
        }
    };
    if now != was_allowed {
        let gone = gone(world, record).map(|gone| format!("{gone}; ")).unwrap_or_default();
        return (
            format!(
                "it was {}; since then this has changed: {gone}it would be {} now, because {today}",
                word(was_allowed),
                word(now)
            ),
            true,
        );
    }
    let other = used_now(again).filter(|used| record.assignment.as_deref().is_some_and(|then| then != used));
    match other {
        Some(used) => (format!("it was allowed, and still is, now by `{used}`"), false),
        None if record.reason.as_ref() == Some(&today) => {
            (format!("it was {}, and still is", word(was_allowed)), false)
        }
        None => (format!("it was {}, and still is: {today}", word(was_allowed)), false),
    }
}

/// The assignment that granted it then and is no more.
fn gone(world: &World, record: &Record) -> Option<String> {
    let id = Scope::parse(record.assignment.as_deref()?).ok()?;
    world.access.assignment(&id).is_none().then(|| format!("the role assignment `{id}` is gone"))
}

fn used_now(again: &Again) -> Option<String> {
    match again {
        Again::Decided(explanation) => {
            explanation.grants.iter().find(|grant| grant.used).map(|grant| grant.holding.assignment.to_string())
        }
        Again::Listed { .. } | Again::Not(_) => None,
    }
}

/// What the journal keeps of the decision; `scope` as its reader may see it.
fn then(record: &Record, scope: Option<&str>) -> Value {
    let mut then = json!({
        "time": record.time,
        "outcome": record.outcome,
        "step": record.step,
        "principalId": record.principal_id,
        "principalType": record.principal_type,
        "principalLabel": record.principal_label,
        "credential": record.credential,
        "action": record.action,
        "isDataAction": record.is_data_action,
        "scope": scope,
        "asked": record.asked,
        "reason": record.reason,
        "roleAssignment": record.assignment,
        "role": record.role,
        "roleName": record.role_name,
        "viaGroup": record.via_group,
        "denyAssignment": record.deny_assignment,
        "conditionInputs": record.condition_inputs,
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "requestId": record.request_id,
    });
    if let Some(then) = then.as_object_mut() {
        then.retain(|_, value| !value.is_null() && value != "");
    }
    then
}
