//! The assignments made at 64 scopes whose numbers follow each other.

use std::ops::ControlFlow;

use super::caller::Caller;
use super::entry::Entry;
use super::shelf::Shelf;

/// One edit copies the entries of this many scopes: as many as a word has bits.
pub(crate) const SCOPES: usize = u64::BITS as usize;
/// In a parent's number: deny assignments were made at the scope.
const HAS_DENIES: u32 = 1 << 31;

/// Where the entries of a holder are looked for in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// At the scopes: a caller may be in many groups, and holds what any of them does.
    Group,
    /// In its own list, which is short: everybody's at a scope would hide it.
    Other,
}

/// The entries of 64 scopes.
#[derive(Clone)]
pub(crate) struct Neighbours {
    /// The number of the scope above each, and perhaps `HAS_DENIES`. In here and not behind a pointer: a walk upwards waits
    /// for each of them before it knows the next.
    above: [u32; SCOPES],
    groups: Shelf,
    /// Lists alone look at these.
    others: Shelf,
}

/// One of the 64 scopes.
#[derive(Clone, Copy)]
pub(crate) struct AtScope<'a> {
    neighbours: &'a Neighbours,
    number: u32,
    above: u32,
}

impl<'a> AtScope<'a> {
    /// The number of the scope above.
    pub(crate) fn above(&self) -> u32 {
        self.above & !HAS_DENIES
    }

    /// Were deny assignments made here?
    pub(crate) fn has_denies(&self) -> bool {
        self.above & HAS_DENIES != 0
    }

    /// Another of the same 64 scopes.
    pub(crate) fn neighbour(&self, number: u32) -> Option<AtScope<'a>> {
        self.neighbours.at(number)
    }

    /// Tells of the entries whose holder is the caller and whose role is asked for, each with the number of its row,
    /// until it is enough.
    #[inline]
    pub(crate) fn matching(
        &self,
        caller: &Caller<'_>,
        is_asked_for: impl Fn(u16) -> bool,
        mut found: impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        caller.own_at(self.number, &is_asked_for, &mut found)?;
        self.neighbours.groups.matching(self.at(), caller, &is_asked_for, &mut found)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Entry, u32)> + use<'a> {
        let Neighbours { groups, others, .. } = self.neighbours;
        groups.iter(self.at()).chain(others.iter(self.at()))
    }

    fn at(&self) -> usize {
        place(self.number)
    }
}

impl Default for Neighbours {
    fn default() -> Neighbours {
        Neighbours { above: [0; SCOPES], groups: Shelf::default(), others: Shelf::default() }
    }
}

impl Neighbours {
    #[inline]
    pub(crate) fn at(&self, number: u32) -> Option<AtScope<'_>> {
        Some(AtScope { neighbours: self, number, above: *self.above.get(place(number))? })
    }

    /// Puts a scope below another.
    pub(crate) fn set_above(&mut self, number: u32, above: u32) {
        if let Some(place) = self.above.get_mut(place(number)) {
            *place = above | (*place & HAS_DENIES);
        }
    }

    /// Notes whether deny assignments were made at a scope.
    pub(crate) fn set_denies(&mut self, number: u32, has_denies: bool) {
        if let Some(place) = self.above.get_mut(place(number)) {
            let flag = if has_denies { HAS_DENIES } else { 0 };
            *place = (*place & !HAS_DENIES) | flag;
        }
    }

    pub(crate) fn insert(&mut self, number: u32, holder: Holder, entry: Entry, row: u32) {
        self.shelf(holder).insert(place(number), entry, row);
    }

    /// Takes the entry of a row away.
    pub(crate) fn remove(&mut self, number: u32, holder: Holder, principal: u32, row: u32) {
        self.shelf(holder).remove(place(number), principal, row);
    }

    /// The same places with these entries.
    pub(crate) fn filled(&self, groups: Shelf, others: Shelf) -> Neighbours {
        Neighbours { above: self.above, groups, others }
    }

    /// Bytes behind the pointers that decisions are made from.
    pub(crate) fn decision_bytes(&self) -> usize {
        self.groups.bytes()
    }

    /// Bytes of what lists alone look at.
    pub(crate) fn list_bytes(&self) -> usize {
        self.others.bytes()
    }

    fn shelf(&mut self, holder: Holder) -> &mut Shelf {
        match holder {
            Holder::Group => &mut self.groups,
            Holder::Other => &mut self.others,
        }
    }
}

/// Which of the 64 a scope is.
fn place(number: u32) -> usize {
    number as usize % SCOPES
}
