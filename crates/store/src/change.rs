//! What a write did, row by row, and what that means for decisions.

use std::sync::Arc;

use arm::{Resource, Scope};
use rbac::{DenyAssignment, DirectoryRole, Edit, Facts, PrincipalType, RoleAssignment, RoleDefinition};
use uuid::Uuid;

use crate::credential::{CredentialOwner, StoredCredential};
use crate::directory::{DirectoryObject, ObjectKind};
use crate::error::StoreError;
use crate::row::{
    DENY_ASSIGNMENTS, MANAGEMENT_GROUP_SUBSCRIPTIONS, MANAGEMENT_GROUPS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS,
};
use crate::sign_in::SignIn;
use crate::world::TenantInfo;

/// One fact that was added or taken away. A row of a write may lead to many; loading a database is a list of additions.
#[derive(Clone)]
pub(crate) enum Change {
    PutResource(Arc<Resource>),
    RemoveResource(Arc<Resource>),
    PutObject(Arc<DirectoryObject>),
    RemoveObject(Arc<DirectoryObject>),
    AddMember { group: Uuid, member: Uuid },
    RemoveMember { group: Uuid, member: Uuid },
    GrantDirectoryRole(Uuid, DirectoryRole),
    RevokeDirectoryRole(Uuid, DirectoryRole),
    PutCredential(Arc<StoredCredential>),
    RemoveCredential { owner: CredentialOwner, id: Uuid },
    PutSignIn(Arc<SignIn>),
    RemoveSignIn { user: Uuid, id: Uuid },
    SetTenant(TenantInfo),
}

/// The edits of the compiled snapshot that a change stands for.
pub(crate) fn access_edits(change: &Change) -> Result<Vec<Edit>, StoreError> {
    Ok(match change {
        Change::PutResource(resource) => put_edits(resource)?,
        Change::RemoveResource(resource) => remove_edits(resource)?,
        Change::PutObject(object) => {
            principal_type(object.kind).map(|kind| Edit::PutPrincipal(object.id, kind)).into_iter().collect()
        }
        Change::RemoveObject(object) => {
            principal_type(object.kind).map(|_| Edit::RemovePrincipal(object.id)).into_iter().collect()
        }
        Change::AddMember { group, member } => vec![Edit::AddMember { group: *group, member: *member }],
        Change::RemoveMember { group, member } => vec![Edit::RemoveMember { group: *group, member: *member }],
        Change::GrantDirectoryRole(principal, role) => {
            vec![Edit::GrantDirectoryRole(*principal, *role)]
        }
        Change::RevokeDirectoryRole(principal, role) => {
            vec![Edit::RevokeDirectoryRole(*principal, *role)]
        }
        Change::PutCredential(_)
        | Change::RemoveCredential { .. }
        | Change::PutSignIn(_)
        | Change::RemoveSignIn { .. }
        | Change::SetTenant(_) => Vec::new(),
    })
}

fn put_edits(resource: &Resource) -> Result<Vec<Edit>, StoreError> {
    Ok(match resource.resource_type.to_ascii_lowercase().as_str() {
        ROLE_ASSIGNMENTS => vec![Edit::PutAssignment(assignment(resource)?)],
        DENY_ASSIGNMENTS => vec![Edit::PutDenyAssignment(deny_assignment(resource)?)],
        ROLE_DEFINITIONS => vec![Edit::PutRole(definition(resource)?)],
        MANAGEMENT_GROUPS => vec![match parent_group(resource)? {
            Some(parent) => Edit::SetParent { scope: resource.id.clone(), parent },
            None => Edit::RemoveParent(resource.id.clone()),
        }],
        MANAGEMENT_GROUP_SUBSCRIPTIONS => {
            member_subscription(resource).map(|(scope, parent)| Edit::SetParent { scope, parent }).into_iter().collect()
        }
        _ => Vec::new(),
    })
}

