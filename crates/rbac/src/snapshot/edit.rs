//! Making a snapshot from the one before.

use std::sync::Arc;

use arm::{Scope, ScopeLevel};
use uuid::Uuid;

use super::Snapshot;
use super::compile::compile;
use super::denies::CompiledDeny;
use super::facts::Edit;
use super::neighbours::Holder;
use super::rows::Form;
use crate::deny_assignment::DenyAssignment;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::RoleDefinition;

/// After this many edits, and four per assignment, everything is compiled anew: numbers of scopes, principals and
/// conditions that nothing uses any more are dropped then, at a cost that each edit bears a small part of.
const EDITS_BEFORE_COMPILING: usize = 65_536;

pub(super) fn edited(before: &Snapshot, edits: &[Edit]) -> Snapshot {
    let mut next = before.clone();
    for edit in edits {
        next.apply(edit);
    }
    next.edits += edits.len();
    let worn = next.edits > EDITS_BEFORE_COMPILING + 4 * next.rows.len();
    // Where compiling left all numbers of conditions taken, it would do so again after the next edit.
    if worn || (next.guards.is_full() && next.is_worth_compiling) {
        next = compile(next.facts());
    }
    next.version = before.version + 1;
    next
}

impl Snapshot {
    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::PutAssignment(assignment) => self.put_assignment(assignment.clone()),
            Edit::RemoveAssignment(id) => self.remove_assignment(id),
            Edit::PutDenyAssignment(deny) => self.put_deny(deny.clone()),
            Edit::RemoveDenyAssignment(id) => self.remove_deny(id),
            Edit::PutRole(role) => self.put_role(role.clone()),
            Edit::RemoveRole(id) => self.remove_role(*id),
            Edit::PutPrincipal(id, kind) => self.put_principal(*id, *kind),
            Edit::RemovePrincipal(id) => self.remove_principal(*id),
            Edit::AddMember { group, member } => {
                let (group, member) = (self.people.number(*group), self.people.number(*member));
                self.people.join(group, member);
                self.people.refresh(&[member]);
            }
            Edit::RemoveMember { group, member } => {
                let (group, member) = (self.people.number(*group), self.people.number(*member));
                self.people.leave(group, member);
                self.people.refresh(&[member]);
            }
            Edit::GrantDirectoryRole(id, role) => self.grant_directory_role(*id, *role),
            Edit::RevokeDirectoryRole(id, role) => {
                let number = self.people.number(*id);
                self.people.change(number, |person| person.directory_roles.retain(|held| held != role));
            }
            Edit::SetParent { scope, parent } => self.set_parent(scope.clone(), parent.clone()),
            Edit::RemoveParent(scope) => {
                if Arc::make_mut(&mut self.parents).remove(scope).is_some() {
                    self.scopes.set_parent(scope, &Scope::root());
                }
            }
        }
    }

    pub(super) fn put_assignment(&mut self, assignment: RoleAssignment) {
        self.remove_assignment(&assignment.id);
        let scope = self.scopes.number(&assignment.scope);
        let row = self.row(&assignment, scope);
        let number = match row.form {
            Form::Plain => self.rows.insert(row),
            _ => self.rows.insert_odd(row, assignment),
        };
        self.people.hold(row.principal, row.held(number));
        self.scopes.insert(row.scope, self.people.holder(row.principal), row.entry(), number);
    }

    fn remove_assignment(&mut self, id: &Scope) {
        let Some(number) = self.rows.find(id, &self.scopes) else {
            return;
        };
        let Some(row) = self.rows.remove(number) else {
            return;
        };
        self.people.let_go(row.principal, row.held(number));
        self.scopes.remove(row.scope, self.people.holder(row.principal), row.principal, number);
    }

    pub(super) fn put_deny(&mut self, deny: DenyAssignment) {
        self.remove_deny(&deny.id);
        let scope = self.scopes.number(&deny.scope);
        let deny = CompiledDeny::new(deny, &mut self.people);
        Arc::make_mut(&mut self.denies).put(scope, deny);
        self.scopes.set_denies(scope, true);
    }

    fn remove_deny(&mut self, id: &Scope) {
        let Some(deny) = self.denies.get(id) else {
            return;
        };
        let scope = self.scopes.number(&deny.scope);
        let denies = Arc::make_mut(&mut self.denies);
        denies.remove(id);
        self.scopes.set_denies(scope, !denies.at(scope).is_empty());
    }

    pub(super) fn put_role(&mut self, role: RoleDefinition) {
        if !self.is_built_in(role.id) {
            Arc::make_mut(&mut self.roles).put(RoleDefinition { built_in: false, ..role });
        }
    }

    fn remove_role(&mut self, id: Uuid) {
        if !self.is_built_in(id) {
            Arc::make_mut(&mut self.roles).remove(id);
        }
    }

    fn is_built_in(&self, id: Uuid) -> bool {
        self.roles.get(id).is_some_and(|role| role.built_in)
    }

    fn put_principal(&mut self, id: Uuid, kind: PrincipalType) {
        let number = self.people.number(id);
        let before = self.people.holder(number);
        self.people.set_kind(number, kind);
        self.people.refresh(&[number]);
        self.move_entries(number, before, self.people.holder(number));
    }

    /// Takes what a principal holds to where decisions look for it: it was assigned before it was known to be a group.
    fn move_entries(&mut self, principal: u32, from: Holder, to: Holder) {
        if from == to {
            return;
        }
        for held in self.people.held(principal).to_vec() {
            self.scopes.remove(held.scope, from, principal, held.row);
            self.scopes.insert(held.scope, to, held.entry(principal), held.row);
        }
    }

    fn remove_principal(&mut self, id: Uuid) {
        let number = self.people.number(id);
        let mut changed = self.people.expel(number);
        changed.push(number);
        self.people.refresh(&changed);
    }

    pub(super) fn grant_directory_role(&mut self, id: Uuid, role: DirectoryRole) {
        let number = self.people.number(id);
        self.people.change(number, |person| {
            if !person.directory_roles.contains(&role) {
                person.directory_roles.push(role);
            }
        });
    }

    pub(super) fn set_parent(&mut self, scope: Scope, parent: Scope) {
        let may_have_parent = matches!(scope.level(), ScopeLevel::Subscription | ScopeLevel::ManagementGroup);
        if !may_have_parent || parent.level() != ScopeLevel::ManagementGroup {
            return;
        }
        self.scopes.set_parent(&scope, &parent);
        Arc::make_mut(&mut self.parents).insert(scope, parent);
    }
}
