//! Looking a request up in the index.

use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use super::entry::{Entry, matching};
use super::roles::GrantRow;
use super::{Person, Snapshot};
use crate::attributes::Attributes;
use crate::condition::Truth;
use crate::permission::Permission;
use crate::role_assignment::RoleAssignment;

/// One question, looked up: who asks, and which roles give it.
pub(crate) struct Question<'a> {
    snapshot: &'a Snapshot,
    /// The caller and its groups, sorted; empty for a principal that is not in the directory.
    identity: &'a [u32],
    row: Arc<GrantRow>,
    action: &'a str,
}

/// What the walk up to `/` found.
#[derive(Default)]
pub(crate) struct Found<'a> {
    /// At the nearest scope with one, the grant with the smallest id, so that the same decision names the same one.
    pub(crate) grant: Option<&'a Arc<RoleAssignment>>,
    /// The nearest grant that only its condition kept from counting, and whether that could not be decided.
    pub(crate) miss: Option<(&'a Arc<RoleAssignment>, Truth)>,
}

impl Snapshot {
    pub(crate) fn question<'a>(&'a self, principal: Uuid, permission: &'a Permission) -> Question<'a> {
        let person = self.person(principal);
        Question {
            snapshot: self,
            identity: person.map(|person| person.identity.as_slice()).unwrap_or_default(),
            row: self.roles.row(permission),
            action: permission.text(),
        }
    }

    pub(crate) fn person(&self, id: Uuid) -> Option<&Person> {
        self.people.get(id)
    }

    pub(crate) fn role_name(&self, id: Uuid) -> String {
        self.roles.name(id)
    }

    /// The assignments that name the principal or a group that it is in; none for one that is not in the directory.
    pub(crate) fn assignments_of(&self, principal: Uuid) -> impl Iterator<Item = &Arc<RoleAssignment>> {
        let known = self.person(principal).is_some_and(|person| person.kind.is_some());
        let holders = if known { [vec![principal], self.people.groups_of(principal)].concat() } else { Vec::new() };
        holders.into_iter().filter_map(|holder| self.person(holder)).flat_map(|person| &person.assignments)
    }
}

impl<'a> Question<'a> {
    /// Walks from the scope up to `/` until something grants.
    pub(crate) fn search(&self, scope: &Scope, attributes: &Attributes) -> Found<'a> {
        let mut found = Found::default();
        for number in self.snapshot.scopes.upwards(scope) {
            let (entries, assignments) = self.snapshot.scopes.at(number);
            for at in matching(entries, self.identity, &self.row) {
                let (Some(entry), Some(assignment)) = (entries.get(at), assignments.get(at)) else {
                    continue;
                };
                match self.truth(entry, Some(attributes)) {
                    Truth::True if found.grant.is_some_and(|other| other.id < assignment.id) => {}
                    Truth::True => found.grant = Some(assignment),
                    truth if found.miss.is_none() => found.miss = Some((assignment, truth)),
                    _ => {}
                }
            }
            if found.grant.is_some() {
                break;
            }
        }
        found
    }

    /// Would something grant if every condition were true?
    pub(crate) fn could_be_granted(&self, scope: &Scope) -> bool {
        self.snapshot.scopes.upwards(scope).any(|number| {
            let (entries, _) = self.snapshot.scopes.at(number);
            matching(entries, self.identity, &self.row).next().is_some()
        })
    }

    /// Does the assignment's role give it, perhaps under a condition?
    pub(crate) fn is_given_by(&self, assignment: &RoleAssignment) -> bool {
        self.snapshot.roles.known_number(assignment.role).is_some_and(|role| self.row.gives(role))
    }

    /// Does the assignment give it whatever the attributes of a request are?
    pub(crate) fn is_surely_given_by(&self, assignment: &RoleAssignment) -> bool {
        let Some(role) = self.snapshot.roles.known_number(assignment.role) else {
            return false;
        };
        if !self.row.gives(role) {
            return false;
        }
        let of_assignment = self.snapshot.guards.find(assignment.condition.as_deref()).truth(self.action, None);
        self.row.truth(role, self.action, None).and(of_assignment) == Truth::True
    }

    fn truth(&self, entry: &Entry, attributes: Option<&Attributes>) -> Truth {
        let role = self.row.truth(entry.role, self.action, attributes);
        match entry.condition {
            super::guards::NO_CONDITION => role,
            number => role.and(self.snapshot.guards.get(number).truth(self.action, attributes)),
        }
    }
}
