//! The entries of a scope at which very many assignments are made.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::caller::Caller;
use super::entry::Entry;

/// Entries per leaf when a crowd is laid out; an edit copies one leaf.
const LEAF: usize = 192;
/// With so many per leaf it is laid out anew: the sieves are then so full that one id in twenty is looked for in vain.
const FULL_LEAF: usize = 256;
/// Slots of a leaf, each with a word of sieve: about six entries are in one, next to each other.
const SLOTS: usize = 32;
/// An odd number whose multiples spread over all bits of a word (the golden ratio's part of 2³²).
const SPREAD: u32 = 0x9E37_79B1;
/// So many ids are sieved before the first that was found is looked for: the processor waits for all of them at once.
const SIEVED: usize = 32;

/// Entries in leaves by a hash of their principal, with a sieve in front of each: most of a caller's groups hold nothing
/// here.
#[derive(Clone)]
pub(crate) struct Crowd {
    len: usize,
    leaves: Vec<Arc<Leaf>>,
}

#[derive(Clone, Default)]
struct Leaf {
    /// By slot: two bits of each principal that is in it are set.
    sieve: [u64; SLOTS],
    /// By slot: where its entries start.
    starts: [u16; SLOTS],
    /// One slot's behind the other's.
    entries: Vec<Entry>,
    /// The number of each entry's row.
    rows: Vec<u32>,
}

fn spread(principal: u32) -> u32 {
    principal.wrapping_mul(SPREAD)
}

fn slot_of(principal: u32) -> usize {
    spread(principal) as usize % SLOTS
}

/// Two bits of a word.
fn bits_of(principal: u32) -> u64 {
    let hash = spread(principal);
    (1 << ((hash >> 4) % u64::BITS)) | (1 << ((hash >> 10) % u64::BITS))
}

/// Where a principal's entries are.
#[derive(Clone, Copy)]
struct Place {
    leaf: usize,
    slot: usize,
    /// Its bits in the sieve of the slot.
    bits: u64,
}

impl Crowd {
    /// Of entries, each with the number of its row.
    pub(crate) fn new(entries: Vec<(Entry, u32)>) -> Crowd {
        let mut crowd = Crowd { len: 0, leaves: Vec::new() };
        crowd.lay_out(entries);
        crowd
    }

    /// As `scan`.
    pub(crate) fn search(
        &self,
        caller: &Caller<'_>,
        is_asked_for: &impl Fn(u16) -> bool,
        found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for ids in caller.ids.chunks(SIEVED) {
            let mut left =
                ids.iter().enumerate().fold(0, |left, (at, id)| left | (u32::from(self.may_hold(*id)) << at));
            while left != 0 {
                if let Some(id) = ids.get(left.trailing_zeros() as usize) {
                    self.search_one(*id, is_asked_for, found)?;
                }
                left &= left - 1;
            }
        }
        ControlFlow::Continue(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Entry, u32)> + '_ {
        self.leaves.iter().flat_map(|leaf| leaf.iter(0..leaf.entries.len()))
    }

    pub(crate) fn insert(&mut self, entry: Entry, row: u32) {
        if self.len >= self.leaves.len() * FULL_LEAF {
            self.lay_out(self.iter().chain([(entry, row)]).collect());
            return;
        }
        let place = self.place(entry.principal);
        if let Some(leaf) = self.leaves.get_mut(place.leaf) {
            Arc::make_mut(leaf).insert(place.slot, entry, row);
            self.len += 1;
        }
    }

    pub(crate) fn remove(&mut self, principal: u32, row: u32) {
        let place = self.place(principal);
        let Some(leaf) = self.leaves.get_mut(place.leaf) else {
            return;
        };
        let Some(at) = leaf.slot(place.slot).find(|at| leaf.rows.get(*at) == Some(&row)) else {
            return;
        };
        Arc::make_mut(leaf).remove(place.slot, at);
        self.len -= 1;
    }

