//! A role assignment of a snapshot, without a copy of it.

use std::borrow::Cow;
use std::fmt;

use arm::Scope;
use uuid::Uuid;

use super::Snapshot;
use super::entry::Entry;
use super::rows::{Form, Row};
use crate::role_assignment::RoleAssignment;

/// A role assignment of a snapshot. Its texts are made when they are asked for.
#[derive(Clone, Copy)]
pub struct Assigned<'a> {
    snapshot: &'a Snapshot,
    number: u32,
}

impl Snapshot {
    pub(crate) fn assigned(&self, number: u32) -> Assigned<'_> {
        Assigned { snapshot: self, number }
    }
}

impl<'a> Assigned<'a> {
    /// Its id.
    pub fn id(&self) -> Scope {
        match self.odd() {
            Some(odd) => odd.id.clone(),
            None => {
                let name = self.row().map(|row| row.name.hyphenated()).unwrap_or_default();
                let mut room = Uuid::encode_buffer();
                self.scope().extension("Microsoft.Authorization", "roleAssignments", name.encode_lower(&mut room))
            }
        }
    }

    /// At and below which it holds, spelled as this scope was first seen.
    pub fn scope(&self) -> Cow<'a, Scope> {
        let scope = self.row().and_then(|row| self.snapshot.scopes.scope(row.scope));
        scope.map_or_else(|| Cow::Owned(Scope::root()), Cow::Borrowed)
    }

    /// The role's GUID.
    pub fn role(&self) -> Uuid {
        let of_row = || self.snapshot.roles.id(self.row()?.role);
        self.odd().map(|odd| odd.role).or_else(of_row).unwrap_or_default()
    }

    /// Who holds it.
    pub fn principal(&self) -> Uuid {
        let person = self.row().and_then(|row| self.snapshot.people.person(row.principal));
        person.map(|person| person.id).unwrap_or_default()
    }

    /// What must hold as well.
    pub fn condition(&self) -> Option<&'a str> {
        match self.odd() {
            Some(odd) => odd.condition.as_deref(),
            None => self.snapshot.guards.text(self.row()?.condition),
        }
    }

    /// A copy of it.
    pub fn to_assignment(&self) -> Option<RoleAssignment> {
        let row = self.row()?;
        Some(match self.odd() {
            Some(odd) => odd.clone(),
            None => RoleAssignment {
                id: self.id(),
                scope: self.scope().into_owned(),
                role: self.role(),
                principal: self.principal(),
                principal_type: row.kind,
                condition: self.condition().map(str::to_owned),
            },
        })
    }

    pub(crate) fn entry(&self) -> Entry {
        self.row().map_or(Entry { principal: u32::MAX, role: u16::MAX, condition: u16::MAX }, Row::entry)
    }

    /// Is its id the smaller one? Of two assignments at one scope.
    pub(crate) fn precedes(&self, other: Assigned<'_>) -> bool {
        match (self.row(), other.row()) {
            (Some(one), Some(two)) if one.form == Form::Plain && two.form == Form::Plain => one.name < two.name,
            _ => self.id() < other.id(),
        }
    }

    fn row(&self) -> Option<&'a Row> {
        self.snapshot.rows.get(self.number)
    }

    fn odd(&self) -> Option<&'a RoleAssignment> {
        self.row().filter(|row| row.form == Form::Odd)?;
        self.snapshot.rows.odd(self.number).map(AsRef::as_ref)
    }
}

impl fmt::Debug for Assigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Assigned").field(&self.id()).finish()
    }
}
