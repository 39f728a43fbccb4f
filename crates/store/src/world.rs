//! Everything that a request may need to know, in one immutable value of one version.

use std::sync::Arc;

use arm::{Resource, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::change::{Change, access_edits, facts};
use crate::credential::CredentialIndex;
use crate::directory::DirectoryIndex;
use crate::error::StoreError;
use crate::resource_index::{ResourceIndex, UnreadRow};
use crate::sign_in::SignInIndex;

/// The tenant of this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantInfo {
    /// The tenant id.
    pub id: Uuid,
    /// The name that people see.
    pub display_name: String,
    /// The domain of sign-in names, such as `contoso.com`.
    pub default_domain: String,
}

impl TenantInfo {
    /// The tenant's root management group, which every group and subscription is below.
    pub fn root_group(&self) -> Scope {
        root_group_of(self.id)
    }
}

/// The root management group of a tenant; its name is the tenant's id.
pub fn root_group_of(tenant: Uuid) -> Scope {
    Scope::root().extension("Microsoft.Management", "managementGroups", &tenant.to_string())
}

/// What the rows of a database say of access.
fn compiled(rows: &[Change]) -> Result<rbac::Snapshot, StoreError> {
    let mut edits = Vec::new();
    for row in rows {
        edits.extend(access_edits(row)?);
    }
    Ok(rbac::Snapshot::compile(facts(edits)))
}

/// One version of the facts. Loaded once per request; a write makes the next one and leaves this one as it is.
#[derive(Clone)]
pub struct World {
    /// Grows by one with every write, across restarts.
    pub version: u64,
    /// The tenant; `None` before the first start is complete.
    pub tenant: Option<TenantInfo>,
    /// Roles, assignments, groups: what decisions are made from.
    pub access: rbac::Snapshot,
    /// All resources.
    pub resources: ResourceIndex,
    /// Who exists.
    pub directory: DirectoryIndex,
    /// Credentials, without a secret in clear.
    pub credentials: CredentialIndex,
    /// Who has signed in, without a token in clear.
    pub sign_ins: SignInIndex,
}

impl World {
    /// The world of a database's rows. `access` is what they say of access, where that is known; role assignments may then
    /// be unread.
    pub(crate) fn loaded(
        version: u64,
        rows: &[Change],
        access: Option<rbac::Snapshot>,
        unread: Vec<UnreadRow>,
    ) -> Result<World, StoreError> {
        let access = match access {
            Some(access) => access,
            None => compiled(rows)?,
        };
        let mut world = World {
            version,
            tenant: None,
            access,
            resources: ResourceIndex::default(),
            directory: DirectoryIndex::default(),
            credentials: CredentialIndex::default(),
            sign_ins: SignInIndex::default(),
        };
        world.apply(rows);
        unread.into_iter().for_each(|row| world.resources.put_unread(row));
        Ok(world)
    }

    /// The resources of a type that hang on the scope or on anything above it, management groups included: those that hold
    /// there. Nearest first.
    pub fn in_force<'a>(
        &'a self,
        scope: &Scope,
        resource_type: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
        let chain = self.access.chain(scope);
        chain.into_iter().flat_map(move |place| self.resources.on(&place, resource_type))
    }

    /// The next version. It shares everything that did not change.
    pub(crate) fn edited(&self, version: u64, changes: &[Change]) -> Result<World, StoreError> {
        let mut edits = Vec::new();
        for change in changes {
            edits.extend(access_edits(change)?);
        }
        let mut next = self.clone();
        next.version = version;
        if !edits.is_empty() {
            next.access = self.access.edited(&edits);
        }
        next.apply(changes);
        Ok(next)
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::PutResource(resource) => self.resources.put(resource.clone()),
                Change::RemoveResource(resource) => self.resources.remove(&resource.id),
                Change::PutObject(object) => self.directory.put(object.clone()),
                Change::RemoveObject(object) => self.directory.remove(object.id),
                Change::AddMember { group, member } => self.directory.add_member(*group, *member),
                Change::RemoveMember { group, member } => self.directory.remove_member(*group, *member),
                Change::GrantDirectoryRole(principal, role) => self.directory.grant(*principal, *role),
                Change::RevokeDirectoryRole(principal, role) => self.directory.revoke(*principal, *role),
                Change::PutCredential(stored) => self.credentials.put(stored.clone()),
                Change::RemoveCredential { owner, id } => self.credentials.remove(owner, *id),
                Change::PutSignIn(sign_in) => self.sign_ins.put(sign_in.clone()),
                Change::RemoveSignIn { user, id } => self.sign_ins.remove(*user, *id),
                Change::SetTenant(tenant) => self.tenant = Some(tenant.clone()),
            }
        }
    }
}
