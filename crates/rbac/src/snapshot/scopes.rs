//! Scopes by number: the text and the parent of each, and the assignments made at it.

use std::ops::ControlFlow;

use arm::Scope;

use super::crowd::Crowd;
use super::entry::{Caller, Entry, scan};
use super::list::List;
use super::paged::Paged;
use super::roles::GrantRow;
use super::sharded::ShardedMap;

/// The number of `/`.
pub(crate) const ROOT: u32 = 0;
/// One edit copies the entries of this many scopes.
const CHUNK: usize = 64;
/// A walk upwards ends here: ids have at most twenty levels, management groups a few; only a circle of management
/// groups is longer.
const LONGEST_WALK: usize = 128;
/// Up to this many entries a scan beats searching; a scope with more keeps them in a [`Crowd`].
const CROWD: usize = 128;
/// In a parent's number: deny assignments were made at the scope.
const HAS_DENIES: u32 = 1 << 31;

/// The scopes at which something is assigned, and all above them. A scope keeps its number when it is empty again.
#[derive(Clone)]
pub(crate) struct ScopeTable {
    numbers: ShardedMap<Scope, u32>,
    texts: List<Scope, CHUNK>,
    chunks: Paged<Chunk>,
}

/// The entries of 64 scopes, one scope's behind the other's.
#[derive(Clone, Default)]
struct Chunk {
    places: Vec<Place>,
    entries: Vec<Entry>,
    /// The number of each entry's row.
    rows: Vec<u32>,
    /// By place: the scopes that have too many entries for `entries`.
    crowds: Vec<(usize, Crowd)>,
}

#[derive(Clone, Copy)]
struct Place {
    /// The number of the scope above, and perhaps `HAS_DENIES`.
    above: u32,
    /// Where the scope's entries end.
    end: u32,
}

/// The entries of one scope.
pub(crate) struct AtScope<'a> {
    entries: &'a [Entry],
    rows: &'a [u32],
    crowd: Option<&'a Crowd>,
}

impl<'a> AtScope<'a> {
    /// Tells of the entries whose holder is the caller and whose role gives the operation, each with the number of its
    /// row, until it is enough.
    #[inline]
    pub(crate) fn matching(
        &self,
        caller: &Caller<'_>,
        roles: &GrantRow,
        mut found: impl FnMut(Entry, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        scan(self.entries, self.rows, caller, roles, &mut found)?;
        match self.crowd {
            Some(crowd) => crowd.search(caller, roles, &mut found),
            None => ControlFlow::Continue(()),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Entry, u32)> + use<'a> {
        let few = self.entries.iter().copied().zip(self.rows.iter().copied());
        few.chain(self.crowd.into_iter().flat_map(Crowd::iter))
    }
}

impl ScopeTable {
    pub(crate) fn new() -> ScopeTable {
        let mut table = ScopeTable { numbers: ShardedMap::default(), texts: List::default(), chunks: Paged::default() };
        table.push(Scope::root(), ROOT);
        table
    }

    /// The number of a scope; it and all above it get one.
    pub(crate) fn number(&mut self, scope: &Scope) -> u32 {
        if let Some(number) = self.numbers.get(scope) {
            return *number;
        }
        let parent = scope.parent().map_or(ROOT, |parent| self.number(&parent));
        self.push(scope.clone(), parent)
    }

    /// The number of a scope (its key), if it has one.
    pub(crate) fn known_number(&self, key: &str) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// The number of the nearest scope at or above this one that has one, and whether that is the scope itself.
    pub(crate) fn nearest(&self, scope: &Scope) -> (u32, bool) {
        if let Some(number) = self.known_number(scope.key()) {
            return (number, true);
        }
        (scope.ancestor_keys().find_map(|key| self.known_number(key)).unwrap_or(ROOT), false)
    }

    /// The scope of a number, spelled as it was first seen.
    pub(crate) fn scope(&self, number: u32) -> Option<&Scope> {
        self.texts.get(number as usize)
    }

