//! One question, looked up in the index.

use std::borrow::Cow;
use std::ops::ControlFlow;

use arm::Scope;
use uuid::Uuid;

use super::Snapshot;
use super::assigned::Assigned;
use super::entry::{Caller, Entry};
use super::guards::NO_CONDITION;
use super::roles::{GrantRow, Operation};
use crate::attributes::Attributes;
use crate::condition::Truth;
use crate::deny_assignment::DenyAssignment;
use crate::permission::Permission;

/// Stands for a principal that nothing names.
const NOBODY: u32 = u32::MAX;

/// Who asks, what for and where, as numbers of one snapshot: to be asked any number of times, with other attributes.
#[derive(Clone)]
pub struct Question<'a> {
    snapshot: &'a Snapshot,
    principal: u32,
    operation: Operation<'a>,
    /// The nearest scope at or above the target that has a number.
    scope: u32,
    /// Is that the target itself?
    is_exact: bool,
}

/// Which of several assignments that grant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// The one that is found first.
    Any,
    /// The one with the smallest id.
    First,
}

/// The answer.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// An assignment that grants, at the nearest scope with one.
    Allowed(Assigned<'a>),
    /// Nothing grants.
    NotAllowed {
        /// The nearest grant that only its condition kept from counting, and how: false or undecided.
        by_condition: Option<(Assigned<'a>, Truth)>,
    },
    /// A deny assignment blocks.
    Denied {
        /// Of those at the nearest scope with one, the one with the smallest id.
        deny: &'a DenyAssignment,
        /// Could its condition not be decided?
        undecided: bool,
    },
}

impl Outcome<'_> {
    /// Is it allowed?
    pub fn is_allowed(&self) -> bool {
        matches!(self, Outcome::Allowed(_))
    }
}

impl Snapshot {
    /// Looks up who asks, what for and where. A directory right is no operation of Azure's: nothing grants it here.
    pub fn look_up<'a>(&'a self, principal: Uuid, permission: &Permission, scope: &Scope) -> Question<'a> {
        let (scope, is_exact) = self.scopes.nearest(scope);
        Question {
            snapshot: self,
            principal: self.people.known_number(principal).unwrap_or(NOBODY),
            operation: self.roles.operation(permission),
            scope,
            is_exact,
        }
    }
}

