//! Scopes by number: the text and the parent of each, and the assignments made at it.

use arm::Scope;

use super::entry::Entry;
use super::list::List;
use super::neighbours::{AtScope, Holder, Neighbours, SCOPES};
use super::paged::Paged;
use super::sharded::ShardedMap;
use super::shelf::Shelf;

/// The number of `/`.
pub(crate) const ROOT: u32 = 0;
/// A walk upwards ends here: ids have at most twenty levels, management groups a few; only a circle of management
/// groups is longer.
const LONGEST_WALK: usize = 128;

/// The scopes at which something is assigned, and all above them. A scope keeps its number when it is empty again.
#[derive(Clone)]
pub(crate) struct ScopeTable {
    numbers: ShardedMap<Scope, u32>,
    texts: List<Scope, SCOPES>,
    chunks: Paged<Neighbours>,
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
        if let Some(chunk) = self.chunks.get_mut(chunk(number)) {
            chunk.set_above(number, parent);
        }
    }

    /// Notes whether deny assignments were made at a scope.
    pub(crate) fn set_denies(&mut self, number: u32, has_denies: bool) {
        if let Some(chunk) = self.chunks.get_mut(chunk(number)) {
            chunk.set_denies(number, has_denies);
        }
    }

    pub(crate) fn insert(&mut self, scope: u32, holder: Holder, entry: Entry, row: u32) {
        if let Some(chunk) = self.chunks.get_mut(chunk(scope)) {
            chunk.insert(scope, holder, entry, row);
        }
    }

    /// Takes the entry of a row away.
    pub(crate) fn remove(&mut self, scope: u32, holder: Holder, principal: u32, row: u32) {
        if let Some(chunk) = self.chunks.get_mut(chunk(scope)) {
            chunk.remove(scope, holder, principal, row);
        }
    }

    /// Enters many at once, into scopes that have none: `(scope, entry, row)`, those of groups and those of others.
    pub(crate) fn fill(&mut self, groups: &[(u32, Entry, u32)], others: &[(u32, Entry, u32)]) {
        let (mut groups, mut others) = (Sorted::new(groups, self.len()), Sorted::new(others, self.len()));
        let chunks = self.chunks.iter().enumerate();
        self.chunks = chunks.map(|(at, chunk)| chunk.filled(groups.shelf(at), others.shelf(at))).collect();
    }

    /// The numbered scopes from this one up to `/`, nearest first, each with its number.
    pub(crate) fn upwards(&self, scope: u32) -> Upwards<'_> {
        Upwards { table: self, next: self.at(scope).map(|here| (scope, here)), steps: 0 }
    }

    pub(crate) fn at(&self, scope: u32) -> Option<AtScope<'_>> {
        self.chunks.get(chunk(scope))?.at(scope)
    }

    /// Bytes of the entries and of what leads to them.
    pub(crate) fn decision_bytes(&self) -> usize {
        self.chunks.bytes() + self.chunks.iter().map(Neighbours::decision_bytes).sum::<usize>()
    }

    /// Bytes of the entries that lists alone look at.
    pub(crate) fn list_bytes(&self) -> usize {
        self.chunks.iter().map(Neighbours::list_bytes).sum()
    }

    /// Bytes of the texts and of the map from text to number.
    pub(crate) fn text_bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        let text = |scope: &Scope| scope.as_str().len() + scope.key().len() + 2 * counts;
        self.numbers.bytes() + self.texts.bytes() + self.iter().map(text).sum::<usize>()
    }

    fn push(&mut self, scope: Scope, above: u32) -> u32 {
        let number = self.texts.len() as u32;
        if chunk(number) == self.chunks.len() {
            self.chunks.push(Neighbours::default());
        }
        if let Some(chunk) = self.chunks.get_mut(chunk(number)) {
            chunk.set_above(number, above);
        }
        self.texts.push(scope.clone());
        self.numbers.insert(scope, number);
        number
    }
}

/// The chunk that a scope is in.
fn chunk(number: u32) -> usize {
    number as usize / SCOPES
}

/// The entries of one sort of holders, those of each scope behind the others'.
struct Sorted {
    entries: Vec<(Entry, u32)>,
    /// Where those of each scope start, and behind all.
    starts: Vec<usize>,
}

impl Sorted {
    /// Of `(scope, entry, row)`, with scopes below `scopes`.
    fn new(entries: &[(u32, Entry, u32)], scopes: usize) -> Sorted {
        let mut starts = vec![0_usize; scopes + 1];
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
        Sorted { entries: sorted, starts }
    }

    /// The entries of the scopes of one chunk.
    fn shelf(&mut self, chunk: usize) -> Shelf {
        let start = self.starts.get(chunk * SCOPES).copied().unwrap_or_default();
        let ends = self.starts.get(chunk * SCOPES + 1..).unwrap_or_default();
        Shelf::filled(start, ends, &mut self.entries)
    }
}

/// A walk to `/`. The next scope is looked up before this one is looked at, so that the processor waits for both at once.
pub(crate) struct Upwards<'a> {
    table: &'a ScopeTable,
    next: Option<(u32, AtScope<'a>)>,
    steps: usize,
}

impl<'a> Upwards<'a> {
    /// The scope above. Often it is one of the same chunk.
    fn above(&self, scope: u32, here: AtScope<'a>) -> Option<(u32, AtScope<'a>)> {
        let above = match scope {
            ROOT => return None,
            _ if self.steps >= LONGEST_WALK => ROOT,
            _ => here.above(),
        };
        let place = if chunk(scope) == chunk(above) { here.neighbour(above) } else { self.table.at(above) };
        Some((above, place?))
    }
}

impl<'a> Iterator for Upwards<'a> {
    type Item = (u32, AtScope<'a>);

    #[inline]
    fn next(&mut self) -> Option<(u32, AtScope<'a>)> {
        let (scope, here) = self.next?;
        self.steps += 1;
        self.next = self.above(scope, here);
        Some((scope, here))
    }
}
