//! Making a snapshot: all at once from facts, or from the one before.

use std::sync::Arc;

use arm::{Scope, ScopeLevel};
use uuid::Uuid;

use super::Snapshot;
use super::entry::Entry;
use super::facts::{Edit, Facts};
use super::guards::GuardTable;
use super::people::People;
use super::roles::RoleTable;
use super::scopes::ScopeTable;
use super::sharded::ShardedMap;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::RoleDefinition;

/// After this many edits, and four per assignment, everything is compiled anew: numbers of scopes, principals and
/// conditions that nothing uses any more are dropped then, at a cost that each edit bears a small part of.
const EDITS_BEFORE_COMPILING: usize = 65_536;

pub(super) fn compile(facts: Facts) -> Snapshot {
    let mut snapshot = empty();
    for role in facts.roles {
        snapshot.put_role(role);
    }
    for (principal, kind) in facts.principals {
        snapshot.people.change(principal, |person| person.kind = Some(kind));
    }
    for (group, member) in facts.members {
        snapshot.people.join(group, member);
    }
    for (principal, role) in facts.directory_roles {
        snapshot.grant_directory_role(principal, role);
    }
    for (scope, parent) in facts.parents {
        snapshot.set_parent(scope, parent);
    }
    snapshot.fill(facts.assignments);
    snapshot.people.refresh_all();
    snapshot
}

pub(super) fn edited(before: &Snapshot, edits: &[Edit]) -> Snapshot {
    let mut next = before.clone();
    for edit in edits {
        next.apply(edit);
    }
    next.edits += edits.len();
    let worn = next.edits > EDITS_BEFORE_COMPILING + 4 * next.assignments.len();
    if worn || next.guards.is_full() {
        next = compile(next.facts());
    }
    next.version = before.version + 1;
    next
}

fn empty() -> Snapshot {
    Snapshot {
        version: 1,
        roles: RoleTable::built_in(),
        scopes: ScopeTable::new(),
        guards: Arc::new(GuardTable::default()),
        people: People::new(),
        assignments: ShardedMap::new(),
        parents: Arc::default(),
        edits: 0,
    }
}

impl Snapshot {
    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::PutAssignment(assignment) => self.put_assignment(assignment.clone()),
            Edit::RemoveAssignment(id) => self.remove_assignment(id),
            Edit::PutRole(role) => self.put_role(role.clone()),
            Edit::RemoveRole(id) => self.remove_role(*id),
            Edit::PutPrincipal(id, kind) => self.put_principal(*id, *kind),
            Edit::RemovePrincipal(id) => self.remove_principal(*id),
            Edit::AddMember { group, member } => {
                self.people.join(*group, *member);
                self.people.refresh(&[*member]);
            }
            Edit::RemoveMember { group, member } => {
                self.people.leave(*group, *member);
                self.people.refresh(&[*member]);
            }
            Edit::GrantDirectoryRole(id, role) => self.grant_directory_role(*id, *role),
            Edit::RevokeDirectoryRole(id, role) => {
                self.people.change(*id, |person| person.directory_roles.retain(|held| held != role));
            }
            Edit::SetParent { scope, parent } => self.set_parent(scope.clone(), parent.clone()),
            Edit::RemoveParent(scope) => {
                if Arc::make_mut(&mut self.parents).remove(scope).is_some() {
                    self.scopes.set_parent(scope, &Scope::root());
                }
            }
        }
    }

    fn put_assignment(&mut self, assignment: RoleAssignment) {
        self.remove_assignment(&assignment.id);
        let (scope, entry, assignment) = self.entry(assignment);
        self.scopes.insert(scope, entry, assignment);
    }

    /// Numbers an assignment and enters it into the maps by id and by principal.
    fn entry(&mut self, assignment: RoleAssignment) -> (u32, Entry, Arc<RoleAssignment>) {
        let role = match self.roles.known_number(assignment.role) {
            Some(number) => number,
            None => Arc::make_mut(&mut self.roles).number(assignment.role),
        };
        let entry = Entry {
            principal: self.people.number(assignment.principal),
            role,
            condition: Arc::make_mut(&mut self.guards).number(assignment.condition.as_deref()),
        };
        let scope = self.scopes.number(&assignment.scope);
        let assignment = Arc::new(assignment);
        self.people.change(assignment.principal, |person| person.assignments.push(Arc::clone(&assignment)));
        self.assignments.insert(assignment.id.clone(), Arc::clone(&assignment));
        (scope, entry, assignment)
    }

    fn fill(&mut self, assignments: Vec<RoleAssignment>) {
        let mut entries = Vec::with_capacity(assignments.len());
        for assignment in assignments {
            if self.assignments.get(&assignment.id).is_none() {
                entries.push(self.entry(assignment));
            }
        }
        self.scopes.fill(entries);
    }

    fn remove_assignment(&mut self, id: &Scope) {
        let Some(assignment) = self.assignments.remove(id) else {
            return;
        };
        self.people.change(assignment.principal, |person| person.assignments.retain(|other| other.id != *id));
        self.scopes.remove(&assignment);
    }

    fn put_role(&mut self, role: RoleDefinition) {
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
        self.people.change(id, |person| person.kind = Some(kind));
        self.people.refresh(&[id]);
    }

    fn remove_principal(&mut self, id: Uuid) {
        let mut changed = self.people.expel(id);
        changed.push(id);
        self.people.refresh(&changed);
    }

    fn grant_directory_role(&mut self, id: Uuid, role: DirectoryRole) {
        self.people.change(id, |person| {
            if !person.directory_roles.contains(&role) {
                person.directory_roles.push(role);
            }
        });
    }

    fn set_parent(&mut self, scope: Scope, parent: Scope) {
        let may_have_parent = matches!(scope.level(), ScopeLevel::Subscription | ScopeLevel::ManagementGroup);
        if !may_have_parent || parent.level() != ScopeLevel::ManagementGroup {
            return;
        }
        self.scopes.set_parent(&scope, &parent);
        Arc::make_mut(&mut self.parents).insert(scope, parent);
    }

    /// What this snapshot would be compiled from.
    fn facts(&self) -> Facts {
        let people = || self.people.iter();
        let members = people().flat_map(|(id, person)| People::members(person).iter().map(move |member| (id, *member)));
        let directory_roles =
            people().flat_map(|(id, person)| person.directory_roles.iter().map(move |role| (id, *role)));
        Facts {
            roles: self.roles.iter().filter(|role| !role.built_in).cloned().collect(),
            assignments: self.assignments.iter().map(|(_, assignment)| RoleAssignment::clone(assignment)).collect(),
            principals: people().filter_map(|(id, person)| Some((id, person.kind?))).collect(),
            members: members.collect(),
            directory_roles: directory_roles.collect(),
            parents: self.parents.iter().map(|(scope, parent)| (scope.clone(), parent.clone())).collect(),
        }
    }
}
