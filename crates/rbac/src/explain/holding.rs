//! How a principal comes to a role.

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use super::group_paths::GroupPaths;
use crate::advice::RoleRef;
use crate::role_assignment::RoleAssignment;
use crate::snapshot::Snapshot;

/// How a principal comes to a role: the assignment, its holder, and the groups between.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// The role assignment's id.
    pub assignment: Scope,
    /// Where it was made.
    pub scope: Scope,
    /// Its role.
    pub role: RoleRef,
    /// Its holder: the caller or a group that the caller is in.
    pub principal: Uuid,
    /// The shortest way from the caller to the holder: each group on it, the holder last; empty for the caller itself.
    pub group_path: Vec<Uuid>,
}

impl Holding {
    pub(super) fn of(assignment: &RoleAssignment, groups: &GroupPaths, snapshot: &Snapshot) -> Holding {
        Holding {
            assignment: assignment.id.clone(),
            scope: assignment.scope.clone(),
            role: RoleRef { id: assignment.role, name: snapshot.role_name(assignment.role).to_string() },
            principal: assignment.principal,
            group_path: groups.to(assignment.principal),
        }
    }
}
