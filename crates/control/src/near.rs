//! Resources that hang on scopes and hold at and below them: which are seen from a place.

use std::sync::Arc;

use arm::{Resource, Scope};
use rbac::Visible;
use resources::role_assignments::scope_of;
use store::World;

/// A place that is looked from.
pub(crate) struct Near<'a> {
    pub(crate) world: &'a World,
    /// The place, as it is stored.
    pub(crate) base: &'a Scope,
    /// Where the caller may read.
    pub(crate) visible: Option<&'a Visible>,
}

impl<'a> Near<'a> {
    /// The resources of a type at the place, above it and, unless `at_scope`, below it; each with the key that orders it:
    /// nearest first, those below last. Those above are shown to whoever may read at the place, since they hold there
    /// too; those below only where the caller may read.
    pub(crate) fn all(&self, resource_type: &str, at_scope: bool) -> Vec<(String, &'a Arc<Resource>)> {
        let (world, base) = (self.world, self.base);
        let chain = world.access.chain(base);
        let covers = |scope: &Scope| self.visible.is_some_and(|visible| visible.covers(scope));
        let above = chain.iter().flat_map(|place| world.resources.on(place, resource_type)).filter(|_| covers(base));
        let below = world
            .resources
            .children_of_type(base, resource_type)
            .filter(|found| !at_scope && scope_of(found) != *base && covers(&scope_of(found)));
        let rank = |found: &Resource| {
            let scope = scope_of(found);
            let steps_up = chain.iter().position(|place| *place == scope).unwrap_or(chain.len());
            format!("{steps_up:04}{}", found.id.key())
        };
        above.chain(below).map(|found| (rank(found), found)).collect()
    }
}
