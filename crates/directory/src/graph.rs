//! Microsoft Graph's shape of the directory at `/v1.0`: who exists, and who changes it.

mod applications;
mod body;
mod directory_objects;
mod error;
mod filter;
mod groups;
mod lookup;
mod me;
mod members;
mod memberships;
mod operations;
mod organization;
mod page;
mod passwords;
mod reply;
mod schema;
mod security_attributes;
mod service_principals;
mod users;
mod view;

use access::Routes;

use crate::state::Directory;
use operations as op;

/// Mounts every Graph operation on its handler.
pub(crate) fn mount(routes: Routes<Directory>) -> Routes<Directory> {
    let routes = routes
        .on(op::Me, me::show)
        .on(op::Organization, organization::list)
        .on(op::GetByIds, directory_objects::get_by_ids)
        .on(op::ShowDirectoryObject, directory_objects::show)
        .on(op::ListUsers, users::list)
        .on(op::ShowUser, users::show)
        .on(op::CreateUser, users::create)
        .on(op::UpdateUser, users::update)
        .on(op::DeleteUser, users::delete)
        .on(op::ListGroups, groups::list)
        .on(op::ShowGroup, groups::show)
        .on(op::CreateGroup, groups::create)
        .on(op::UpdateGroup, groups::update)
        .on(op::DeleteGroup, groups::delete)
        .on(op::ListMembers, members::list)
        .on(op::AddMember, members::add)
        .on(op::RemoveMember, members::remove);
    let routes = routes
        .on(op::ListApplications, applications::list)
        .on(op::ShowApplication, applications::show)
        .on(op::CreateApplication, applications::create)
        .on(op::UpdateApplication, applications::update)
        .on(op::DeleteApplication, applications::delete)
        .on(op::AddPassword, passwords::add)
        .on(op::RemovePassword, passwords::remove)
        .on(op::ListServicePrincipals, service_principals::list)
        .on(op::ShowServicePrincipal, service_principals::show)
        .on(op::CreateServicePrincipal, service_principals::create)
        .on(op::UpdateServicePrincipal, service_principals::update)
        .on(op::DeleteServicePrincipal, service_principals::delete)
        .on(op::AddPrincipalPassword, passwords::add_to_principal)
        .on(op::RemovePrincipalPassword, passwords::remove_from_principal);
    routes
        .on(op::UserMemberGroups, memberships::of_user)
        .on(op::GroupMemberGroups, memberships::of_group)
        .on(op::ServicePrincipalMemberGroups, memberships::of_service_principal)
        .on(op::ObjectMemberGroups, memberships::of_object)
        .on(op::CheckUserGroups, memberships::check_user)
        .on(op::CheckGroupGroups, memberships::check_group)
        .on(op::CheckServicePrincipalGroups, memberships::check_service_principal)
        .on(op::CheckObjectGroups, memberships::check_object)
}
