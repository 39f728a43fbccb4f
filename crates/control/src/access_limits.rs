//! How many role assignments and roles there may be. Azure's numbers, unless the operator says others.

use arm::{ArmError, ErrorCode, Scope, ScopeLevel};
use resources::role_assignments::TYPE;
use store::World;

use crate::role_assignments::assignments_at;

/// The limits of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessLimits {
    /// Role assignments of a subscription, its groups and resources included.
    pub role_assignments_per_subscription: usize,
    /// Role assignments at a management group, what is below it not included.
    pub role_assignments_per_management_group: usize,
    /// Custom roles of the tenant.
    pub custom_roles: usize,
}

/// Azure's.
impl Default for AccessLimits {
    fn default() -> AccessLimits {
        AccessLimits {
            role_assignments_per_subscription: 4000,
            role_assignments_per_management_group: 500,
            custom_roles: 5000,
        }
    }
}

impl AccessLimits {
    /// Is there room for one more assignment at `scope`? Asked in the writer's turn. At `/` there is no limit.
    pub(crate) fn room_for_assignment(&self, world: &World, scope: &Scope) -> Result<(), ArmError> {
        let (limit, count, holder) = match (scope.level(), scope.subscription_id().map(Scope::subscription)) {
            (_, Some(subscription)) => {
                let limit = self.role_assignments_per_subscription;
                (limit, world.resources.children_of_type(&subscription, TYPE).take(limit).count(), "subscription")
            }
            (ScopeLevel::ManagementGroup, None) => {
                let limit = self.role_assignments_per_management_group;
                (limit, assignments_at(world, scope).take(limit).count(), "management group")
            }
            _ => return Ok(()),
        };
        if count < limit {
            return Ok(());
        }
        let message = format!(
            "No more role assignments can be created: the {holder} of '{scope}' has {limit}, which is the limit. Assign roles to groups, or remove assignments that are not needed."
        );
        Err(ArmError::new(ErrorCode::RoleAssignmentLimitExceeded, message))
    }

    /// Is there room for one more custom role? Asked in the writer's turn.
    pub(crate) fn room_for_role(&self, world: &World) -> Result<(), ArmError> {
        let count = world.access.roles().filter(|role| !role.built_in).count();
        if count < self.custom_roles {
            return Ok(());
        }
        let message = format!(
            "Role definition limit exceeded. No more role definitions can be created: the directory has {count} custom roles, and the limit is {}.",
            self.custom_roles
        );
        Err(ArmError::new(ErrorCode::RoleDefinitionLimitExceeded, message))
    }
}
