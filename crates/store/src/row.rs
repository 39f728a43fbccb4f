//! What a write changes, and who owns each row.

use arm::{Precondition, Resource, ResourceType, Scope};
use rbac::{DirectoryRole, Owner, RowKind};
use uuid::Uuid;

use crate::credential::{CredentialKind, CredentialOwner, NewCredential};
use crate::directory::DirectoryObject;
use crate::sign_in::{NewSignIn, Renewal};
use crate::world::{TenantInfo, World};

/// One change. The rows of one write are applied in order, all or none.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a write has few rows, and each is moved once")]
pub enum Row {
    /// Makes or replaces a resource. Its parent must exist. The store sets the etag and keeps who created it and when.
    PutResource {
        /// The whole resource.
        resource: Resource,
        /// What must hold of the stored row.
        precondition: Precondition,
    },
    /// Removes a resource and everything below it: child resources, assignments at or below, keys, secrets of connections, and the identities it
    /// manages. Assignments of those identities elsewhere stay, orphaned.
    DeleteResource {
        /// The resource.
        id: Scope,
        /// What must hold of the stored row.
        precondition: Precondition,
    },
    /// Makes or replaces a user, group, application or service principal.
    PutObject(DirectoryObject),
    /// Removes a directory object with its credentials, sign-ins, memberships and directory roles; its assignments stay, orphaned.
    DeleteObject(Uuid),
    /// Makes `member` a direct member of `group`; nothing happens when it is one.
    AddMember {
        /// The group's object id.
        group: Uuid,
        /// The member's object id.
        member: Uuid,
    },
    /// Ends a direct membership.
    RemoveMember {
        /// The group's object id.
        group: Uuid,
        /// The member's object id.
        member: Uuid,
    },
    /// Makes a credential. The key of an account's slot, or the secret of a connection's member, replaces the one that was
    /// there; a user's new password ends their sign-ins.
    PutCredential(NewCredential),
    /// Removes a credential.
    DeleteCredential {
        /// Whose credential it is.
        owner: CredentialOwner,
        /// The credential's id.
        id: Uuid,
    },
    /// Gives a directory role to a principal; nothing happens when it has it.
    GrantDirectoryRole(Uuid, DirectoryRole),
    /// Keeps that a person signed in.
    PutSignIn(NewSignIn),
    /// Replaces the refresh token of a sign-in.
    RenewSignIn(Renewal),
    /// Ends a sign-in.
    EndSignIn {
        /// Who signed in, by object id.
        user: Uuid,
        /// The sign-in.
        id: Uuid,
    },
    /// Names the tenant.
    SetTenant(TenantInfo),
}

impl Row {
    /// The owners and kinds that a permit has to cover for this row.
    pub(crate) fn needs(&self, world: &World) -> Vec<(Owner, RowKind)> {
        match self {
            Row::PutResource { resource, .. } => vec![(Owner::Scope(owner_of(resource)), resource_kind(&resource.id))],
            Row::DeleteResource { id, .. } => vec![(Owner::Scope(id.clone()), resource_kind(id))],
            Row::PutObject(object) => {
                // Both the owner it has and the one it would have: no permit may take an identity over.
                let mut needs = vec![(managed_or_directory(object.managed_by.as_ref()), RowKind::Principal)];
                needs.extend(object_owner(object.id, world).map(|owner| (owner, RowKind::Principal)));
                needs
            }
            Row::DeleteObject(id) => {
                vec![(object_owner(*id, world).unwrap_or(Owner::Directory), RowKind::Principal)]
            }
            Row::AddMember { .. } | Row::RemoveMember { .. } => {
                vec![(Owner::Directory, RowKind::Membership)]
            }
            Row::PutCredential(new) => vec![credential_need(&new.owner, &new.kind, world)],
            Row::DeleteCredential { owner, id } => {
                // What is not there is refused later; until then it needs what most credentials need.
                let kind = world.credentials.get(owner, *id).map_or(&CredentialKind::Password, |info| &info.kind);
                vec![credential_need(owner, kind, world)]
            }
            Row::GrantDirectoryRole(..) => vec![(Owner::Directory, RowKind::DirectoryRole)],
            Row::PutSignIn(_) | Row::RenewSignIn(_) | Row::EndSignIn { .. } => {
                vec![(Owner::Directory, RowKind::SignIn)]
            }
            // What the server owns is covered by its own tasks alone: no request names the tenant.
            Row::SetTenant(_) => vec![(Owner::Server, RowKind::DirectoryRole)],
        }
    }
}

