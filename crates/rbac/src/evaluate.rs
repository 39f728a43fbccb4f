//! The decision: from who, what and where to allowed or not, with the reason.

use std::cmp::Reverse;

use arm::Scope;
use uuid::Uuid;

use crate::attributes::Attributes;
use crate::condition::Truth;
use crate::misses::{ConditionMiss, GrantedElsewhere, HeldRole, Misses};
use crate::permission::{DirectoryRight, Permission};
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::snapshot::Snapshot;
use crate::verdict::{Grant, Verdict};

/// A refusal looks at this many assignments of the caller for near misses, so that it stays cheap.
const MOST_LOOKED_AT: usize = 1000;
/// A refusal names this many near misses of a kind.
const MOST_NAMED: usize = 3;

/// Who wants to do what where.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequest<'a> {
    /// Object id of the caller.
    pub principal: Uuid,
    /// What.
    pub permission: &'a Permission,
    /// Where.
    pub scope: &'a Scope,
    /// What conditions may read.
    pub attributes: &'a Attributes,
}

/// May the principal do it, and why?
pub fn evaluate(request: &AccessRequest<'_>, snapshot: &Snapshot) -> Verdict {
    if let Permission::Directory(right) = request.permission {
        return evaluate_directory(request.principal, *right, snapshot);
    }
    let found = snapshot.question(request.principal, request.permission).search(request.scope, request.attributes);
    if let Some(assignment) = found.grant {
        return Verdict::Allowed(grant(assignment, request.principal, snapshot));
    }
    let condition_false = found.miss.map(|(assignment, truth)| condition_miss(assignment, truth, snapshot));
    Verdict::NotAllowed(misses(request, condition_false, snapshot))
}

/// Could it be allowed if every condition were true? The cheap decision before a body is read.
pub fn could_allow(principal: Uuid, permission: &Permission, scope: &Scope, snapshot: &Snapshot) -> bool {
    match permission {
        Permission::Directory(right) => evaluate_directory(principal, *right, snapshot).is_allowed(),
        _ => snapshot.question(principal, permission).could_be_granted(scope),
    }
}

/// Directory roles, and what every user of a tenant may do.
fn evaluate_directory(principal: Uuid, right: DirectoryRight, snapshot: &Snapshot) -> Verdict {
    let person = snapshot.person(principal).filter(|person| person.kind.is_some());
    let roles = person.map(|person| person.directory_roles.as_slice()).unwrap_or_default();
    if let Some(role) = roles.iter().find(|role| role.gives(right)) {
        return Verdict::Allowed(Grant::DirectoryRole(*role));
    }
    let kind = person.and_then(|person| person.kind);
    if kind == Some(PrincipalType::User) && right == DirectoryRight::Read {
        return Verdict::Allowed(Grant::Member);
    }
    Verdict::NotAllowed(Misses { principal: kind, ..Misses::default() })
}

fn grant(assignment: &RoleAssignment, caller: Uuid, snapshot: &Snapshot) -> Grant {
    Grant::Assignment {
        assignment: assignment.id.clone(),
        scope: assignment.scope.clone(),
        role: assignment.role,
        role_name: snapshot.role_name(assignment.role),
        principal: assignment.principal,
        via_group: assignment.principal != caller,
    }
}

fn condition_miss(assignment: &RoleAssignment, truth: Truth, snapshot: &Snapshot) -> ConditionMiss {
    ConditionMiss {
        assignment: assignment.id.clone(),
        scope: assignment.scope.clone(),
        role: assignment.role,
        role_name: snapshot.role_name(assignment.role),
        undecided: truth == Truth::Unknown,
    }
}

/// What came near: the same permission elsewhere, other roles here.
fn misses(request: &AccessRequest<'_>, condition_false: Option<ConditionMiss>, snapshot: &Snapshot) -> Misses {
    let chain = snapshot.chain(request.scope);
    let question = snapshot.question(request.principal, request.permission);
    let other_plane = on_other_plane(request.permission);
    let other_question = snapshot.question(request.principal, &other_plane);
    let mut misses = Misses {
        condition_false,
        principal: snapshot.person(request.principal).and_then(|person| person.kind),
        groups: snapshot.groups_of(request.principal).len(),
        scopes: chain.len(),
        ..Misses::default()
    };
    for assignment in snapshot.assignments_of(request.principal).take(MOST_LOOKED_AT) {
        let (scope, role) = (assignment.scope.clone(), assignment.role);
        match (chain.contains(&scope), question.is_given_by(assignment)) {
            (true, false) if !misses.held.iter().any(|held| held.scope == scope && held.role == role) => {
                misses.other_plane |= other_question.is_given_by(assignment);
                misses.held.push(HeldRole { scope, role, role_name: snapshot.role_name(role) });
            }
            (false, true) => {
                misses.elsewhere.push(GrantedElsewhere { scope, role, role_name: snapshot.role_name(role) });
            }
            _ => {}
        }
    }
    misses.elsewhere.sort_by_key(|grant| (Reverse(shared_levels(&chain, &grant.scope)), grant.scope.clone()));
    misses.held.sort_by(|a, b| (Reverse(&a.scope), &a.role_name).cmp(&(Reverse(&b.scope), &b.role_name)));
    misses.elsewhere.truncate(MOST_NAMED);
    misses.held.truncate(MOST_NAMED);
    misses
}

fn on_other_plane(permission: &Permission) -> Permission {
    match permission {
        Permission::Action(text) => Permission::DataAction(text.clone()),
        Permission::DataAction(text) => Permission::Action(text.clone()),
        Permission::Directory(right) => Permission::Directory(*right),
    }
}

/// How near a scope is to the target: the number of places above both.
fn shared_levels(chain: &[Scope], scope: &Scope) -> usize {
    chain.iter().filter(|above| above.contains(scope)).count()
}
