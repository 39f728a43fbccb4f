//! Making a snapshot from facts, and facts from a snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use arm::Scope;
use foldhash::fast::RandomState;
use uuid::Uuid;

use super::Snapshot;
use super::entry::Entry;
use super::facts::Facts;
use super::guards::NEVER;
use super::neighbours::Holder;
use super::people::People;
use super::roles::{NO_ROLE, RoleTable};
use super::rows::{Form, Row, RowTable, plain_id};
use super::scopes::{ROOT, ScopeTable};
use crate::deny_assignment::DenyAssignment;
use crate::role_assignment::RoleAssignment;

pub(super) fn compile(facts: Facts) -> Snapshot {
    let mut snapshot = empty();
    for role in facts.roles {
        snapshot.put_role(role);
    }
    for (principal, kind) in facts.principals {
        let number = snapshot.people.number(principal);
        snapshot.people.set_kind(number, kind);
    }
    let members = facts.members.iter();
    let members = members.map(|(group, member)| (snapshot.people.number(*group), snapshot.people.number(*member)));
    let members: Vec<(u32, u32)> = members.collect();
    snapshot.people.join_all(members);
    for (principal, role) in facts.directory_roles {
        snapshot.grant_directory_role(principal, role);
    }
    for (scope, parent) in facts.parents {
        snapshot.set_parent(scope, parent);
    }
    let scopes = snapshot.number_scopes(&facts.assignments);
    let (mut plain, mut odd) = (Vec::with_capacity(facts.assignments.len()), Vec::new());
    for (assignment, scope) in facts.assignments.into_iter().zip(scopes) {
        match snapshot.row(&assignment, scope) {
            row if row.form == Form::Plain => plain.push(row),
            _ => odd.push(assignment),
        }
    }
    snapshot.finish(plain, odd, facts.denies);
    snapshot
}

pub(super) fn empty() -> Snapshot {
    Snapshot {
        version: 1,
        roles: RoleTable::built_in(),
        scopes: ScopeTable::new(),
        guards: Arc::default(),
        people: People::default(),
        rows: RowTable::default(),
        denies: Arc::default(),
        parents: Arc::default(),
        edits: 0,
        is_worth_compiling: true,
    }
}

impl Snapshot {
    /// The numbers of the scopes of assignments. In the order of their texts, so that a place and those below it have
    /// neighbouring numbers: a walk upwards then stays in the same lines of the processor's cache.
    fn number_scopes(&mut self, assignments: &[RoleAssignment]) -> Vec<u32> {
        let mut turns: HashMap<&Scope, u32, RandomState> = HashMap::default();
        let by_assignment = assignments.iter().map(|assignment| {
            let next = turns.len() as u32;
            *turns.entry(&assignment.scope).or_insert(next)
        });
        let by_assignment: Vec<u32> = by_assignment.collect();
        let mut sorted: Vec<(&Scope, u32)> = turns.into_iter().collect();
        sorted.sort_unstable();
        let mut numbers = vec![ROOT; sorted.len()];
        for (scope, turn) in sorted {
            if let Some(number) = numbers.get_mut(turn as usize) {
                *number = self.scopes.number(scope);
            }
        }
        by_assignment.into_iter().map(|turn| numbers.get(turn as usize).copied().unwrap_or(ROOT)).collect()
    }

    /// Numbers everything that an assignment names besides its scope.
    pub(super) fn row(&mut self, assignment: &RoleAssignment, scope: u32) -> Row {
        let role = match self.roles.known_number(assignment.role) {
            Some(number) => number,
            None => Arc::make_mut(&mut self.roles).number(assignment.role),
        };
        let condition = match assignment.condition.as_deref() {
            None => super::guards::NO_CONDITION,
            condition => Arc::make_mut(&mut self.guards).number(condition),
        };
        let name = plain_id(&assignment.id).filter(|(scope, _)| *scope == assignment.scope.key()).map(|(_, name)| name);
        let is_plain = name.is_some() && role != NO_ROLE && condition != NEVER;
        Row {
            name: name.unwrap_or_default(),
            scope,
            principal: self.people.number(assignment.principal),
            role,
            condition,
            kind: assignment.principal_type,
            form: if is_plain { Form::Plain } else { Form::Odd },
        }
    }

    /// Enters the assignments into a snapshot that has none, and works out what follows from everything.
    pub(super) fn finish(&mut self, plain: Vec<Row>, odd: Vec<RoleAssignment>, denies: Vec<DenyAssignment>) {
        self.fill(plain);
        for assignment in odd {
            if self.rows.find(&assignment.id, &self.scopes).is_none() {
                self.put_assignment(assignment);
            }
        }
        for deny in denies {
            self.put_deny(deny);
        }
        self.is_worth_compiling = !self.guards.is_full();
    }

    fn fill(&mut self, rows: Vec<Row>) {
        self.rows = RowTable::of_many(rows);
        let holders = self.people.holders();
        let is_of_group = |entry: &Entry| holders.get(entry.principal as usize) == Some(&Holder::Group);
        let entries = self.rows.iter().map(|(number, row)| (row.scope, row.entry(), number));
        let (groups, others): (Vec<_>, Vec<_>) = entries.partition(|(_, entry, _)| is_of_group(entry));
        self.scopes.fill(&groups, &others);
        drop((groups, others));
        self.people.settle(self.rows.iter().map(|(number, row)| (row.principal, row.held(number))).collect());
    }

    /// What this snapshot would be compiled from. An id or scope is spelled as its scope was first seen.
    pub fn facts(&self) -> Facts {
        let people = || self.people.iter();
        let id = |number: &u32| self.people.person(*number).map(|person| person.id);
        let members = people().flat_map(|(group, person)| {
            self.people.members(group).iter().filter_map(id).map(move |member| (person.id, member))
        });
        let directory_roles =
            people().flat_map(|(_, person)| person.directory_roles.iter().map(move |role| (person.id, *role)));
        Facts {
            roles: self.roles.iter().filter(|role| !role.built_in).cloned().collect(),
            assignments: self.assignments().collect(),
            denies: self.deny_assignments().cloned().collect(),
            principals: people().filter_map(|(_, person)| Some((person.id, person.kind?))).collect(),
            members: members.collect::<Vec<(Uuid, Uuid)>>(),
            directory_roles: directory_roles.collect(),
            parents: self
                .parents
                .iter()
                .map(|(scope, parent)| (scope.clone(), parent.clone()))
                .collect::<Vec<(Scope, Scope)>>(),
        }
    }
}
