//! The entries of a scope at which very many assignments are made.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::entry::{Caller, Entry};
use super::roles::GrantRow;

/// Entries per leaf; an edit copies one leaf, and one of twice as many is cut in two.
const LEAF: usize = 128;
/// Bits of the sieve for each entry: of the ids that hold nothing here, one in sixteen is looked for in vain.
const SIEVE_BITS: usize = 16;

/// Entries ordered by principal, in leaves, with a sieve in front of them: most of a caller's groups hold nothing here.
#[derive(Clone)]
pub(crate) struct Crowd {
    len: usize,
    /// The first principal of each leaf.
    firsts: Vec<u32>,
    leaves: Vec<Leaf>,
    /// A power of two of bits: that of each principal that has ever been here is set. (Numbers are given in turn, so
    /// that their low bits spread.)
    sieve: Vec<u64>,
}

#[derive(Clone)]
struct Leaf {
    entries: Arc<[Entry]>,
    /// The number of each entry's row.
    rows: Arc<[u32]>,
}

impl Crowd {
    /// The entries are sorted.
    pub(crate) fn new(entries: &[Entry], rows: &[u32]) -> Crowd {
        let chunks = entries.chunks(LEAF).zip(rows.chunks(LEAF));
        let leaves: Vec<Leaf> =
            chunks.map(|(entries, rows)| Leaf { entries: entries.into(), rows: rows.into() }).collect();
        let firsts = leaves.iter().map(Leaf::first).collect();
        let mut crowd = Crowd { len: entries.len(), firsts, leaves, sieve: Vec::new() };
        crowd.sift();
        crowd
    }

    /// As `scan`.
    pub(crate) fn search(
        &self,
        caller: &Caller<'_>,
        roles: &GrantRow,
        found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for id in caller.ids.iter().filter(|id| self.may_hold(**id)) {
            for leaf in self.leaves.get(self.first_leaf_of(*id)..).unwrap_or_default() {
                let start = leaf.entries.partition_point(|entry| entry.principal < *id);
                let held = leaf.iter(start).take_while(|(entry, _)| entry.principal == *id);
                let mut behind = start;
                for (entry, row) in held {
                    behind += 1;
                    if roles.gives(entry.role) {
                        found(entry, row)?;
                    }
                }
                if behind < leaf.entries.len() {
                    break;
                }
            }
        }
        ControlFlow::Continue(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Entry, u32)> + '_ {
        self.leaves.iter().flat_map(|leaf| leaf.iter(0))
    }

    pub(crate) fn insert(&mut self, entry: Entry, row: u32) {
        if self.leaves.is_empty() {
            self.leaves.push(Leaf { entries: Arc::default(), rows: Arc::default() });
            self.firsts.push(entry.principal);
        }
        let at = self.firsts.partition_point(|first| *first <= entry.principal).saturating_sub(1);
        let Some(leaf) = self.leaves.get(at) else {
            return;
        };
        let (mut entries, mut rows) = (leaf.entries.to_vec(), leaf.rows.to_vec());
        let place = entries.partition_point(|other| *other < entry);
        entries.insert(place, entry);
        rows.insert(place, row);
        if entries.len() >= 2 * LEAF {
            let (second, second_rows) = (entries.split_off(LEAF), rows.split_off(LEAF));
            self.put_leaf(at + 1..at + 1, second, second_rows);
        }
        self.put_leaf(at..at + 1, entries, rows);
        self.len += 1;
        if self.len * SIEVE_BITS > self.sieve.len() * 64 * 2 {
            self.sift();
        } else {
            self.mark(entry.principal);
        }
    }

    pub(crate) fn remove(&mut self, principal: u32, row: u32) {
        let leaves = self.leaves.iter().enumerate().skip(self.first_leaf_of(principal));
        let mut places = leaves.filter_map(|(at, leaf)| Some((at, leaf.rows.iter().position(|other| *other == row)?)));
        let Some((at, place)) = places.next() else {
            return;
        };
        let Some(leaf) = self.leaves.get(at) else {
            return;
        };
        let (mut entries, mut rows) = (leaf.entries.to_vec(), leaf.rows.to_vec());
        entries.remove(place);
        rows.remove(place);
        self.len -= 1;
        self.put_leaf(at..at + 1, entries, rows);
    }

    pub(crate) fn bytes(&self) -> usize {
        let counts = 4 * size_of::<usize>();
        let of_leaf = |leaf: &Leaf| counts + size_of_val(leaf.entries.as_ref()) + size_of_val(leaf.rows.as_ref());
        self.firsts.capacity() * 4
            + self.leaves.capacity() * size_of::<Leaf>()
            + self.sieve.capacity() * 8
            + self.leaves.iter().map(of_leaf).sum::<usize>()
    }

    /// Puts a leaf in the place of these; of an empty one nothing is left.
    fn put_leaf(&mut self, places: Range<usize>, entries: Vec<Entry>, rows: Vec<u32>) {
        let leaf = (!entries.is_empty()).then(|| Leaf { entries: entries.into(), rows: rows.into() });
        self.firsts.splice(places.clone(), leaf.iter().map(Leaf::first));
        self.leaves.splice(places, leaf);
    }

    /// The leaf in front of the first one that starts with the principal or later: it may end with it.
    fn first_leaf_of(&self, principal: u32) -> usize {
        self.firsts.partition_point(|first| *first < principal).saturating_sub(1)
    }

    /// Makes the sieve anew, for as many entries as there are.
    fn sift(&mut self) {
        let words = (self.len * SIEVE_BITS / 64).next_power_of_two();
        self.sieve = vec![0; words];
        let leaves = self.leaves.clone();
        for leaf in &leaves {
            leaf.entries.iter().for_each(|entry| self.mark(entry.principal));
        }
    }

    fn mark(&mut self, principal: u32) {
        let (word, bit) = self.place(principal);
        if let Some(word) = self.sieve.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn may_hold(&self, principal: u32) -> bool {
        let (word, bit) = self.place(principal);
        self.sieve.get(word).is_some_and(|word| (word >> bit) & 1 == 1)
    }

    fn place(&self, principal: u32) -> (usize, u32) {
        ((principal as usize / 64) & (self.sieve.len() - 1), principal % 64)
    }
}

impl Leaf {
    fn first(&self) -> u32 {
        self.entries.first().map_or(0, |entry| entry.principal)
    }

    fn iter(&self, start: usize) -> impl Iterator<Item = (Entry, u32)> + '_ {
        let entries = self.entries.get(start..).unwrap_or_default();
        let rows = self.rows.get(start..).unwrap_or_default();
        entries.iter().copied().zip(rows.iter().copied())
    }
}