impl<'a> Question<'a> {
    /// The answer for a request with these attributes. Of several assignments that grant at the nearest scope with one,
    /// it names whichever is found first. Allocates nothing, as long as no condition does.
    pub fn outcome(&self, attributes: &Attributes) -> Outcome<'a> {
        self.answer(attributes, Named::Any)
    }

    /// As `outcome`, and of several assignments the one with the smallest id is named, so that the same decision always
    /// names the same one.
    pub fn named_outcome(&self, attributes: &Attributes) -> Outcome<'a> {
        self.answer(attributes, Named::First)
    }

    fn answer(&self, attributes: &Attributes, named: Named) -> Outcome<'a> {
        let caller = self.caller();
        if let Some((deny, truth)) = self.denied(&caller, Some(attributes)) {
            return Outcome::Denied { deny, undecided: truth == Truth::Unknown };
        }
        let roles: &GrantRow = &self.operation.row;
        let mut by_condition: Option<(u32, Truth)> = None;
        for scope in self.snapshot.scopes.upwards(self.scope) {
            let mut grant = None;
            let mut miss: Option<(u32, Truth)> = None;
            let _ = self.snapshot.scopes.at(scope).matching(&caller, roles, |entry, row| {
                match self.truth(entry, attributes) {
                    Truth::True if named == Named::Any => {
                        grant = Some(row);
                        return ControlFlow::Break(());
                    }
                    Truth::True => grant = Some(self.first(grant, row)),
                    truth if by_condition.is_none() => {
                        let is_first = miss.is_none_or(|(other, _)| self.first(Some(other), row) == row);
                        miss = if is_first { Some((row, truth)) } else { miss };
                    }
                    _ => {}
                }
                ControlFlow::Continue(())
            });
            if let Some(row) = grant {
                return Outcome::Allowed(self.snapshot.assigned(row));
            }
            by_condition = by_condition.or(miss);
        }
        Outcome::NotAllowed { by_condition: by_condition.map(|(row, truth)| (self.snapshot.assigned(row), truth)) }
    }

    /// Would it be allowed if every condition were as the caller needs it?
    pub(crate) fn could_be_allowed(&self) -> bool {
        let caller = self.caller();
        let mut upwards = self.snapshot.scopes.upwards(self.scope);
        let row = &self.operation.row;
        let gives =
            |scope| self.snapshot.scopes.at(scope).matching(&caller, row, |_, _| ControlFlow::Break(())).is_break();
        upwards.any(gives) && self.denied(&caller, None).is_none()
    }

    /// Does the assignment hold at the target?
    pub(crate) fn is_reached_by(&self, assigned: Assigned<'_>) -> bool {
        let made_at = assigned.scope_number();
        self.snapshot.scopes.upwards(self.scope).any(|scope| Some(scope) == made_at)
    }

    /// Does the assignment's role give it, perhaps under a condition, wherever it was made?
    pub(crate) fn is_included_in(&self, assigned: Assigned<'_>) -> bool {
        self.operation.row.gives(assigned.entry().role)
    }

    /// Does the assignment give it in a request with these attributes, wherever it was made?
    pub(crate) fn is_given_by(&self, assigned: Assigned<'_>, attributes: &Attributes) -> bool {
        let entry = assigned.entry();
        self.operation.row.gives(entry.role) && self.truth(entry, attributes) == Truth::True
    }

    /// The deny assignments that would block a request with these attributes, wherever they were made.
    pub(crate) fn denies(&self, attributes: &Attributes) -> impl Iterator<Item = &'a DenyAssignment> {
        let (key, is_data) = (self.key(), self.operation.is_data);
        let identity = self.snapshot.people.identity(self.principal);
        let denies = if key.is_empty() { None } else { Some(self.snapshot.denies.iter()) };
        let denies = denies.into_iter().flatten().filter(|deny| deny.is_for(identity));
        denies.filter(move |deny| deny.denies(key, is_data, Some(attributes)) != Truth::False).map(|deny| &deny.deny)
    }

    fn caller(&self) -> Caller<'a> {
        Caller::new(self.snapshot.people.identity(self.principal))
    }

    fn key(&self) -> &str {
        match &self.operation.key {
            Cow::Borrowed(key) => key,
            Cow::Owned(key) => key,
        }
    }

    /// The nearest deny assignment that blocks, and whether its condition was decided. Without attributes: one that
    /// blocks every request.
    fn denied(&self, caller: &Caller<'_>, attributes: Option<&Attributes>) -> Option<(&'a DenyAssignment, Truth)> {
        let (key, snapshot) = (self.key(), self.snapshot);
        if snapshot.denies.is_empty() || key.is_empty() {
            return None;
        }
        let scopes = snapshot.scopes.upwards(self.scope).filter(|scope| snapshot.scopes.has_denies(*scope));
        let denies = scopes.flat_map(|scope| snapshot.denies.at(scope).iter().map(move |deny| (scope, deny)));
        let here = |scope: u32| self.is_exact && scope == self.scope;
        let reaching = denies
            .filter(|(scope, deny)| here(*scope) || !deny.deny.do_not_apply_to_child_scopes)
            .map(|(_, deny)| deny);
        let mut blocking = reaching.filter(|deny| deny.is_for(caller.ids)).filter_map(|deny| {
            match (deny.denies(key, self.operation.is_data, attributes), attributes) {
                (Truth::False, _) | (Truth::Unknown, None) => None,
                (truth, _) => Some((&deny.deny, truth)),
            }
        });
        blocking.next()
    }

    fn truth(&self, entry: Entry, attributes: &Attributes) -> Truth {
        let key = self.key();
        let role = self.operation.row.truth(entry.role, key, Some(attributes));
        match entry.condition {
            NO_CONDITION => role,
            number => role.and(self.snapshot.guards.get(number).truth(key, Some(attributes))),
        }
    }

    /// Of two rows the one whose assignment has the smaller id.
    fn first(&self, one: Option<u32>, other: u32) -> u32 {
        match one {
            Some(one) if self.snapshot.assigned(one).precedes(self.snapshot.assigned(other)) => one,
            _ => other,
        }
    }
}