/// The need that a credential's owner stands for.
pub(crate) fn credential_need(owner: &CredentialOwner, kind: &CredentialKind, world: &World) -> (Owner, RowKind) {
    let kind = if *kind == CredentialKind::SigningKey { RowKind::SigningKey } else { RowKind::Credential };
    let owner = match owner {
        CredentialOwner::Object(id) => object_owner(*id, world).unwrap_or(Owner::Directory),
        CredentialOwner::Account(scope) | CredentialOwner::Connection(scope) => Owner::Scope(scope.clone()),
        CredentialOwner::Server => Owner::Server,
    };
    (owner, kind)
}

fn object_owner(id: Uuid, world: &World) -> Option<Owner> {
    world.directory.object(id).map(|object| managed_or_directory(object.managed_by.as_ref()))
}

fn managed_or_directory(managed_by: Option<&Scope>) -> Owner {
    managed_by.map_or(Owner::Directory, |scope| Owner::Scope(scope.clone()))
}

/// Whose row a resource is: its own, but the record of an operation is of what the operation was done to, in the same
/// subscription. So whoever may do it may record it.
fn owner_of(resource: &Resource) -> Scope {
    let target = || resource.properties.get(OPERATION_TARGET)?.as_str().and_then(|text| Scope::parse(text).ok());
    let same = |target: &Scope| {
        let named = |id: &Scope| id.subscription_id().map(str::to_ascii_lowercase);
        named(target).is_some() && named(target) == named(&resource.id)
    };
    let is_record = resource.resource_type.eq_ignore_ascii_case(OPERATION_RESULTS);
    is_record.then(target).flatten().filter(same).unwrap_or_else(|| resource.id.clone())
}

/// Role assignments and role definitions are resources with a kind of their own, so that a permit for one is none for the other.
fn resource_kind(id: &Scope) -> RowKind {
    match id.resource_type().as_ref().map(ResourceType::key) {
        Some(ROLE_ASSIGNMENTS | DENY_ASSIGNMENTS) => RowKind::Assignment,
        Some(ROLE_DEFINITIONS) => RowKind::RoleDefinition,
        _ => RowKind::Resource,
    }
}

/// The type of role assignments, in lower case.
pub(crate) const ROLE_ASSIGNMENTS: &str = "microsoft.authorization/roleassignments";
/// The type of deny assignments, in lower case.
pub(crate) const DENY_ASSIGNMENTS: &str = "microsoft.authorization/denyassignments";
/// The type of custom role definitions, in lower case.
pub(crate) const ROLE_DEFINITIONS: &str = "microsoft.authorization/roledefinitions";
/// The type of the records of long-running operations; a record is dropped when it is a day old.
pub const OPERATION_RESULTS: &str = "Microsoft.Resources/subscriptions/operationresults";
/// The property of such a record that names what the operation was done to.
pub const OPERATION_TARGET: &str = "resourceId";
/// The type of accounts, in lower case.
pub(crate) const ACCOUNTS: &str = "microsoft.cognitiveservices/accounts";
/// The type of projects, in lower case.
pub(crate) const PROJECTS: &str = "microsoft.cognitiveservices/accounts/projects";
/// The type of the agents of a project, in lower case. They are objects of the project, no resources; their ids name their identities.
pub(crate) const AGENTS: &str = "microsoft.cognitiveservices/accounts/projects/agents";
/// The type of management groups, in lower case.
pub(crate) const MANAGEMENT_GROUPS: &str = "microsoft.management/managementgroups";
/// The type of a subscription's membership in a management group, in lower case.
pub(crate) const MANAGEMENT_GROUP_SUBSCRIPTIONS: &str = "microsoft.management/managementgroups/subscriptions";
