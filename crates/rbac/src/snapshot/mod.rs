//! The compiled index that decisions are made from.
//!
//! Scopes, principals and roles are numbers; each role assignment is an entry of eight bytes at its scope, each operation
//! a row of bits over the roles that give it. A decision walks from the target up to `/` (through management groups), and
//! at each scope takes the entries whose role has the bit and whose holder is the caller or one of its groups. Everything
//! is shared between versions: an edit copies one chunk of scopes, one shard of each map, and pointers.

mod compiled_role;
mod edit;
mod entry;
mod facts;
mod guards;
mod people;
mod roles;
mod scopes;
mod search;
mod sharded;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use crate::permission::Permission;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::RoleDefinition;

pub use facts::{Edit, Facts};
pub(crate) use people::Person;

/// One version of all access facts, compiled. Cheap to clone and to edit.
#[derive(Clone)]
pub struct Snapshot {
    version: u64,
    roles: Arc<roles::RoleTable>,
    scopes: scopes::ScopeTable,
    guards: Arc<guards::GuardTable>,
    people: people::People,
    assignments: sharded::ShardedMap<Scope, Arc<RoleAssignment>>,
    /// The management group above a subscription or management group, where it is not `/`.
    parents: Arc<HashMap<Scope, Scope>>,
    /// Edits since everything was last compiled: what they left behind is then dropped.
    edits: usize,
}

impl Snapshot {
    /// Compiles facts from scratch, as version 1.
    pub fn compile(facts: Facts) -> Snapshot {
        edit::compile(facts)
    }

    /// The next version, with the changes made in order.
    pub fn edited(&self, edits: &[Edit]) -> Snapshot {
        edit::edited(self, edits)
    }

    /// Grows with every edit; a consistency token.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The role with that GUID.
    pub fn role(&self, id: Uuid) -> Option<&RoleDefinition> {
        self.roles.get(id)
    }

    /// Every role, built-in ones first.
    pub fn roles(&self) -> impl Iterator<Item = &RoleDefinition> {
        self.roles.iter()
    }

    /// The role with that name, today's before a former one, without case.
    pub fn role_named(&self, name: &str) -> Option<&RoleDefinition> {
        let today = self.roles().find(|role| role.name.eq_ignore_ascii_case(name));
        today.or_else(|| self.roles().find(|role| role.is_named(name)))
    }

    /// The assignment with that id.
    pub fn assignment(&self, id: &Scope) -> Option<&RoleAssignment> {
        self.assignments.get(id).map(Arc::as_ref)
    }

    /// The groups that the principal is in, through groups too, sorted.
    pub fn groups_of(&self, principal: Uuid) -> Vec<Uuid> {
        let mut groups = self.people.groups_of(principal);
        groups.sort_unstable();
        groups
    }

    /// The scope and all above it, management groups included, `/` last.
    pub fn chain(&self, scope: &Scope) -> Vec<Scope> {
        let mut chain: Vec<Scope> = scope.ancestors().take_while(|scope| !scope.is_root()).collect();
        while let Some(parent) = chain.last().and_then(|top| self.parents.get(top)) {
            if chain.contains(parent) {
                break;
            }
            chain.push(parent.clone());
        }
        chain.push(Scope::root());
        chain
    }

    /// The management groups and subscriptions below a management group, none for another scope.
    pub(crate) fn below_management_group(&self, group: &Scope) -> Vec<Scope> {
        let mut found = vec![group.clone()];
        let mut at = 0;
        while let Some(above) = found.get(at).cloned() {
            let children = self.parents.iter().filter(|(_, parent)| **parent == above).map(|(child, _)| child.clone());
            let new: Vec<Scope> = children.filter(|child| !found.contains(child)).collect();
            found.extend(new);
            at += 1;
        }
        found.split_off(1)
    }

    /// Is this place, or one above it, the other place? Through management groups too.
    pub(crate) fn reaches(&self, upper: &Scope, lower: &Scope) -> bool {
        upper.contains(lower)
            || (upper.level() == arm::ScopeLevel::ManagementGroup && self.chain(lower).contains(upper))
    }

    /// The roles that give the permission without a condition, each with how many catalogued operations it gives.
    pub(crate) fn roles_granting(&self, permission: &Permission) -> Vec<(usize, &RoleDefinition)> {
        self.roles.giving(&self.roles.row(permission))
    }
}
