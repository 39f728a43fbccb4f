//! What of a list may be shown.

use std::collections::HashSet;

use arm::{Scope, ScopeLevel};
use uuid::Uuid;

use crate::permission::Permission;
use crate::snapshot::Snapshot;

/// The scopes, at or below the one that was asked for, of which the caller may read everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    whole: bool,
    scopes: Vec<Scope>,
    /// The same, and the management groups and subscriptions below those that are management groups.
    members: HashSet<Scope>,
}

impl Visible {
    /// May this be shown?
    pub fn covers(&self, scope: &Scope) -> bool {
        !self.members.is_empty() && scope.ancestor_keys().any(|key| self.members.contains(key))
    }

    /// May nothing be shown?
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// May everything at and below the scope that was asked for be shown? Then what it inherits may be shown too.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The scopes, sorted, none of which is below another by its text.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

/// The scopes at or below `base` of which the principal may read everything. Grants that depend on a condition's
/// attributes do not show. Empty for directory rights.
pub fn visible(principal: Uuid, permission: &Permission, base: &Scope, snapshot: &Snapshot) -> Visible {
    let question = snapshot.question(principal, permission);
    let above: HashSet<Scope> = snapshot.chain(base).into_iter().collect();
    let mut below = Vec::new();
    for assignment in snapshot.assignments_of(principal) {
        if !question.is_surely_given_by(assignment) {
            continue;
        }
        if above.contains(&assignment.scope) {
            return shown(vec![base.clone()], true, snapshot);
        }
        if snapshot.reaches(base, &assignment.scope) {
            below.push(assignment.scope.clone());
        }
    }
    shown(below, false, snapshot)
}

fn shown(mut scopes: Vec<Scope>, whole: bool, snapshot: &Snapshot) -> Visible {
    scopes.sort();
    scopes.dedup();
    let given: HashSet<Scope> = scopes.iter().cloned().collect();
    scopes.retain(|scope| !scope.ancestors().skip(1).any(|above| given.contains(&above)));
    let mut members: HashSet<Scope> = scopes.iter().cloned().collect();
    for scope in scopes.iter().filter(|scope| scope.level() == ScopeLevel::ManagementGroup) {
        members.extend(snapshot.below_management_group(scope));
    }
    Visible { whole, scopes, members }
}

/// Does the principal hold any role above, at or below the scope?
pub fn has_any_assignment_near(principal: Uuid, scope: &Scope, snapshot: &Snapshot) -> bool {
    let above: HashSet<Scope> = snapshot.chain(scope).into_iter().collect();
    snapshot
        .assignments_of(principal)
        .any(|assignment| above.contains(&assignment.scope) || snapshot.reaches(scope, &assignment.scope))
}

/// Does the principal hold any role in the tenant?
pub fn has_any_assignment(principal: Uuid, snapshot: &Snapshot) -> bool {
    snapshot.assignments_of(principal).next().is_some()
}