    /// Every scope in the order of the numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.texts.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Puts a scope below another (a subscription below a management group).
    pub(crate) fn set_parent(&mut self, scope: &Scope, parent: &Scope) {
        let parent = self.number(parent);
        let number = self.number(scope);
        if let Some(place) = self.place_mut(number) {
            place.above = parent | (place.above & HAS_DENIES);
        }
    }

    /// Notes whether deny assignments were made at a scope.
    pub(crate) fn set_denies(&mut self, number: u32, has_denies: bool) {
        if let Some(place) = self.place_mut(number) {
            let flag = if has_denies { HAS_DENIES } else { 0 };
            place.above = (place.above & !HAS_DENIES) | flag;
        }
    }

    pub(crate) fn insert(&mut self, scope: u32, entry: Entry, row: u32) {
        let (chunk, at) = split(scope);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.insert(at, entry, row);
        }
    }

    /// Takes the entry of a row away.
    pub(crate) fn remove(&mut self, scope: u32, principal: u32, row: u32) {
        let (chunk, at) = split(scope);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.remove(at, principal, row);
        }
    }

    /// Enters many at once, into scopes that have none: `(scope, entry, row)`.
    pub(crate) fn fill(&mut self, entries: &[(u32, Entry, u32)]) {
        let mut starts = vec![0_usize; self.len() + 1];
        for (scope, ..) in entries {
            if let Some(count) = starts.get_mut(*scope as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut sorted = vec![(Entry { principal: 0, role: 0, condition: 0 }, 0); entries.len()];
        for (scope, entry, row) in entries {
            let Some(next) = next.get_mut(*scope as usize) else { continue };
            if let Some(place) = sorted.get_mut(*next) {
                *place = (*entry, *row);
            }
            *next += 1;
        }
        let chunks = self.chunks.iter().enumerate().map(|(number, chunk)| {
            let ends = starts.get(number * CHUNK + 1..).unwrap_or_default();
            let start = starts.get(number * CHUNK).copied().unwrap_or_default();
            chunk.filled(start, ends, &mut sorted)
        });
        self.chunks = chunks.collect();
    }

    /// The numbered scopes from this one up to `/`, nearest first.
    pub(crate) fn upwards(&self, scope: u32) -> Upwards<'_> {
        Upwards { table: self, next: Some(scope), steps: 0 }
    }

    pub(crate) fn at(&self, scope: u32) -> AtScope<'_> {
        let (chunk, at) = split(scope);
        match self.chunks.get(chunk) {
            Some(chunk) => chunk.at(at),
            None => AtScope { entries: &[], rows: &[], crowd: None },
        }
    }

    pub(crate) fn has_denies(&self, scope: u32) -> bool {
        self.place(scope).is_some_and(|place| place.above & HAS_DENIES != 0)
    }

    /// Bytes of the entries and of what leads to them.
    pub(crate) fn decision_bytes(&self) -> usize {
        self.chunks.bytes() + self.chunks.iter().map(Chunk::bytes).sum::<usize>()
    }

    /// Bytes of the texts and of the map from text to number.
    pub(crate) fn text_bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        let text = |scope: &Scope| scope.as_str().len() + scope.key().len() + 2 * counts;
        self.numbers.bytes() + self.texts.bytes() + self.iter().map(text).sum::<usize>()
    }

    fn parent(&self, scope: u32) -> u32 {
        self.place(scope).map_or(ROOT, |place| place.above & !HAS_DENIES)
    }

    fn place(&self, scope: u32) -> Option<Place> {
        let (chunk, at) = split(scope);
        self.chunks.get(chunk)?.places.get(at).copied()
    }

    fn place_mut(&mut self, scope: u32) -> Option<&mut Place> {
        let (chunk, at) = split(scope);
        self.chunks.get_mut(chunk)?.places.get_mut(at)
    }

    fn push(&mut self, scope: Scope, above: u32) -> u32 {
        let number = self.texts.len() as u32;
        let (chunk, _) = split(number);
        if chunk == self.chunks.len() {
            self.chunks.push(Chunk::default());
        }
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.places.push(Place { above, end: chunk.entries.len() as u32 });
        }
        self.texts.push(scope.clone());
        self.numbers.insert(scope, number);
        number
    }
}

