//! What may a principal do?

use std::collections::HashSet;

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use super::condition::Outlook;
use super::deny_ref::DenyRef;
use super::group_paths::GroupPaths;
use super::holding::Holding;
use super::inquiry::{Inquiry, reaches_down};
use super::meant::Meant;
use crate::built_in::catalogue;
use crate::deny_assignment::DenyAssignment;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::snapshot::Snapshot;

/// What a principal holds, and with a scope what it may do there.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhatCan {
    /// Object id.
    pub principal: Uuid,
    /// None: not in the directory, so nothing is held.
    pub principal_type: Option<PrincipalType>,
    /// Directory roles held.
    pub directory_roles: Vec<String>,
    /// Its assignments and those of its groups; with a scope, those above, at and below it. By scope, then role.
    pub assignments: Vec<Held>,
    /// What is allowed at the scope that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<AllowedAt>,
}

/// One role that is held.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Which, and how the principal comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// The assignment's condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Where it stands to the scope that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Where an assignment stands to a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// Made above it, and inherited.
    Above,
    /// Made at it.
    At,
    /// Made below it.
    Below,
}

/// What of the catalogued operations is allowed at a scope.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedAt {
    /// Where.
    pub scope: Scope,
    /// Management actions allowed whatever the request is.
    pub actions: Vec<String>,
    /// Data actions allowed whatever the request is.
    pub data_actions: Vec<String>,
    /// Management actions that depend on the request.
    pub conditional_actions: Vec<String>,
    /// Data actions that depend on the request.
    pub conditional_data_actions: Vec<String>,
    /// The deny assignments that mean the principal and hold there, nearest first.
    pub denies: Vec<DenyRef>,
}

/// What the principal holds; with a scope, what that allows there.
pub fn what_can(principal: Uuid, scope: Option<&Scope>, snapshot: &Snapshot) -> WhatCan {
    let groups = GroupPaths::of(principal, snapshot);
    let chain = scope.map(|scope| snapshot.chain(scope));
    let mut assignments = Vec::new();
    let mut reaching = Vec::new();
    for assignment in snapshot.assignments_of(principal) {
        let place = match (scope, &chain) {
            (Some(scope), Some(chain)) => match place(&assignment, scope, chain, snapshot) {
                Some(place) => Some(place),
                None => continue,
            },
            _ => None,
        };
        let holding = Holding::of(&assignment, &groups, snapshot);
        assignments.push(Held { holding, condition: assignment.condition.clone(), place });
        if matches!(place, Some(Place::Above | Place::At)) {
            reaching.push(assignment);
        }
    }
    assignments.sort_by(|a, b| order(a).cmp(&order(b)));
    WhatCan {
        principal,
        principal_type: snapshot.kind_of(principal),
        directory_roles: directory_roles(principal, snapshot),
        assignments,
        at: chain.and_then(|chain| allowed_at(principal, chain, &groups, distinct(reaching), snapshot)),
    }
}

fn directory_roles(principal: Uuid, snapshot: &Snapshot) -> Vec<String> {
    let held = snapshot.person(principal).map(|person| person.directory_roles.clone()).unwrap_or_default();
    let mut names: Vec<String> = held.into_iter().map(|role| role.display_name().to_owned()).collect();
    names.sort_unstable();
    names
}

fn order(held: &Held) -> (&Scope, &str, &Scope) {
    (&held.holding.scope, &held.holding.role.name, &held.holding.assignment)
}

fn place(assignment: &RoleAssignment, scope: &Scope, chain: &[Scope], snapshot: &Snapshot) -> Option<Place> {
    if assignment.scope == *scope {
        return Some(Place::At);
    }
    if chain.contains(&assignment.scope) {
        return Some(Place::Above);
    }
    snapshot.reaches(scope, &assignment.scope).then_some(Place::Below)
}

fn allowed_at(
    principal: Uuid,
    chain: Vec<Scope>,
    groups: &GroupPaths,
    reaching: Vec<RoleAssignment>,
    snapshot: &Snapshot,
) -> Option<AllowedAt> {
    let meant: Vec<(&DenyAssignment, Meant)> =
        snapshot.deny_assignments().filter_map(|deny| Some((deny, Meant::by(deny, principal, groups)?))).collect();
    let mut allowed = AllowedAt {
        scope: chain.first()?.clone(),
        actions: Vec::new(),
        data_actions: Vec::new(),
        conditional_actions: Vec::new(),
        conditional_data_actions: Vec::new(),
        denies: in_force(&meant, &chain),
    };
    let mut inquiry = Inquiry::at(chain, snapshot);
    for operation in catalogue().operations() {
        inquiry.ask(&operation.permission());
        let list = match (outlook(&inquiry, &reaching, &meant), operation.is_data) {
            (Outlook::Never, _) => continue,
            (Outlook::Depends, false) => &mut allowed.conditional_actions,
            (Outlook::Depends, true) => &mut allowed.conditional_data_actions,
            (Outlook::Surely, false) => &mut allowed.actions,
            (Outlook::Surely, true) => &mut allowed.data_actions,
        };
        list.push(operation.name.to_owned());
    }
    Some(allowed)
}

/// Of all assignments that reach the scope: the best prospects, less what a deny assignment takes.
fn outlook(inquiry: &Inquiry<'_>, reaching: &[RoleAssignment], meant: &[(&DenyAssignment, Meant)]) -> Outlook {
    let outlook_of = |assignment| inquiry.granted_by(assignment).map(|judged| judged.outlook);
    let granted = reaching.iter().filter_map(outlook_of).max().unwrap_or(Outlook::Never);
    if granted == Outlook::Never {
        return Outlook::Never;
    }
    let denied = meant.iter().filter_map(|(deny, _)| inquiry.denied_by(deny)).map(|judged| judged.outlook).max();
    match denied {
        Some(Outlook::Surely) => Outlook::Never,
        Some(Outlook::Depends) => Outlook::Depends,
        Some(Outlook::Never) | None => granted,
    }
}

fn in_force(meant: &[(&DenyAssignment, Meant)], chain: &[Scope]) -> Vec<DenyRef> {
    let has_condition = |deny: &DenyAssignment| {
        deny.condition.is_some() || deny.permissions.iter().any(|object| object.condition.is_some())
    };
    let mut denies: Vec<DenyRef> = meant
        .iter()
        .filter(|(deny, _)| reaches_down(deny, chain))
        .map(|(deny, meant)| DenyRef::new(deny, meant, has_condition(deny)))
        .collect();
    let distance = |scope: &Scope| chain.iter().position(|above| above == scope);
    denies.sort_by_cached_key(|deny| (distance(&deny.scope), deny.id.clone()));
    denies
}

/// One of each role and condition: what many groups give alike is looked at once.
fn distinct(mut assignments: Vec<RoleAssignment>) -> Vec<RoleAssignment> {
    let mut seen = HashSet::new();
    assignments.retain(|assignment| seen.insert((assignment.role, assignment.condition.clone())));
    assignments
}
