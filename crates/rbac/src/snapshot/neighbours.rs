//! The assignments made at 64 scopes whose numbers follow each other.

use std::ops::ControlFlow;

use super::crowd::Crowd;
use super::entry::{Caller, Entry, scan};

/// One edit copies the entries of this many scopes: as many as a word has bits.
pub(crate) const SCOPES: usize = u64::BITS as usize;
/// Up to this many entries a scan beats searching; a scope with more keeps them in a [`Crowd`].
const CROWD: usize = 128;
/// In a parent's number: deny assignments were made at the scope.
const HAS_DENIES: u32 = 1 << 31;

/// The entries of 64 scopes, one scope's behind the other's.
#[derive(Clone)]
pub(crate) struct Neighbours {
    /// In here and not behind a pointer: a walk upwards waits for each of them before it knows the next.
    places: [Place; SCOPES],
    entries: Vec<Entry>,
    /// The number of each entry's row.
    rows: Vec<u32>,
    /// One bit for each place that has too many entries for `entries`.
    crowded: u64,
    /// Those of such places, in their order.
    crowds: Vec<Crowd>,
}

#[derive(Clone, Copy)]
struct Place {
    /// The number of the scope above, and perhaps `HAS_DENIES`.
    above: u32,
    /// Where the scope's entries end. Of a place without a scope: where all entries end.
    end: u32,
}

/// One of the 64 scopes.
#[derive(Clone, Copy)]
pub(crate) struct AtScope<'a> {
    neighbours: &'a Neighbours,
    at: usize,
    place: Place,
}

impl<'a> AtScope<'a> {
    /// The number of the scope above.
    pub(crate) fn above(&self) -> u32 {
        self.place.above & !HAS_DENIES
    }

    /// Were deny assignments made here?
    pub(crate) fn has_denies(&self) -> bool {
        self.place.above & HAS_DENIES != 0
    }

    /// Another of the same 64 scopes.
    pub(crate) fn neighbour(&self, at: usize) -> Option<AtScope<'a>> {
        self.neighbours.at(at)
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
        let (entries, rows) = self.few();
        scan(entries, rows, caller, &is_asked_for, &mut found)?;
        match self.crowd() {
            Some(crowd) => crowd.search(caller, is_asked_for, &mut found),
            None => ControlFlow::Continue(()),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Entry, u32)> + use<'a> {
        let (entries, rows) = self.few();
        let few = entries.iter().copied().zip(rows.iter().copied());
        few.chain(self.crowd().into_iter().flat_map(Crowd::iter))
    }

    /// The entries that are not in a crowd, and their rows.
    fn few(&self) -> (&'a [Entry], &'a [u32]) {
        let (start, end) = (self.neighbours.start(self.at), self.place.end as usize);
        let entries = self.neighbours.entries.get(start..end).unwrap_or_default();
        (entries, self.neighbours.rows.get(start..end).unwrap_or_default())
    }

    fn crowd(&self) -> Option<&'a Crowd> {
        self.neighbours.crowds.get(self.neighbours.crowd(self.at)?)
    }
}

impl Default for Neighbours {
    fn default() -> Neighbours {
        let places = [Place { above: 0, end: 0 }; SCOPES];
        Neighbours { places, entries: Vec::new(), rows: Vec::new(), crowded: 0, crowds: Vec::new() }
    }
}

