//! What else would have to change, or could.

use serde::Serialize;

use super::az;
use super::condition::{ConditionOf, ConditionReport, word};
use super::deny::DenyTrace;
use super::explanation::{Decision, Explanation};
use super::mend::{assignable_scope, smallest_role};
use super::reason::plane_word;
use super::wanted::wanted;
use crate::condition::Truth;
use crate::evaluate::AccessRequest;
use crate::permission::Permission;
use crate::snapshot::Snapshot;

/// Something that would have to change, or could.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// One sentence.
    pub text: String,
    /// The command that does it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub az: Option<String>,
}

/// The obstacles that a role assignment does not take away, nearest first.
pub(super) fn advice(explanation: &Explanation, request: &AccessRequest<'_>, snapshot: &Snapshot) -> Vec<Advice> {
    match explanation.decision {
        Decision::Allowed => Vec::new(),
        Decision::Denied => against_denies(explanation, request, snapshot),
        Decision::ConditionNotFulfilled => about_conditions(explanation),
        Decision::NotAllowed => about_no_role(explanation, request).into_iter().collect(),
    }
}

fn against_denies(explanation: &Explanation, request: &AccessRequest<'_>, snapshot: &Snapshot) -> Vec<Advice> {
    let mut advice: Vec<Advice> = explanation.denies.iter().map(|deny| against_deny(deny, request, snapshot)).collect();
    if explanation.grants.is_empty()
        && let Some(role) = smallest_role(request, &assignable_scope(request.scope), snapshot)
    {
        let text = format!("a role that grants it would be needed besides: `{}` has the fewest operations", role.name);
        advice.push(Advice { text, az: None });
    }
    advice
}

fn against_deny(deny: &DenyTrace, request: &AccessRequest<'_>, snapshot: &Snapshot) -> Advice {
    let known = snapshot.deny_assignment(&deny.id);
    let (name, scope) = (&deny.name, &deny.scope);
    if known.is_some_and(|known| known.is_system_protected) {
        let text = format!(
            "no role helps: the deny assignment `{name}` at `{scope}` is the system's own, and only what made it can \
             exclude the principal or take it away"
        );
        return Advice { text, az: None };
    }
    Advice {
        text: format!("no role helps: the deny assignment `{name}` at `{scope}` would have to exclude the principal"),
        az: known.map(|known| az::exclude_from(known, request.principal, snapshot)),
    }
}

/// What the conditions wanted.
fn about_conditions(explanation: &Explanation) -> Vec<Advice> {
    let misses = explanation.nearest_misses.condition_not_met.iter();
    let failing = misses.flat_map(|miss| miss.conditions.iter().map(move |condition| (miss, condition)));
    failing
        .filter(|(_, condition)| condition.outcome != Truth::True)
        .map(|(miss, condition)| {
            let whose = match condition.of {
                ConditionOf::Assignment => "the condition of the assignment of",
                ConditionOf::Permission => "the condition inside",
            };
            let (role, scope) = (&miss.holding.role.name, &miss.holding.scope);
            let what = what_failed(condition);
            Advice { text: format!("{whose} `{role}` at `{scope}` {what}"), az: None }
        })
        .collect()
}

fn what_failed(condition: &ConditionReport) -> String {
    if let Some(error) = &condition.error {
        return format!("cannot be read, so it never grants: {error}");
    }
    let parts = condition.trace.as_ref().map(wanted).unwrap_or_default();
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) };
    format!("is {}{parts}", word(condition.outcome))
}

/// Why no role assignment is proposed.
fn about_no_role(explanation: &Explanation, request: &AccessRequest<'_>) -> Option<Advice> {
    if explanation.mend.is_some() {
        return None;
    }
    let (permission, principal) = (request.permission, request.principal);
    let text = match permission {
        Permission::Directory(_) => {
            format!("a directory role that gives `{permission}` would have to be assigned, by a Global Administrator")
        }
        _ if explanation.asked.principal_type.is_none() => {
            format!(
                "`{principal}` would have to be in the directory first: look the object id up, or create the principal"
            )
        }
        _ => {
            let plane = plane_word(permission);
            format!(
                "no role that may be assigned here grants it: a custom role with the {plane} `{permission}` would be needed"
            )
        }
    };
    Some(Advice { text, az: None })
}
