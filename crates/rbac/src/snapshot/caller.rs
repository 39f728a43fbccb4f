//! Who asks.

use std::ops::ControlFlow;

use super::entry::Entry;
use super::people::{Held, People};
use super::sieve::Marks;

/// Up to this many ids (the caller and its groups) a scan of them beats searching.
const LINEAR_IDS: usize = 16;

/// Up to this many assignments of its own are looked at for their roles before anything else.
const SHORT_LIST: usize = 64;

/// The caller and its groups.
pub(crate) struct Caller<'a> {
    /// Sorted; empty for a principal that is not in the directory.
    pub(crate) ids: &'a [u32],
    /// Those of the ids.
    pub(super) marks: Marks,
    number: u32,
    /// What names the caller itself, by scope. Empty for a group: what groups hold is kept at the scopes. Empty as well
    /// where it is short and has no role that is asked for: few have, and then nothing is looked for on the way.
    own: &'a [Held],
}

impl<'a> Caller<'a> {
    #[inline]
    pub(super) fn new(number: u32, people: &'a People, is_asked_for: impl Fn(u16) -> bool) -> Caller<'a> {
        let (ids, mut own) = (people.identity(number), people.own(number));
        let is_in_vain = own.len() <= SHORT_LIST && !own.iter().any(|held| is_asked_for(held.role));
        if ids.is_empty() || is_in_vain {
            own = &[];
        }
        Caller { ids, marks: Marks::of(ids.iter().copied()), number, own }
    }

    pub(super) fn lists(&self, id: u32) -> bool {
        if self.ids.len() <= LINEAR_IDS { self.ids.contains(&id) } else { self.ids.binary_search(&id).is_ok() }
    }

    /// Tells of what names the caller itself at a scope and has a role that is asked for, each with the number of its row,
    /// until it is enough.
    #[inline]
    pub(super) fn own_at(
        &self,
        scope: u32,
        is_asked_for: &impl Fn(u16) -> bool,
        found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let start = self.own.partition_point(|held| held.scope < scope);
        let from_here = self.own.get(start..).unwrap_or_default();
        let here = from_here.iter().take_while(|held| held.scope == scope);
        here.filter(|held| is_asked_for(held.role)).try_for_each(|held| found(held.entry(self.number), held.row))
    }
}
