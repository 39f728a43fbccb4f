//! A subscription keeps an owner: the last Owner assignment at its own scope goes by a Global Administrator's hand alone.

use access::Linked;
use arm::{ArmError, ErrorCode, Resource, Scope, ScopeLevel};
use rbac::{DirectoryRight, Permission};
use resources::role_assignments::scope_of;
use store::World;
use uuid::Uuid;

use super::assignments_at;
use super::attributes::Given;

/// The built-in role Owner.
const OWNER: Uuid = Uuid::from_u128(0x8e3a_f657_a8ff_443c_a75c_2fe8_c4bc_b635);
/// Of the directory roles only Global Administrator gives it.
const GLOBAL_ADMINISTRATORS: Permission = Permission::Directory(DirectoryRight::ManageRoles);

/// Is it an Owner assignment at a subscription's own scope, of somebody who exists, and the only such one? An assignment
/// whose principal is gone grants nobody, so it is no owner: it neither counts nor is it kept.
pub(super) fn is_last(world: &World, assignment: &Resource) -> bool {
    let scope = scope_of(assignment);
    let is_owner = |found: &Resource| {
        let given = Given::of(found);
        let exists = given.principal.is_some_and(|principal| world.directory.object(principal).is_some());
        given.role == Some(OWNER) && exists
    };
    scope.level() == ScopeLevel::Subscription
        && is_owner(assignment)
        && !assignments_at(world, &scope).any(|other| other.id != assignment.id && is_owner(other))
}

/// What the removal of this assignment needs besides the right to remove assignments.
pub(super) fn linked(world: &World, assignment: &Resource) -> Option<Linked> {
    let refusal = || {
        let message = format!(
            "Cannot delete the last RBAC admin assignment: '{}' is the only Owner assignment at the scope of the subscription. Assign Owner there to somebody else first, or let a Global Administrator remove it.",
            assignment.id
        );
        ArmError::new(ErrorCode::CannotDeleteLastOwnerAssignment, message)
    };
    is_last(world, assignment).then(|| Linked::at(GLOBAL_ADMINISTRATORS, Scope::root()).or_refuse(refusal()))
}
