//! Management groups: the tree above subscriptions. What is assigned at a group holds below it on the next request, and
//! ends there when a subscription or a group is moved away.

mod delete;
mod descendants;
mod get;
mod list;
mod members;
mod moving;
mod subscriptions;
mod write;

use access::Routes;
use arm::{ArmError, ErrorCode, Scope};
use resources::management_groups::Hierarchy;
use store::{TenantInfo, World};

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(write::PutGroup, write::put)
        .on(write::PatchGroup, write::patch)
        .on(get::GetGroup, get::get)
        .on(delete::DeleteGroup, delete::delete)
        .on(list::ListGroups, list::list)
        .on(descendants::ListDescendants, descendants::list)
        .on(subscriptions::PutSubscription, subscriptions::put)
        .on(subscriptions::DeleteSubscription, subscriptions::delete)
        .on(members::GetMember, members::get)
        .on(members::ListMembers, members::list)
}

/// The tree as a snapshot has it.
fn tree(world: &World) -> Hierarchy<'_> {
    let root = world.tenant.as_ref().map_or_else(Scope::root, TenantInfo::root_group);
    // What stands in front of the names of all groups.
    let shelf = Scope::root().child("providers/Microsoft.Management", "managementGroups");
    Hierarchy::of(world.resources.below(&shelf).map(AsRef::as_ref), root)
}

fn group_not_found(id: &Scope) -> ArmError {
    let message = format!("The management group '{}' could not be found.", id.name());
    ArmError::new(ErrorCode::ResourceNotFound, message)
}