fn remove_edits(resource: &Resource) -> Result<Vec<Edit>, StoreError> {
    Ok(match resource.resource_type.to_ascii_lowercase().as_str() {
        ROLE_ASSIGNMENTS => vec![Edit::RemoveAssignment(resource.id.clone())],
        DENY_ASSIGNMENTS => vec![Edit::RemoveDenyAssignment(resource.id.clone())],
        ROLE_DEFINITIONS => vec![Edit::RemoveRole(definition(resource)?.id)],
        MANAGEMENT_GROUPS => vec![Edit::RemoveParent(resource.id.clone())],
        MANAGEMENT_GROUP_SUBSCRIPTIONS => {
            member_subscription(resource).map(|(scope, _)| Edit::RemoveParent(scope)).into_iter().collect()
        }
        _ => Vec::new(),
    })
}

/// Do decisions depend on resources of the type (in lower case)?
pub(crate) fn is_access_type(type_key: &str) -> bool {
    let types =
        [ROLE_ASSIGNMENTS, DENY_ASSIGNMENTS, ROLE_DEFINITIONS, MANAGEMENT_GROUPS, MANAGEMENT_GROUP_SUBSCRIPTIONS];
    types.contains(&type_key)
}

/// The assignment that a resource states.
pub(crate) fn assignment(resource: &Resource) -> Result<RoleAssignment, StoreError> {
    RoleAssignment::from_resource(resource).map_err(|reason| StoreError::Invalid { reason: reason.to_string() })
}

/// The deny assignment that a resource states.
pub(crate) fn deny_assignment(resource: &Resource) -> Result<DenyAssignment, StoreError> {
    DenyAssignment::from_resource(resource).map_err(|reason| StoreError::Invalid { reason: reason.to_string() })
}

/// The role definition that a resource states.
pub(crate) fn definition(resource: &Resource) -> Result<RoleDefinition, StoreError> {
    RoleDefinition::from_resource(resource).map_err(|reason| StoreError::Invalid { reason: reason.to_string() })
}

fn parent_group(group: &Resource) -> Result<Option<Scope>, StoreError> {
    let id =
        group.properties.get("details").and_then(|details| details.pointer("/parent/id")).and_then(|id| id.as_str());
    let Some(id) = id else { return Ok(None) };
    let parent = Scope::parse(id)
        .map_err(|reason| StoreError::Invalid { reason: format!("the parent `{id}` is no scope: {reason}") })?;
    Ok(Some(parent))
}

/// The subscription that a membership resource names, and its management group.
fn member_subscription(membership: &Resource) -> Option<(Scope, Scope)> {
    Some((Scope::subscription(membership.id.name()), membership.id.parent()?))
}

/// Applications are no principals: their service principals are.
fn principal_type(kind: ObjectKind) -> Option<PrincipalType> {
    match kind {
        ObjectKind::User => Some(PrincipalType::User),
        ObjectKind::Group => Some(PrincipalType::Group),
        ObjectKind::ServicePrincipal => Some(PrincipalType::ServicePrincipal),
        ObjectKind::Application => None,
    }
}

/// The facts that a list of additions stands for; a loaded database has nothing to take away.
pub(crate) fn facts(edits: Vec<Edit>) -> Facts {
    let mut facts = Facts::default();
    for edit in edits {
        match edit {
            Edit::PutAssignment(assignment) => facts.assignments.push(assignment),
            Edit::PutDenyAssignment(deny) => facts.denies.push(deny),
            Edit::PutRole(role) => facts.roles.push(role),
            Edit::PutPrincipal(id, kind) => facts.principals.push((id, kind)),
            Edit::AddMember { group, member } => facts.members.push((group, member)),
            Edit::GrantDirectoryRole(principal, role) => facts.directory_roles.push((principal, role)),
            Edit::SetParent { scope, parent } => facts.parents.push((scope, parent)),
            Edit::RemoveAssignment(_)
            | Edit::RemoveDenyAssignment(_)
            | Edit::RemoveRole(_)
            | Edit::RemovePrincipal(_)
            | Edit::RemoveMember { .. }
            | Edit::RevokeDirectoryRole(..)
            | Edit::RemoveParent(_) => {}
        }
    }
    facts
}