impl Neighbours {
    pub(crate) fn at(&self, at: usize) -> Option<AtScope<'_>> {
        Some(AtScope { neighbours: self, at, place: *self.places.get(at)? })
    }

    /// Puts a scope below another.
    pub(crate) fn set_above(&mut self, at: usize, above: u32) {
        if let Some(place) = self.places.get_mut(at) {
            place.above = above | (place.above & HAS_DENIES);
        }
    }

    /// Notes whether deny assignments were made at a scope.
    pub(crate) fn set_denies(&mut self, at: usize, has_denies: bool) {
        if let Some(place) = self.places.get_mut(at) {
            let flag = if has_denies { HAS_DENIES } else { 0 };
            place.above = (place.above & !HAS_DENIES) | flag;
        }
    }

    pub(crate) fn insert(&mut self, at: usize, entry: Entry, row: u32) {
        if let Some(crowd) = self.crowd(at) {
            if let Some(crowd) = self.crowds.get_mut(crowd) {
                crowd.insert(entry, row);
            }
            return;
        }
        let (start, end) = self.bounds(at);
        let here = self.entries.get(start..end).unwrap_or_default();
        let place = start + here.partition_point(|other| *other < entry);
        self.entries.insert(place, entry);
        self.rows.insert(place, row);
        self.places.iter_mut().skip(at).for_each(|place| place.end += 1);
        if end + 1 - start > CROWD {
            let crowd: Vec<(Entry, u32)> = self.entries.drain(start..=end).zip(self.rows.drain(start..=end)).collect();
            self.places.iter_mut().skip(at).for_each(|place| place.end -= crowd.len() as u32);
            self.crowds.insert(self.crowds_before(at), Crowd::new(crowd));
            self.crowded |= 1 << at;
        }
    }

    /// Takes the entry of a row away.
    pub(crate) fn remove(&mut self, at: usize, principal: u32, row: u32) {
        if let Some(crowd) = self.crowd(at) {
            if let Some(crowd) = self.crowds.get_mut(crowd) {
                crowd.remove(principal, row);
            }
            return;
        }
        let (start, end) = self.bounds(at);
        let here = self.rows.get(start..end).unwrap_or_default();
        let Some(place) = here.iter().position(|other| *other == row) else {
            return;
        };
        self.entries.remove(start + place);
        self.rows.remove(start + place);
        self.places.iter_mut().skip(at).for_each(|place| place.end -= 1);
    }

    /// The same places with these entries: those of the first place start at `start`, each place's end at its one of
    /// `ends`.
    pub(crate) fn filled(&self, mut start: usize, ends: &[usize], sorted: &mut [(Entry, u32)]) -> Neighbours {
        let mut filled = Neighbours { places: self.places, ..Neighbours::default() };
        let ends = ends.get(..SCOPES).unwrap_or(ends);
        let all = ends.last().map_or(0, |end| end - start);
        filled.entries.reserve_exact(all.min(SCOPES * CROWD));
        filled.rows.reserve_exact(all.min(SCOPES * CROWD));
        for (at, end) in ends.iter().enumerate() {
            let here = sorted.get_mut(start..*end).unwrap_or_default();
            if here.len() > CROWD {
                filled.crowds.push(Crowd::new(here.to_vec()));
                filled.crowded |= 1 << at;
            } else {
                here.sort_unstable();
                filled.entries.extend(here.iter().map(|(entry, _)| *entry));
                filled.rows.extend(here.iter().map(|(_, row)| *row));
            }
            filled.places.iter_mut().skip(at).for_each(|place| place.end = filled.entries.len() as u32);
            start = *end;
        }
        filled.entries.shrink_to_fit();
        filled.rows.shrink_to_fit();
        filled
    }

    /// Bytes behind the pointers.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.rows.capacity() * size_of::<u32>()
            + self.crowds.capacity() * size_of::<Crowd>()
            + self.crowds.iter().map(Crowd::bytes).sum::<usize>()
    }

    fn bounds(&self, at: usize) -> (usize, usize) {
        (self.start(at), self.places.get(at).map_or(0, |place| place.end as usize))
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|before| self.places.get(before)).map_or(0, |place| place.end as usize)
    }

    /// Where in `crowds` that of a place is.
    fn crowd(&self, at: usize) -> Option<usize> {
        ((self.crowded >> at) & 1 == 1).then(|| self.crowds_before(at))
    }

    fn crowds_before(&self, at: usize) -> usize {
        (self.crowded & ((1 << at) - 1)).count_ones() as usize
    }
}
