//! The compiled index that decisions are made from.
//!
//! Scopes, principals, roles and conditions are numbers; each role assignment of a group is an entry of eight bytes at
//! its scope and the number of its row, each other one is in its holder's list, and each operation is a row of bits over the
//! roles that give it. A decision walks from the target up to `/` (through management groups), and at each scope takes what
//! the caller or one of its groups holds there with a role that has the bit. What a decision names is made from the numbers when it is asked for. Everything is shared
//! between versions: an edit copies one chunk of each table that it changes, and pointers.

mod assigned;
mod caller;
mod compile;
mod compiled_role;
mod crowd;
mod denies;
mod edit;
mod encoded;
mod encoded_facts;
mod entry;
mod facts;
mod guards;
mod identities;
mod index_bytes;
mod list;
mod near;
mod neighbours;
mod paged;
mod people;
mod question;
mod reader;
mod roles;
mod rows;
mod scopes;
mod sharded;
mod shelf;
mod sieve;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use crate::deny_assignment::DenyAssignment;
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::RoleDefinition;

pub use assigned::Assigned;
pub use encoded::DecodeError;
pub use facts::{Edit, Facts};
pub use index_bytes::IndexBytes;
pub(crate) use people::Person;
pub use question::{Outcome, Question};

/// One version of all access facts, compiled. Cheap to clone and to edit.
#[derive(Clone)]
pub struct Snapshot {
    version: u64,
    roles: Arc<roles::RoleTable>,
    scopes: scopes::ScopeTable,
    guards: Arc<guards::GuardTable>,
    people: people::People,
    rows: rows::RowTable,
    denies: Arc<denies::DenyTable>,
    /// The management group above a subscription or management group, where it is not `/`.
    parents: Arc<HashMap<Scope, Scope>>,
    /// Edits since everything was last compiled: what they left behind is then dropped.
    edits: usize,
    /// Were numbers of conditions left when everything was last compiled?
    is_worth_compiling: bool,
}

impl Snapshot {
    /// Compiles facts from scratch, as version 1.
    pub fn compile(facts: Facts) -> Snapshot {
        compile::compile(facts)
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

    /// Every role assignment, made from the index one by one. A scope is spelled as it was first seen.
    pub fn assignments(&self) -> impl Iterator<Item = RoleAssignment> {
        self.rows.iter().filter_map(|(number, _)| self.assigned(number).to_assignment())
    }

    /// How many role assignments there are.
    pub fn assignment_count(&self) -> usize {
        self.rows.len()
    }

    /// The assignment with that id.
    pub fn assignment(&self, id: &Scope) -> Option<RoleAssignment> {
        self.assigned(self.rows.find(id, &self.scopes)?).to_assignment()
    }

    /// The assignments made at exactly that scope.
    pub fn assignments_at(&self, scope: &Scope) -> impl Iterator<Item = RoleAssignment> {
        let here = self.scopes.known_number(scope.key()).and_then(|number| self.scopes.at(number));
        let rows = here.into_iter().flat_map(|here| here.iter());
        rows.filter_map(|(_, row)| self.assigned(row).to_assignment())
    }

    /// The assignments that name the principal or a group that it is in; none for one that is not in the directory.
    pub fn assignments_of(&self, principal: Uuid) -> impl Iterator<Item = RoleAssignment> {
        self.held_by(principal).filter_map(|assigned| assigned.to_assignment())
    }

    /// As `assignments_of`, without copies.
    pub fn held_by(&self, principal: Uuid) -> impl Iterator<Item = Assigned<'_>> {
        let number = self.people.known_number(principal);
        let identity = number.map(|number| self.people.identity(number)).unwrap_or_default();
        let held = identity.iter().flat_map(|number| self.people.held(*number));
        held.map(|held| self.assigned(held.row))
    }

    /// Every deny assignment, ordered by id.
    pub fn deny_assignments(&self) -> impl Iterator<Item = &DenyAssignment> {
        self.denies.iter().map(|compiled| &compiled.deny)
    }

    /// The deny assignment with that id.
    pub fn deny_assignment(&self, id: &Scope) -> Option<&DenyAssignment> {
        self.denies.get(id)
    }

    /// What the directory knows a principal as; none: it is not in the directory.
    pub fn kind_of(&self, principal: Uuid) -> Option<PrincipalType> {
        self.people.get(principal)?.kind
    }

    /// Everybody in the group, through groups too: users, service principals and groups, sorted. Empty for what is not
    /// a group.
    pub fn members_of(&self, group: Uuid) -> Vec<Uuid> {
        self.ids(self.people.known_number(group).map(|number| self.people.members_of(number)))
    }

    /// The groups that the principal is in, through groups too, sorted.
    pub fn groups_of(&self, principal: Uuid) -> Vec<Uuid> {
        self.ids(self.people.known_number(principal).map(|number| self.people.groups_of(number)))
    }

    /// The groups in the directory that the principal is a direct member of, sorted.
    pub fn direct_groups_of(&self, principal: Uuid) -> Vec<Uuid> {
        self.ids(self.people.known_number(principal).map(|number| self.people.direct_groups_of(number)))
    }

    /// Everybody in the directory, unsorted.
    pub fn principals(&self) -> impl Iterator<Item = (Uuid, PrincipalType)> {
        self.people.iter().filter_map(|(_, person)| Some((person.id, person.kind?)))
    }

    fn ids(&self, numbers: Option<Vec<u32>>) -> Vec<Uuid> {
        let people = numbers.into_iter().flatten().filter_map(|number| self.people.person(number));
        let mut ids: Vec<Uuid> = people.map(|person| person.id).collect();
        ids.sort_unstable();
        ids
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
        self.roles.giving(&self.roles.operation(permission).row)
    }

    pub(crate) fn person(&self, id: Uuid) -> Option<&Person> {
        self.people.get(id)
    }

    pub(crate) fn role_name(&self, id: Uuid) -> Arc<str> {
        self.roles.name(id)
    }
}
