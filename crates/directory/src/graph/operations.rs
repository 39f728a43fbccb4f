//! The operations of Graph, one line each: name, verb, path, the right it needs, the rows it may write, and
//! what asks for a further right.

use access::{Input, Json, Linked, Needs, NoBody, Operation, Plane, Route, Verb};
use rbac::{DirectoryRight, Reads, RowKind, Writes};

use super::security_attributes::{to_assign, to_read};

macro_rules! operations {
    ($($name:ident: $verb:ident $path:literal $needs:expr, $mode:ident, $body:ty, [$($row:ident),*]
        $(, $more:path)?;)*) => {$(
        #[doc = concat!("`", stringify!($verb), " ", $path, "`")]
        pub(crate) struct $name;

        impl Operation for $name {
            const ROUTE: Route = Route::path(Verb::$verb, $path, Plane::Graph);
            const NEEDS: Needs = $needs;
            const ROWS: &'static [RowKind] = &[$(RowKind::$row),*];
            type Mode = $mode;
            type Body = $body;
            $(
                fn linked(input: &Input<'_, $body>) -> Vec<Linked> {
                    $more(input)
                }
            )?
        }
    )*};
}

const READ: Needs = Needs::Directory(DirectoryRight::Read);
const USERS: Needs = Needs::Directory(DirectoryRight::ManageUsers);
const GROUPS: Needs = Needs::Directory(DirectoryRight::ManageGroups);
const APPLICATIONS: Needs = Needs::Directory(DirectoryRight::ManageApplications);

operations! {
    Me: Get "/v1.0/me" Needs::AnyToken, Reads, NoBody, [];
    Organization: Get "/v1.0/organization" READ, Reads, NoBody, [];
    GetByIds: Post "/v1.0/directoryObjects/getByIds" READ, Reads, Json, [];
    ShowDirectoryObject: Get "/v1.0/directoryObjects/{id}" READ, Reads, NoBody, [];

    ListUsers: Get "/v1.0/users" READ, Reads, NoBody, [], to_read;
    ShowUser: Get "/v1.0/users/{id}" READ, Reads, NoBody, [], to_read;
    CreateUser: Post "/v1.0/users" USERS, Writes, Json, [Principal, Credential];
    UpdateUser: Patch "/v1.0/users/{id}" USERS, Writes, Json, [Principal, Credential], to_assign;
    DeleteUser: Delete "/v1.0/users/{id}" USERS, Writes, NoBody, [Principal];

    ListGroups: Get "/v1.0/groups" READ, Reads, NoBody, [];
    ShowGroup: Get "/v1.0/groups/{id}" READ, Reads, NoBody, [];
    CreateGroup: Post "/v1.0/groups" GROUPS, Writes, Json, [Principal];
    UpdateGroup: Patch "/v1.0/groups/{id}" GROUPS, Writes, Json, [Principal];
    DeleteGroup: Delete "/v1.0/groups/{id}" GROUPS, Writes, NoBody, [Principal];
    ListMembers: Get "/v1.0/groups/{id}/members" READ, Reads, NoBody, [];
    AddMember: Post "/v1.0/groups/{id}/members/$ref" GROUPS, Writes, Json, [Membership];
    RemoveMember: Delete "/v1.0/groups/{id}/members/{member}/$ref" GROUPS, Writes, NoBody, [Membership];

    ListApplications: Get "/v1.0/applications" READ, Reads, NoBody, [];
    ShowApplication: Get "/v1.0/applications/{id}" READ, Reads, NoBody, [];
    CreateApplication: Post "/v1.0/applications" APPLICATIONS, Writes, Json, [Principal];
    UpdateApplication: Patch "/v1.0/applications/{id}" APPLICATIONS, Writes, Json, [Principal];
    DeleteApplication: Delete "/v1.0/applications/{id}" APPLICATIONS, Writes, NoBody, [Principal];
    AddPassword: Post "/v1.0/applications/{id}/addPassword" APPLICATIONS, Writes, Json, [Credential];
    RemovePassword: Post "/v1.0/applications/{id}/removePassword" APPLICATIONS, Writes, Json, [Credential];

    ListServicePrincipals: Get "/v1.0/servicePrincipals" READ, Reads, NoBody, [], to_read;
    ShowServicePrincipal: Get "/v1.0/servicePrincipals/{id}" READ, Reads, NoBody, [], to_read;
    CreateServicePrincipal: Post "/v1.0/servicePrincipals" APPLICATIONS, Writes, Json, [Principal];
    UpdateServicePrincipal: Patch "/v1.0/servicePrincipals/{id}" APPLICATIONS, Writes, Json, [Principal], to_assign;
    DeleteServicePrincipal: Delete "/v1.0/servicePrincipals/{id}" APPLICATIONS, Writes, NoBody, [Principal];
    AddPrincipalPassword: Post "/v1.0/servicePrincipals/{id}/addPassword" APPLICATIONS, Writes, Json, [Credential];
    RemovePrincipalPassword: Post "/v1.0/servicePrincipals/{id}/removePassword" APPLICATIONS, Writes, Json, [Credential];

    UserMemberGroups: Post "/v1.0/users/{id}/getMemberGroups" READ, Reads, Json, [];
    GroupMemberGroups: Post "/v1.0/groups/{id}/getMemberGroups" READ, Reads, Json, [];
    ServicePrincipalMemberGroups: Post "/v1.0/servicePrincipals/{id}/getMemberGroups" READ, Reads, Json, [];
    ObjectMemberGroups: Post "/v1.0/directoryObjects/{id}/getMemberGroups" READ, Reads, Json, [];
    CheckUserGroups: Post "/v1.0/users/{id}/checkMemberGroups" READ, Reads, Json, [];
    CheckGroupGroups: Post "/v1.0/groups/{id}/checkMemberGroups" READ, Reads, Json, [];
    CheckServicePrincipalGroups: Post "/v1.0/servicePrincipals/{id}/checkMemberGroups" READ, Reads, Json, [];
    CheckObjectGroups: Post "/v1.0/directoryObjects/{id}/checkMemberGroups" READ, Reads, Json, [];
}
