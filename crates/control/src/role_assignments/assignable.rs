//! Can this role be given to this principal at this scope? Asked in the writer's turn, since each may go meanwhile.

use arm::{ArmError, ErrorCode, Scope, ScopeLevel};
use rbac::PrincipalType;
use resources::role_assignments::Wanted;
use store::{ObjectKind, World};
use uuid::Uuid;

use super::assignments_at;
use super::attributes::Given;
use crate::state::tenant_id;

/// The principal exists, and is what the body says that it is; answers its type.
pub(super) fn holder_type(world: &World, wanted: &Wanted) -> Result<PrincipalType, ArmError> {
    let Some(kind) = principal_type_of(world, wanted.principal) else {
        let message =
            format!("Principal {} does not exist in the directory {}.", wanted.principal.simple(), tenant_id(world));
        return Err(ArmError::new(ErrorCode::PrincipalNotFound, message).with_target("properties.principalId"));
    };
    match wanted.principal_type {
        Some(given) if given != kind.as_str() => {
            let message = format!(
                "The principal {} is of type '{kind}', not '{given}'. Leave 'principalType' out or correct it.",
                wanted.principal.simple()
            );
            Err(ArmError::new(ErrorCode::UnmatchedPrincipalType, message).with_target("properties.principalType"))
        }
        _ => Ok(kind),
    }
}

/// What kind of principal has this object id; applications are not principals.
pub(super) fn principal_type_of(world: &World, principal: Uuid) -> Option<PrincipalType> {
    match world.directory.object(principal)?.kind {
        ObjectKind::User => Some(PrincipalType::User),
        ObjectKind::Group => Some(PrincipalType::Group),
        ObjectKind::ServicePrincipal => Some(PrincipalType::ServicePrincipal),
        ObjectKind::Application => None,
    }
}

/// The role exists and may be assigned there.
pub(super) fn role_can_be_assigned(world: &World, scope: &Scope, role: Uuid) -> Result<(), ArmError> {
    let refused = |code, message: String| Err(ArmError::new(code, message).with_target("properties.roleDefinitionId"));
    let Some(definition) = world.access.role(role) else {
        let message = format!("The specified role definition with ID '{}' does not exist.", role.simple());
        return refused(ErrorCode::RoleDefinitionDoesNotExist, message);
    };
    let chain = world.access.chain(scope);
    let fits = |assignable: &String| Scope::parse(assignable).is_ok_and(|place| chain.contains(&place));
    if !definition.assignable_scopes.iter().any(fits) {
        let message = format!(
            "The role '{}' cannot be assigned at '{scope}': it is not among its assignable scopes.",
            definition.name
        );
        return refused(ErrorCode::RoleDefinitionDoesNotExist, message);
    }
    let has_data_actions = definition.permissions.iter().any(|permission| !permission.data_actions.is_empty());
    if !definition.built_in && has_data_actions && scope.level() == ScopeLevel::ManagementGroup {
        let message = format!(
            "The custom role '{}' has data actions, so it cannot be assigned at the management group '{scope}'. Assign it at a subscription or below.",
            definition.name
        );
        return refused(ErrorCode::InvalidRequestContent, message);
    }
    Ok(())
}

/// Does the principal hold the role at exactly this scope, whatever the condition?
pub(super) fn is_assigned(world: &World, scope: &Scope, wanted: &Wanted) -> bool {
    assignments_at(world, scope).any(|found| {
        let given = Given::of(found);
        given.principal == Some(wanted.principal) && given.role == Some(wanted.role)
    })
}
