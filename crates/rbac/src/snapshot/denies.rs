//! Deny assignments by scope. They are few, so each is matched by its patterns.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arm::Scope;
use foldhash::fast::RandomState;

use super::compiled_role::{CompiledPermissions, Given, Guard};
use super::people::People;
use crate::attributes::Attributes;
use crate::condition::{Truth, any};
use crate::deny_assignment::DenyAssignment;

#[derive(Clone, Default)]
pub(crate) struct DenyTable {
    by_id: BTreeMap<Scope, Arc<CompiledDeny>>,
    /// By the number of the scope, ordered by id.
    at: HashMap<u32, Vec<Arc<CompiledDeny>>, RandomState>,
}

/// A deny assignment made ready for matching.
pub(crate) struct CompiledDeny {
    pub(crate) deny: DenyAssignment,
    permissions: CompiledPermissions,
    condition: Guard,
    for_everybody: bool,
    /// Numbers of principals, sorted, as the next.
    principals: Vec<u32>,
    excluded: Vec<u32>,
}

impl DenyTable {
    pub(crate) fn get(&self, id: &Scope) -> Option<&DenyAssignment> {
        self.by_id.get(id).map(|compiled| &compiled.deny)
    }

    /// Ordered by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CompiledDeny> {
        self.by_id.values().map(Arc::as_ref)
    }

    /// Those made at a scope, ordered by id.
    pub(crate) fn at(&self, scope: u32) -> &[Arc<CompiledDeny>] {
        self.at.get(&scope).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, scope: u32, deny: CompiledDeny) {
        let deny = Arc::new(deny);
        self.by_id.insert(deny.deny.id.clone(), Arc::clone(&deny));
        let here = self.at.entry(scope).or_default();
        let place = here.partition_point(|other| other.deny.id < deny.deny.id);
        here.insert(place, deny);
    }

    pub(crate) fn remove(&mut self, id: &Scope) {
        self.by_id.remove(id);
        for here in self.at.values_mut() {
            here.retain(|other| other.deny.id != *id);
        }
        self.at.retain(|_, here| !here.is_empty());
    }
}

impl CompiledDeny {
    /// Numbers the principals that it names.
    pub(crate) fn new(deny: DenyAssignment, people: &mut People) -> CompiledDeny {
        let mut numbers = |ids: &[uuid::Uuid]| {
            let mut numbers: Vec<u32> = ids.iter().map(|id| people.number(*id)).collect();
            numbers.sort_unstable();
            numbers
        };
        CompiledDeny {
            permissions: CompiledPermissions::new(&deny.permissions),
            condition: Guard::of(deny.condition.as_deref()),
            for_everybody: deny.principals.contains(&DenyAssignment::ALL_PRINCIPALS),
            principals: numbers(&deny.principals),
            excluded: numbers(&deny.exclude_principals),
            deny,
        }
    }

    /// Does it name the caller (the numbers of it and its groups, sorted)? Exclusion goes first.
    pub(crate) fn is_for(&self, identity: &[u32]) -> bool {
        let any_of = |listed: &[u32]| listed.iter().any(|number| identity.binary_search(number).is_ok());
        !any_of(&self.excluded) && (self.for_everybody || any_of(&self.principals))
    }

    /// Does it deny the operation (its action string in lower case)? Unless that is surely false, it does. Without
    /// attributes: for every request.
    pub(crate) fn denies(&self, key: &str, is_data: bool, attributes: Option<&Attributes>) -> Truth {
        let of_permissions = match self.permissions.gives(key, is_data) {
            Given::Not => return Truth::False,
            Given::Surely => Truth::True,
            Given::Guarded(guards) => any(guards.iter().map(|guard| guard.truth(key, attributes))),
        };
        of_permissions.and(self.condition.truth(key, attributes))
    }
}
