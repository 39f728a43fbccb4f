//! The assignments of one sort of holders at 64 scopes whose numbers follow each other.

use std::ops::ControlFlow;

use super::caller::Caller;
use super::crowd::Crowd;
use super::entry::{Entry, scan};
use super::neighbours::SCOPES;
use super::sieve::Sieve;

/// Up to this many entries, two lines of the processor's cache, a scan beats a sieve.
const SCANNED: usize = 16;
/// A scope with more entries keeps them in a [`Crowd`]: too many holders would share a bit of a sieve.
const CROWD: usize = 96;

/// The entries of 64 scopes, one scope's behind the other's.
#[derive(Clone)]
pub(crate) struct Shelf {
    /// Where each scope's entries end. In here and not behind a pointer, which a decision would wait for.
    ends: [u16; SCOPES],
    entries: Vec<Entry>,
    /// The number of each entry's row.
    rows: Vec<u32>,
    /// One bit for each scope that has a sieve.
    sieved: u64,
    /// Those of such scopes, in their order.
    sieves: Vec<Sieve>,
    /// One bit for each scope that has too many entries for `entries`.
    crowded: u64,
    /// Those of such scopes, in their order.
    crowds: Vec<Crowd>,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf {
            ends: [0; SCOPES],
            entries: Vec::new(),
            rows: Vec::new(),
            sieved: 0,
            sieves: Vec::new(),
            crowded: 0,
            crowds: Vec::new(),
        }
    }
}

impl Shelf {
    /// Of entries, each with its row: those of the first scope start at `start`, each scope's end at its one of `ends`.
    pub(super) fn filled(mut start: usize, ends: &[usize], sorted: &mut [(Entry, u32)]) -> Shelf {
        let mut shelf = Shelf::default();
        for (at, end) in ends.iter().take(SCOPES).enumerate() {
            let here = sorted.get_mut(start..*end).unwrap_or_default();
            if here.len() > CROWD {
                shelf.crowds.push(Crowd::new(here.to_vec()));
                shelf.crowded |= 1 << at;
            } else {
                here.sort_unstable_by_key(|(entry, row)| (entry.order(), *row));
                shelf.entries.extend(here.iter().map(|(entry, _)| *entry));
                shelf.rows.extend(here.iter().map(|(_, row)| *row));
            }
            shelf.ends.iter_mut().skip(at).for_each(|end| *end = shelf.entries.len() as u16);
            shelf.sift(at);
            start = *end;
        }
        shelf.entries.shrink_to_fit();
        shelf.rows.shrink_to_fit();
        shelf.sieves.shrink_to_fit();
        shelf
    }

    /// Tells of the entries of a scope whose holder is the caller and whose role is asked for, each with the number of its
    /// row, until it is enough.
    #[inline]
    pub(super) fn matching(
        &self,
        at: usize,
        caller: &Caller<'_>,
        is_asked_for: &impl Fn(u16) -> bool,
        found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (entries, rows) = self.few(at);
        let Some(sieve) = self.sieves.get(place(self.sieved, at)) else {
            return match self.crowds.get(place(self.crowded, at)) {
                Some(crowd) => crowd.search(caller, is_asked_for, found),
                None => scan(entries, rows, caller, is_asked_for, found),
            };
        };
        for range in sieve.ranges(&caller.marks, entries.len()) {
            let here = (entries.get(range.clone()).unwrap_or_default(), rows.get(range).unwrap_or_default());
            scan(here.0, here.1, caller, is_asked_for, found)?;
        }
        ControlFlow::Continue(())
    }

    pub(super) fn iter(&self, at: usize) -> impl Iterator<Item = (Entry, u32)> + '_ {
        let (entries, rows) = self.few(at);
        let few = entries.iter().copied().zip(rows.iter().copied());
        few.chain(self.crowds.get(place(self.crowded, at)).into_iter().flat_map(Crowd::iter))
    }

    pub(super) fn insert(&mut self, at: usize, entry: Entry, row: u32) {
        if let Some(crowd) = self.crowds.get_mut(place(self.crowded, at)) {
            crowd.insert(entry, row);
            return;
        }
        let (start, end) = self.bounds(at);
        let here = self.entries.get(start..end).unwrap_or_default();
        let place = start + here.partition_point(|other| other.order() < entry.order());
        self.entries.insert(place, entry);
        self.rows.insert(place, row);
        self.ends.iter_mut().skip(at).for_each(|end| *end += 1);
        if end + 1 - start > CROWD {
            let crowd: Vec<(Entry, u32)> = self.entries.drain(start..=end).zip(self.rows.drain(start..=end)).collect();
            self.ends.iter_mut().skip(at).for_each(|end| *end -= crowd.len() as u16);
            self.crowds.insert(before(self.crowded, at), Crowd::new(crowd));
            self.crowded |= 1 << at;
        }
        self.sift(at);
    }

    /// Takes the entry of a row away.
    pub(super) fn remove(&mut self, at: usize, principal: u32, row: u32) {
        if let Some(crowd) = self.crowds.get_mut(place(self.crowded, at)) {
            crowd.remove(principal, row);
            return;
        }
        let (start, end) = self.bounds(at);
        let here = self.rows.get(start..end).unwrap_or_default();
        let Some(place) = here.iter().position(|other| *other == row) else {
            return;
        };
        self.entries.remove(start + place);
        self.rows.remove(start + place);
        self.ends.iter_mut().skip(at).for_each(|end| *end -= 1);
        self.sift(at);
    }

    /// Bytes behind the pointers.
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.rows.capacity() * size_of::<u32>()
            + self.sieves.capacity() * size_of::<Sieve>()
            + self.crowds.capacity() * size_of::<Crowd>()
            + self.crowds.iter().map(Crowd::bytes).sum::<usize>()
    }

    /// Makes the sieve of a scope anew, where it needs one.
    fn sift(&mut self, at: usize) {
        let (entries, _) = self.few(at);
        let sieve = (entries.len() > SCANNED).then(|| Sieve::of(entries));
        match (sieve, self.sieves.get_mut(place(self.sieved, at))) {
            (Some(sieve), Some(old)) => *old = sieve,
            (Some(sieve), None) => {
                self.sieves.insert(before(self.sieved, at), sieve);
                self.sieved |= 1 << at;
            }
            (None, Some(_)) => {
                self.sieves.remove(before(self.sieved, at));
                self.sieved &= !(1 << at);
            }
            (None, None) => {}
        }
    }

    /// The entries of a scope that are not in a crowd, and their rows.
    fn few(&self, at: usize) -> (&[Entry], &[u32]) {
        let (start, end) = self.bounds(at);
        (self.entries.get(start..end).unwrap_or_default(), self.rows.get(start..end).unwrap_or_default())
    }

    fn bounds(&self, at: usize) -> (usize, usize) {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| usize::from(*end));
        (at.checked_sub(1).map_or(0, end), end(at))
    }
}

/// Where that of a scope is among those of the scopes whose bits are set; of a scope whose bit is not, out of range.
fn place(bits: u64, at: usize) -> usize {
    if (bits >> at) & 1 == 1 { before(bits, at) } else { usize::MAX }
}

/// How many of the bits before that of a scope are set.
fn before(bits: u64, at: usize) -> usize {
    (bits & ((1 << at) - 1)).count_ones() as usize
}
