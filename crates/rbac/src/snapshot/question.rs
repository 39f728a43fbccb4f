//! One question, looked up in the index.

use std::borrow::Cow;
use std::ops::ControlFlow;

use arm::Scope;
use uuid::Uuid;

use super::Snapshot;
use super::assigned::Assigned;
use super::caller::Caller;
use super::entry::Entry;
use super::guards::NO_CONDITION;
use super::neighbours::AtScope;
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
    pub(super) snapshot: &'a Snapshot,
    pub(super) principal: u32,
    pub(super) operation: Operation<'a>,
    /// The nearest scope at or above the target that has a number.
    pub(super) scope: u32,
    /// Is that the target itself?
    is_exact: bool,
}

/// What the assignments at one scope say: rows.
struct Found {
    grant: Option<u32>,
    /// One that only its condition keeps from granting, and how.
    miss: Option<(u32, Truth)>,
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

    /// One walk upwards: a deny assignment counts wherever it is met, a grant at the nearest scope with one.
    fn answer(&self, attributes: &Attributes, named: Named) -> Outcome<'a> {
        let roles: &GrantRow = &self.operation.row;
        let caller = self.caller(|role| roles.gives(role));
        let (mut grant, mut by_condition) = (None, None);
        for (scope, here) in self.snapshot.scopes.upwards(self.scope) {
            if here.has_denies()
                && let Some((deny, truth)) = self.denied_at(scope, &caller, Some(attributes))
            {
                return Outcome::Denied { deny, undecided: truth == Truth::Unknown };
            }
            if grant.is_none() {
                let found = self.granted_at(here, &caller, attributes, named);
                grant = found.grant;
                by_condition = by_condition.or(found.miss);
            }
        }
        let assigned = |row| self.snapshot.assigned(row);
        match grant {
            Some(row) => Outcome::Allowed(assigned(row)),
            None => Outcome::NotAllowed { by_condition: by_condition.map(|(row, truth)| (assigned(row), truth)) },
        }
    }

    /// What the assignments made at one scope say.
    #[inline]
    fn granted_at(&self, here: AtScope<'_>, caller: &Caller<'_>, attributes: &Attributes, named: Named) -> Found {
        let mut found = Found { grant: None, miss: None };
        let roles: &GrantRow = &self.operation.row;
        let gives = |role| roles.gives(role);
        let _ = here.matching(caller, gives, |entry, row| {
            match self.truth(entry, attributes) {
                Truth::True => {
                    found.grant = Some(self.first(found.grant, row));
                    if named == Named::Any {
                        return ControlFlow::Break(());
                    }
                }
                truth => {
                    let is_first = found.miss.is_none_or(|(other, _)| self.first(Some(other), row) == row);
                    found.miss = if is_first { Some((row, truth)) } else { found.miss };
                }
            }
            ControlFlow::Continue(())
        });
        found
    }

    /// Would it be allowed if every condition were as the caller needs it?
    pub(crate) fn could_be_allowed(&self) -> bool {
        let roles: &GrantRow = &self.operation.row;
        let caller = self.caller(|role| roles.gives(role));
        let mut is_given = false;
        for (scope, here) in self.snapshot.scopes.upwards(self.scope) {
            if here.has_denies() && self.denied_at(scope, &caller, None).is_some() {
                return false;
            }
            let gives = |role| roles.gives(role);
            is_given = is_given || here.matching(&caller, gives, |_, _| ControlFlow::Break(())).is_break();
        }
        is_given
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

    /// Who asks, for assignments whose role is asked for.
    pub(super) fn caller(&self, is_asked_for: impl Fn(u16) -> bool) -> Caller<'a> {
        Caller::new(self.principal, &self.snapshot.people, is_asked_for)
    }

    pub(super) fn key(&self) -> &str {
        match &self.operation.key {
            Cow::Borrowed(key) => key,
            Cow::Owned(key) => key,
        }
    }

    /// The first deny assignment made at a scope that blocks, and whether its condition was decided. Without attributes:
    /// one that blocks every request.
    fn denied_at(
        &self,
        scope: u32,
        caller: &Caller<'_>,
        attributes: Option<&Attributes>,
    ) -> Option<(&'a DenyAssignment, Truth)> {
        let (key, is_data) = (self.key(), self.operation.is_data);
        let is_target = self.is_exact && scope == self.scope;
        let denies = if key.is_empty() { &[] } else { self.snapshot.denies.at(scope) };
        let reaching = denies.iter().filter(|deny| is_target || !deny.deny.do_not_apply_to_child_scopes);
        let mut blocking = reaching.filter(|deny| deny.is_for(caller.ids)).filter_map(|deny| {
            match (deny.denies(key, is_data, attributes), attributes) {
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