impl Chunk {
    fn at(&self, at: usize) -> AtScope<'_> {
        let (start, end) = self.bounds(at);
        AtScope {
            entries: self.entries.get(start..end).unwrap_or_default(),
            rows: self.rows.get(start..end).unwrap_or_default(),
            crowd: self.crowd(at).and_then(|crowd| self.crowds.get(crowd)).map(|(_, crowd)| crowd),
        }
    }

    fn bounds(&self, at: usize) -> (usize, usize) {
        let end = |at: usize| self.places.get(at).map_or(0, |place| place.end as usize);
        (at.checked_sub(1).map_or(0, end), end(at))
    }

    fn crowd(&self, at: usize) -> Option<usize> {
        self.crowds.iter().position(|(place, _)| *place == at)
    }

    fn insert(&mut self, at: usize, entry: Entry, row: u32) {
        if let Some(crowd) = self.crowd(at) {
            if let Some((_, crowd)) = self.crowds.get_mut(crowd) {
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
            let entries: Vec<Entry> = self.entries.drain(start..=end).collect();
            let rows: Vec<u32> = self.rows.drain(start..=end).collect();
            self.places.iter_mut().skip(at).for_each(|place| place.end -= entries.len() as u32);
            self.crowds.push((at, Crowd::new(&entries, &rows)));
        }
    }

    fn remove(&mut self, at: usize, principal: u32, row: u32) {
        if let Some(crowd) = self.crowd(at) {
            if let Some((_, crowd)) = self.crowds.get_mut(crowd) {
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
    fn filled(&self, mut start: usize, ends: &[usize], sorted: &mut [(Entry, u32)]) -> Chunk {
        let mut chunk = Chunk { places: self.places.clone(), ..Chunk::default() };
        let all = ends.get(self.places.len().saturating_sub(1)).map_or(0, |end| end - start);
        chunk.entries.reserve_exact(all.min(CHUNK * CROWD));
        chunk.rows.reserve_exact(all.min(CHUNK * CROWD));
        for (at, (place, end)) in chunk.places.iter_mut().zip(ends).enumerate() {
            let here = sorted.get_mut(start..*end).unwrap_or_default();
            here.sort_unstable();
            if here.len() > CROWD {
                let (entries, rows): (Vec<Entry>, Vec<u32>) = here.iter().copied().unzip();
                chunk.crowds.push((at, Crowd::new(&entries, &rows)));
            } else {
                chunk.entries.extend(here.iter().map(|(entry, _)| *entry));
                chunk.rows.extend(here.iter().map(|(_, row)| *row));
            }
            place.end = chunk.entries.len() as u32;
            start = *end;
        }
        chunk.entries.shrink_to_fit();
        chunk.rows.shrink_to_fit();
        chunk
    }

    fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.rows.capacity() * size_of::<u32>()
            + self.crowds.capacity() * size_of::<(usize, Crowd)>()
            + self.crowds.iter().map(|(_, crowd)| crowd.bytes()).sum::<usize>()
    }
}

/// Chunk, and place in it.
fn split(number: u32) -> (usize, usize) {
    (number as usize / CHUNK, number as usize % CHUNK)
}

/// A walk to `/`.
pub(crate) struct Upwards<'a> {
    table: &'a ScopeTable,
    next: Option<u32>,
    steps: usize,
}

impl Iterator for Upwards<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let scope = self.next?;
        self.steps += 1;
        self.next = match scope {
            ROOT => None,
            _ if self.steps >= LONGEST_WALK => Some(ROOT),
            scope => Some(self.table.parent(scope)),
        };
        Some(scope)
    }
}
