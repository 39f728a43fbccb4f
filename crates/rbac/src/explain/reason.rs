//! An explanation in one or two sentences.

use super::deny::DenyTrace;
use super::explanation::Explanation;
use super::grant::GrantTrace;
use super::meant::MatchedAs;
use crate::evaluate::AccessRequest;
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::verdict::Verdict;

/// Why; for what nothing grants, the sentence of the refusal itself, and what it leaves out.
pub(super) fn reason(explanation: &Explanation, request: &AccessRequest<'_>, verdict: &Verdict) -> String {
    match verdict {
        Verdict::NotAllowed(misses) => {
            let reason = misses.reason(request.permission, request.scope.as_str());
            format!("{reason}{}", removed_sentence(explanation))
        }
        Verdict::Allowed(_) => match (&explanation.directory_role, explanation.grants.first()) {
            (Some(role), _) => directory_sentence(explanation, role),
            (None, Some(grant)) => grant_sentence(explanation, grant, request.permission),
            (None, None) => format!("`{}` is granted", request.permission),
        },
        Verdict::Denied(_) => match explanation.denies.first() {
            Some(deny) => deny_sentence(explanation, deny, request.permission),
            None => format!("a deny assignment blocks `{}`", request.permission),
        },
    }
}

/// What the refusal's sentence leaves out: a role that would include it, but for an entry that takes it out.
fn removed_sentence(explanation: &Explanation) -> String {
    let Some(miss) = explanation.nearest_misses.removed_by_not_action.first() else {
        return String::new();
    };
    let list = if explanation.asked.is_data_action { "notDataActions" } else { "notActions" };
    let (role, pattern, entry) = (&miss.holding.role.name, &miss.permission.pattern, &miss.not_action);
    format!(". `{role}` would include it by `{pattern}`, and takes it out again by `{entry}` in `{list}`")
}

fn directory_sentence(explanation: &Explanation, role: &str) -> String {
    let action = &explanation.asked.action;
    match role {
        "Member" => format!("every user of the tenant has the directory right `{action}`"),
        role => format!("the directory role `{role}` gives `{action}`"),
    }
}

fn grant_sentence(explanation: &Explanation, grant: &GrantTrace, permission: &Permission) -> String {
    let holding = &grant.holding;
    let kind = kind_word(explanation.asked.principal_type);
    let held = match holding.group_path.as_slice() {
        [] => format!("held by the {kind} itself"),
        [group] => format!("held by the group `{group}`, which the {kind} is in"),
        [first, .., holder] => format!("held by the group `{holder}`, which the {kind} is in through `{first}`"),
    };
    let condition = if grant.conditions.is_empty() { "" } else { ", and its condition holds" };
    let others = match explanation.grants.len() {
        0 | 1 => String::new(),
        2 => "; 1 other assignment grants it too".to_owned(),
        count => format!("; {} other assignments grant it too", count - 1),
    };
    let plane = plane_word(permission);
    let (role, scope) = (&holding.role.name, &holding.scope);
    format!("`{role}` at `{scope}`, {held}, includes the {plane} `{permission}`{condition}{others}")
}

fn deny_sentence(explanation: &Explanation, deny: &DenyTrace, permission: &Permission) -> String {
    let kind = kind_word(explanation.asked.principal_type);
    let whom = match (deny.matched_as, deny.group_path.last()) {
        (MatchedAs::Group, Some(group)) => format!("the group `{group}`, which the {kind} is in"),
        (MatchedAs::Principal, _) => format!("the {kind} itself"),
        _ => "everybody".to_owned(),
    };
    let why = if deny.undecided { "; its condition cannot be decided, so it denies" } else { "" };
    let overruled = match explanation.grants.first() {
        Some(grant) => format!(", although `{}` at `{}` grants it", grant.holding.role.name, grant.holding.scope),
        None => ", and nothing grants it either".to_owned(),
    };
    let plane = plane_word(permission);
    let (name, scope) = (&deny.name, &deny.scope);
    format!("the deny assignment `{name}` at `{scope}` blocks the {plane} `{permission}` for {whom}{overruled}{why}")
}

/// `user`, `group`, `service principal`, or `principal` for one that is not in the directory.
pub(super) fn kind_word(kind: Option<PrincipalType>) -> &'static str {
    match kind {
        Some(PrincipalType::User) => "user",
        Some(PrincipalType::Group) => "group",
        Some(PrincipalType::ServicePrincipal) => "service principal",
        None => "principal",
    }
}

/// `action` or `data action`; `right` for the directory.
pub(super) fn plane_word(permission: &Permission) -> &'static str {
    match permission {
        Permission::Action(_) => "action",
        Permission::DataAction(_) => "data action",
        Permission::Directory(_) => "right",
    }
}
