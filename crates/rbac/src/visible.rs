//! What of a list may be shown.

use std::collections::HashSet;

use arm::{Scope, ScopeLevel};
use uuid::Uuid;

use crate::attributes::Attributes;
use crate::evaluate::AccessRequest;
use crate::permission::Permission;
use crate::snapshot::Snapshot;

/// What of a place and all below it the caller may read: the scopes of which everything, without those from which a deny
/// assignment takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    whole: bool,
    scopes: Vec<Scope>,
    /// The same, and the management groups and subscriptions below those that are management groups.
    given: HashSet<Scope>,
    /// What is denied with all below it, in the same way.
    taken: HashSet<Scope>,
    /// What is denied alone.
    taken_alone: HashSet<Scope>,
}

impl Visible {
    /// May this be shown?
    pub fn covers(&self, scope: &Scope) -> bool {
        let in_or_below =
            |places: &HashSet<Scope>| !places.is_empty() && scope.ancestor_keys().any(|key| places.contains(key));
        in_or_below(&self.given) && !in_or_below(&self.taken) && !self.taken_alone.contains(scope)
    }

    /// May nothing be shown?
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// May everything at and below the scope that was asked for be shown?
    pub fn is_whole(&self) -> bool {
        self.whole && self.taken.is_empty() && self.taken_alone.is_empty()
    }

    /// The scopes, sorted, none of which is below another by its text.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

/// As `visible_to`, where nothing is known that a condition could read.
pub fn visible(principal: Uuid, permission: &Permission, base: &Scope, snapshot: &Snapshot) -> Visible {
    let attributes = &Attributes::none();
    visible_to(&AccessRequest { principal, permission, scope: base, attributes }, snapshot)
}

/// What at or below the request's scope may be shown: exactly what a single check with the same attributes allows.
/// Empty for directory rights.
pub fn visible_to(request: &AccessRequest<'_>, snapshot: &Snapshot) -> Visible {
    let base = request.scope;
    let question = snapshot.look_up(request.principal, request.permission, base);
    let above: HashSet<Scope> = snapshot.chain(base).into_iter().collect();
    let (mut taken, mut taken_alone) = (Vec::new(), HashSet::<Scope>::new());
    for deny in question.denies(request.attributes) {
        let is_below = snapshot.reaches(base, &deny.scope);
        if deny.do_not_apply_to_child_scopes {
            taken_alone.extend(is_below.then(|| deny.scope.clone()));
        } else if above.contains(&deny.scope) {
            return Visible::default();
        } else if is_below {
            taken.push(deny.scope.clone());
        }
    }
    let given = snapshot.held_by(request.principal).filter(|held| question.is_given_by(*held, request.attributes));
    let mut whole = false;
    let mut scopes = Vec::new();
    for assigned in given {
        let scope = assigned.scope();
        if above.contains(scope.as_ref()) {
            (whole, scopes) = (true, vec![base.clone()]);
            break;
        }
        if snapshot.reaches(base, &scope) {
            scopes.push(scope.into_owned());
        }
    }
    shown(Visible { whole, scopes, given: HashSet::new(), taken: expanded(&taken, snapshot), taken_alone }, snapshot)
}

/// Drops scopes below others, and those of which nothing is left.
fn shown(mut visible: Visible, snapshot: &Snapshot) -> Visible {
    visible.scopes.sort();
    visible.scopes.dedup();
    let given: HashSet<Scope> = visible.scopes.iter().cloned().collect();
    let taken = &visible.taken;
    visible.scopes.retain(|scope| {
        !scope.ancestors().skip(1).any(|above| given.contains(&above))
            && !scope.ancestor_keys().any(|key| taken.contains(key))
    });
    visible.given = expanded(&visible.scopes, snapshot);
    visible
}

/// These, and the management groups and subscriptions below those that are management groups.
fn expanded(scopes: &[Scope], snapshot: &Snapshot) -> HashSet<Scope> {
    let mut all: HashSet<Scope> = scopes.iter().cloned().collect();
    for scope in scopes.iter().filter(|scope| scope.level() == ScopeLevel::ManagementGroup) {
        all.extend(snapshot.below_management_group(scope));
    }
    all
}

/// Does the principal hold any role above, at or below the scope?
pub fn has_any_assignment_near(principal: Uuid, scope: &Scope, snapshot: &Snapshot) -> bool {
    let above: HashSet<Scope> = snapshot.chain(scope).into_iter().collect();
    snapshot
        .held_by(principal)
        .any(|assigned| above.contains(assigned.scope().as_ref()) || snapshot.reaches(scope, &assigned.scope()))
}

/// Does the principal hold any role in the tenant?
pub fn has_any_assignment(principal: Uuid, snapshot: &Snapshot) -> bool {
    snapshot.held_by(principal).next().is_some()
}