    pub(crate) fn bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        let lists = |leaf: &Leaf| leaf.entries.capacity() * size_of::<Entry>() + leaf.rows.capacity() * 4;
        let of_leaf = |leaf: &Arc<Leaf>| counts + size_of::<Leaf>() + lists(leaf);
        self.leaves.capacity() * size_of::<Arc<Leaf>>() + self.leaves.iter().map(of_leaf).sum::<usize>()
    }

    #[inline]
    fn search_one(
        &self,
        id: u32,
        is_asked_for: &impl Fn(u16) -> bool,
        found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let place = self.place(id);
        let Some(leaf) = self.leaves.get(place.leaf) else {
            return ControlFlow::Continue(());
        };
        for (entry, row) in leaf.iter(leaf.slot(place.slot)) {
            if entry.principal == id && is_asked_for(entry.role) {
                found(entry, row)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Puts all entries into as many leaves as they need.
    fn lay_out(&mut self, mut entries: Vec<(Entry, u32)>) {
        self.len = entries.len();
        self.leaves = vec![Arc::default(); entries.len().div_ceil(LEAF).max(1)];
        let leaf_of = |(entry, _): &(Entry, u32)| self.place(entry.principal).leaf;
        entries.sort_unstable_by_key(|entry| (leaf_of(entry), slot_of(entry.0.principal)));
        let mut leaves = vec![Arc::default(); self.leaves.len()];
        for entries in entries.chunk_by(|one, other| leaf_of(one) == leaf_of(other)) {
            if let Some(leaf) = entries.first().and_then(|first| leaves.get_mut(leaf_of(first))) {
                *leaf = Arc::new(Leaf::new(entries));
            }
        }
        self.leaves = leaves;
    }

    #[inline]
    fn may_hold(&self, principal: u32) -> bool {
        let place = self.place(principal);
        let word = self.leaves.get(place.leaf).and_then(|leaf| leaf.sieve.get(place.slot));
        word.is_some_and(|word| word & place.bits == place.bits)
    }

    /// The highest bits of the hash choose the leaf, the lowest the slot and the bits of the sieve.
    #[inline]
    fn place(&self, principal: u32) -> Place {
        let leaf = (u64::from(spread(principal)) * self.leaves.len() as u64) >> u32::BITS;
        Place { leaf: leaf as usize, slot: slot_of(principal), bits: bits_of(principal) }
    }
}

impl Leaf {
    /// Of entries that are ordered by slot.
    fn new(entries: &[(Entry, u32)]) -> Leaf {
        let mut leaf = Leaf {
            entries: Vec::with_capacity(entries.len()),
            rows: Vec::with_capacity(entries.len()),
            ..Leaf::default()
        };
        for (entry, row) in entries {
            leaf.insert(slot_of(entry.principal), *entry, *row);
        }
        leaf
    }

    fn insert(&mut self, slot: usize, entry: Entry, row: u32) {
        let at = self.slot(slot).end;
        self.entries.reserve_exact(1);
        self.rows.reserve_exact(1);
        self.entries.insert(at, entry);
        self.rows.insert(at, row);
        self.starts.iter_mut().skip(slot + 1).for_each(|start| *start += 1);
        if let Some(word) = self.sieve.get_mut(slot) {
            *word |= bits_of(entry.principal);
        }
    }

    fn remove(&mut self, slot: usize, at: usize) {
        self.entries.remove(at);
        self.rows.remove(at);
        self.starts.iter_mut().skip(slot + 1).for_each(|start| *start -= 1);
        let left = self.iter(self.slot(slot)).fold(0, |bits, (entry, _)| bits | bits_of(entry.principal));
        if let Some(word) = self.sieve.get_mut(slot) {
            *word = left;
        }
    }

    /// Where the entries of a slot are.
    fn slot(&self, slot: usize) -> Range<usize> {
        let start = |slot: usize| self.starts.get(slot).map_or(self.entries.len(), |start| usize::from(*start));
        start(slot)..start(slot + 1)
    }

    fn iter(&self, range: Range<usize>) -> impl Iterator<Item = (Entry, u32)> + '_ {
        let entries = self.entries.get(range.clone()).unwrap_or_default();
        let rows = self.rows.get(range).unwrap_or_default();
        entries.iter().copied().zip(rows.iter().copied())
    }
}
