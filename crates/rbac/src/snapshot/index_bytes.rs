//! How much memory a snapshot holds.

use super::Snapshot;
use super::neighbours::Holder;

/// Bytes that a snapshot holds, in parts. Counted are the capacities of all vectors and tables, reference counts and
/// pointers; not what the allocator adds to each piece, and not what is the same for every snapshot of the process (the
/// built-in roles and the catalogue). Versions of a snapshot share most of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexBytes {
    /// What decisions are made from: for each assignment of a group its entry and the number of its row, for each other one
    /// its place in its holder's list, for each scope its parent and where its entries end, the sieves.
    pub decision: usize,
    /// For each principal its number and those of its groups.
    pub identities: usize,
    /// For each operation the roles that give it.
    pub roles: usize,
    /// What an assignment is made from when a decision names it.
    pub rows: usize,
    /// From the id of an assignment to its row.
    pub names: usize,
    /// From a group to the assignments that name it.
    pub by_group: usize,
    /// From a scope to the assignments of others than groups.
    pub by_scope: usize,
    /// The texts of scopes, and from text to number.
    pub scopes: usize,
    /// The texts of conditions, and from text to number.
    pub conditions: usize,
    /// From object id to principal, and its memberships and directory roles.
    pub people: usize,
}

impl IndexBytes {
    /// All of it.
    pub fn total(&self) -> usize {
        self.decision
            + self.identities
            + self.roles
            + self.rows
            + self.names
            + self.by_group
            + self.by_scope
            + self.scopes
            + self.conditions
            + self.people
    }
}

impl Snapshot {
    /// How much memory this snapshot holds, as if it shared nothing. Looks at everything: not for every request.
    pub fn index_bytes(&self) -> IndexBytes {
        IndexBytes {
            decision: self.scopes.decision_bytes() + self.people.held_bytes(Holder::Other),
            identities: self.people.identity_bytes(),
            roles: self.roles.bytes(),
            rows: self.rows.row_bytes(),
            names: self.rows.name_bytes(),
            by_group: self.people.held_bytes(Holder::Group),
            by_scope: self.scopes.list_bytes(),
            scopes: self.scopes.text_bytes(),
            conditions: self.guards.bytes(),
            people: self.people.person_bytes(),
        }
    }
}
