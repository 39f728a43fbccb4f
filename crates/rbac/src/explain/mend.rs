//! The smallest role assignment that would allow a request.

use arm::{Scope, ScopeLevel};
use serde::Serialize;
use uuid::Uuid;

use super::az;
use super::explanation::{Decision, Explanation};
use crate::advice::{RoleRef, roles_that_would_grant_at};
use crate::evaluate::AccessRequest;
use crate::principal::PrincipalType;
use crate::role_definition::RoleDefinition;
use crate::snapshot::Snapshot;

/// A role assignment to make.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mend {
    /// Of the roles that grant it without a condition, the one with the fewest operations.
    pub role: RoleRef,
    /// The narrowest scope that serves.
    pub scope: Scope,
    /// To whom.
    pub principal: Uuid,
    /// What kind of principal that is.
    pub principal_type: PrincipalType,
    /// The command that makes it.
    pub az: String,
}

/// None where it is allowed, where a deny assignment stands in the way, where the principal is not in the directory, and
/// where no role grants it.
pub(super) fn smallest_mend(
    explanation: &Explanation,
    request: &AccessRequest<'_>,
    snapshot: &Snapshot,
) -> Option<Mend> {
    if matches!(explanation.decision, Decision::Allowed | Decision::Denied) {
        return None;
    }
    let principal_type = explanation.asked.principal_type?;
    let scope = assignable_scope(request.scope);
    let role = smallest_role(request, &scope, snapshot)?;
    Some(Mend {
        role: RoleRef { id: role.id, name: role.name.clone() },
        az: az::create_assignment(role, &scope, request.principal, principal_type),
        scope,
        principal: request.principal,
        principal_type,
    })
}

/// The role with the fewest operations that may be assigned there and is not: Azure refuses the same principal, role and
/// scope a second time, with another condition too.
pub(super) fn smallest_role<'a>(
    request: &AccessRequest<'_>,
    scope: &Scope,
    snapshot: &'a Snapshot,
) -> Option<&'a RoleDefinition> {
    let held: Vec<Uuid> = snapshot
        .assignments_of(request.principal)
        .filter(|assignment| assignment.principal == request.principal && assignment.scope == *scope)
        .map(|assignment| assignment.role)
        .collect();
    let candidates = roles_that_would_grant_at(request.permission, Some(scope), snapshot);
    let mut free = candidates.into_iter().filter(|role| !held.contains(&role.id));
    free.find_map(|role| snapshot.role(role.id).filter(|role| may_be_assigned(role, scope, snapshot)))
}

/// A custom role with data actions cannot be assigned at a management group, nor any outside its assignable scopes.
fn may_be_assigned(role: &RoleDefinition, scope: &Scope, snapshot: &Snapshot) -> bool {
    let has_data = role.permissions.iter().any(|object| !object.data_actions.is_empty());
    let too_high = matches!(scope.level(), ScopeLevel::Root | ScopeLevel::ManagementGroup);
    if !role.built_in && has_data && too_high {
        return false;
    }
    let assignable = role.assignable_scopes.iter().filter_map(|text| Scope::parse(text).ok());
    let mut assignable = assignable;
    assignable.any(|assignable| snapshot.reaches(&assignable, scope))
}

/// The nearest place that roles are assigned at: what an access row is attached to rather than the row, and the
/// subscription rather than a location of a provider in it.
pub(super) fn assignable_scope(target: &Scope) -> Scope {
    let is_row = |scope: &Scope| {
        let kind = scope.resource_type().map(|kind| kind.to_string().to_ascii_lowercase()).unwrap_or_default();
        kind.starts_with("microsoft.authorization/") || kind.split('/').nth(1) == Some("locations")
    };
    target.ancestors().find(|scope| !is_row(scope)).unwrap_or_else(|| target.clone())
}
