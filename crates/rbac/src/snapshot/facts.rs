//! What a snapshot is compiled from, and what may change in it.

use arm::Scope;
use uuid::Uuid;

use crate::deny_assignment::DenyAssignment;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::RoleDefinition;

/// Everything that decisions are made from.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Custom roles; the built-in ones are always there.
    pub roles: Vec<RoleDefinition>,
    /// Role assignments. One whose principal is not in `principals` grants nobody.
    pub assignments: Vec<RoleAssignment>,
    /// Deny assignments.
    pub denies: Vec<DenyAssignment>,
    /// Who is in the directory.
    pub principals: Vec<(Uuid, PrincipalType)>,
    /// Group and direct member.
    pub members: Vec<(Uuid, Uuid)>,
    /// Who holds which directory role.
    pub directory_roles: Vec<(Uuid, DirectoryRole)>,
    /// A subscription or management group, and the management group above it.
    pub parents: Vec<(Scope, Scope)>,
}

/// One change.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Adds an assignment, or replaces the one with the same id.
    PutAssignment(RoleAssignment),
    /// Removes the assignment with this id.
    RemoveAssignment(Scope),
    /// Adds a deny assignment, or replaces the one with the same id.
    PutDenyAssignment(DenyAssignment),
    /// Removes the deny assignment with this id.
    RemoveDenyAssignment(Scope),
    /// Adds or replaces a custom role. Built-in roles cannot be replaced.
    PutRole(RoleDefinition),
    /// Removes a custom role.
    RemoveRole(Uuid),
    /// Adds a principal to the directory.
    PutPrincipal(Uuid, PrincipalType),
    /// Removes a principal, its memberships, members and directory roles; its assignments stay and grant nobody.
    RemovePrincipal(Uuid),
    /// Puts a member into a group.
    AddMember {
        /// The group.
        group: Uuid,
        /// The member, which may be a group.
        member: Uuid,
    },
    /// Takes a member out of a group.
    RemoveMember {
        /// The group.
        group: Uuid,
        /// The member.
        member: Uuid,
    },
    /// Gives a directory role.
    GrantDirectoryRole(Uuid, DirectoryRole),
    /// Takes a directory role.
    RevokeDirectoryRole(Uuid, DirectoryRole),
    /// Puts a subscription or management group under a management group. Other scopes have their parent in their text.
    SetParent {
        /// The subscription or management group.
        scope: Scope,
        /// The management group.
        parent: Scope,
    },
    /// Puts a subscription or management group directly under `/`.
    RemoveParent(Scope),
}
