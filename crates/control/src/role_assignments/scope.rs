//! The scope of a role assignment: a place that exists.

use arm::{ArmError, Scope};
use store::World;

use crate::failure::not_found;

/// The scope as it is stored. `/` is always there; everything else must be a row.
pub(crate) fn known_scope(world: &World, scope: &Scope) -> Result<Scope, ArmError> {
    if scope.is_root() {
        return Ok(Scope::root());
    }
    match world.resources.get(scope) {
        Some(place) => Ok(place.id.clone()),
        None => Err(not_found(world, scope)),
    }
}
