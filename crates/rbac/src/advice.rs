//! Which role would have been enough.

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use crate::permission::Permission;
use crate::role_definition::RoleDefinition;
use crate::snapshot::Snapshot;

/// A role, as a refusal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleRef {
    /// The role's GUID.
    pub id: Uuid,
    /// Its name today.
    pub name: String,
}

/// How the names of roles end that Azure has not settled yet.
const PREVIEW: &str = "(Preview)";

/// The roles that grant the permission without a condition, fewest operations first. Empty for directory rights, which
/// no Azure role gives.
pub fn roles_that_would_grant(permission: &Permission, snapshot: &Snapshot) -> Vec<RoleRef> {
    roles_that_would_grant_at(permission, None, snapshot)
}

/// As `roles_that_would_grant`, only those that may be assigned at the scope.
pub fn roles_that_would_grant_at(permission: &Permission, scope: Option<&Scope>, snapshot: &Snapshot) -> Vec<RoleRef> {
    let mut roles = snapshot.roles_granting(permission);
    roles.retain(|(_, role)| scope.is_none_or(|scope| may_be_assigned_at(&role.assignable_scopes, scope)));
    // A preview may be gone tomorrow: it is named last.
    let rank = |breadth: usize, role: &RoleDefinition| (role.name.ends_with(PREVIEW), breadth, role.name.clone());
    roles.sort_by_cached_key(|(breadth, role)| rank(*breadth, role));
    roles.into_iter().map(|(_, role)| RoleRef { id: role.id, name: role.name.clone() }).collect()
}

fn may_be_assigned_at(assignable_scopes: &[String], scope: &Scope) -> bool {
    assignable_scopes.iter().filter_map(|text| Scope::parse(text).ok()).any(|assignable| {
        // A management group is not in the text of a subscription's id; the assignment itself is checked where it is made.
        assignable.level() == arm::ScopeLevel::ManagementGroup || assignable.contains(scope)
    })
}
