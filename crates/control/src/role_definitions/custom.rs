//! What PUT and DELETE of a custom role have in common: which role the URL names, and what the caller needs for it where.

use std::sync::Arc;

use access::Linked;
use arm::{ArmError, ErrorCode, Resource, Scope};
use rbac::Permission;
use resources::role_definitions::stored_id;
use store::World;
use uuid::Uuid;

use crate::authorship::guid_name;

/// What a change or a removal needs at each assignable scope. Source: the custom roles page, which names the same action for
/// both.
const WRITE: &str = "Microsoft.Authorization/roleDefinitions/write";

/// The role that the URL names: the same one at whatever scope.
pub(super) fn named(target: &Scope) -> Result<Uuid, ArmError> {
    guid_name(target, ErrorCode::InvalidRoleDefinitionId, "role definition")
}

/// The stored custom role that the URL names, if there is one.
pub(super) fn stored<'a>(world: &'a World, target: &Scope) -> Option<&'a Arc<Resource>> {
    world.resources.get(&stored_id(named(target).ok()?))
}

/// Built-in roles are part of the program.
pub(super) fn is_not_built_in(world: &World, role: Uuid) -> Result<(), ArmError> {
    match world.access.role(role) {
        Some(known) if known.built_in => {
            let message = format!(
                "The role '{}' is built in and cannot be changed or deleted. Create a custom role from it instead.",
                known.name
            );
            Err(ArmError::new(ErrorCode::RoleDefinitionIsBuiltIn, message))
        }
        _ => Ok(()),
    }
}

/// Where a stored custom role may be assigned.
pub(super) fn assignable_scopes(world: &World, target: &Scope) -> Vec<Scope> {
    let role = stored(world, target).and_then(|stored| Uuid::try_parse(stored.id.name()).ok());
    let scopes = role.and_then(|role| world.access.role(role)).map(|role| role.assignable_scopes.as_slice());
    scopes.unwrap_or_default().iter().filter_map(|text| Scope::parse(text).ok()).collect()
}

/// The right to write roles at each of these.
pub(super) fn writes_at(mut scopes: Vec<Scope>) -> Vec<Linked> {
    scopes.sort();
    scopes.dedup();
    scopes.into_iter().map(|scope| Linked::at(Permission::Action(WRITE.into()), scope)).collect()
}
