//! The decision: from who, what and where to allowed or not, with the reason.

use arm::Scope;
use uuid::Uuid;

use crate::attributes::Attributes;
use crate::condition::Truth;
use crate::misses::{ConditionMiss, GrantedElsewhere, HeldRole, Misses};
use crate::permission::{DirectoryRight, Permission};
use crate::principal::PrincipalType;
use crate::snapshot::{Assigned, Outcome, Question, Snapshot};
use crate::verdict::{DenyAssignmentRef, Grant, Verdict};

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
    let question = snapshot.look_up(request.principal, request.permission, request.scope);
    match question.named_outcome(request.attributes) {
        Outcome::Allowed(by) => Verdict::Allowed(grant(by, request.principal, snapshot)),
        Outcome::Denied { deny, undecided } => Verdict::Denied(DenyAssignmentRef {
            id: deny.id.clone(),
            scope: deny.scope.clone(),
            name: deny.name.clone(),
            undecided,
        }),
        Outcome::NotAllowed { by_condition } => {
            let condition_false = by_condition.map(|(assigned, truth)| condition_miss(assigned, truth, snapshot));
            Verdict::NotAllowed(misses(request, &question, condition_false, snapshot))
        }
    }
}

/// Could it be allowed if every condition were true? The cheap decision before a body is read.
pub fn could_allow(principal: Uuid, permission: &Permission, scope: &Scope, snapshot: &Snapshot) -> bool {
    match permission {
        Permission::Directory(right) => evaluate_directory(principal, *right, snapshot).is_allowed(),
        _ => snapshot.look_up(principal, permission, scope).could_be_allowed(),
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

fn grant(by: Assigned<'_>, caller: Uuid, snapshot: &Snapshot) -> Grant {
    Grant::Assignment {
        assignment: by.id(),
        scope: by.scope().into_owned(),
        role: by.role(),
        role_name: snapshot.role_name(by.role()),
        principal: by.principal(),
        via_group: by.principal() != caller,
    }
}

fn condition_miss(assigned: Assigned<'_>, truth: Truth, snapshot: &Snapshot) -> ConditionMiss {
    ConditionMiss {
        assignment: assigned.id(),
        scope: assigned.scope().into_owned(),
        role: assigned.role(),
        role_name: snapshot.role_name(assigned.role()).to_string(),
        undecided: truth == Truth::Unknown,
    }
}

/// What came near: the same permission elsewhere, other roles here.
fn misses(
    request: &AccessRequest<'_>,
    question: &Question<'_>,
    condition_false: Option<ConditionMiss>,
    snapshot: &Snapshot,
) -> Misses {
    let near = question.near();
    let named = |assigned: &Assigned<'_>| {
        (assigned.scope().into_owned(), assigned.role(), snapshot.role_name(assigned.role()).to_string())
    };
    let (elsewhere, held) = (near.elsewhere.iter().map(named), near.held.iter().map(named));
    Misses {
        condition_false,
        elsewhere: elsewhere.map(|(scope, role, role_name)| GrantedElsewhere { scope, role, role_name }).collect(),
        other_plane: near.other_plane,
        held: held.map(|(scope, role, role_name)| HeldRole { scope, role, role_name }).collect(),
        principal: snapshot.kind_of(request.principal),
        groups: near.groups,
        scopes: snapshot.chain(request.scope).len(),
        is_cut: near.is_cut,
    }
}
