//! Scopes by number: the parent of each, and the assignments made at it.

use std::sync::Arc;

use arm::Scope;

use super::entry::Entry;
use super::sharded::ShardedMap;
use crate::role_assignment::RoleAssignment;

/// The number of `/`.
pub(crate) const ROOT: u32 = 0;
/// One edit copies the scopes of one chunk.
const CHUNK: usize = 256;
/// A walk upwards ends here: ids have at most twenty levels, management groups a few; only a circle of management
/// groups is longer.
const LONGEST_WALK: usize = 128;

/// The scopes at which something is assigned, and all above them. A scope keeps its number when it is empty again.
#[derive(Clone)]
pub(crate) struct ScopeTable {
    numbers: ShardedMap<Scope, u32>,
    chunks: Arc<Vec<Arc<Chunk>>>,
    len: u32,
}

/// 256 scopes, their entries one behind the other.
#[derive(Clone, Default)]
struct Chunk {
    parents: Vec<u32>,
    /// Where each scope's entries end.
    ends: Vec<u32>,
    entries: Vec<Entry>,
    /// The assignment of each entry.
    assignments: Vec<Arc<RoleAssignment>>,
}

/// The entries of one scope, and their assignments.
pub(crate) type AtScope<'a> = (&'a [Entry], &'a [Arc<RoleAssignment>]);

impl ScopeTable {
    pub(crate) fn new() -> ScopeTable {
        let mut table = ScopeTable { numbers: ShardedMap::new(), chunks: Arc::default(), len: 0 };
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

    /// Puts a scope below another (a subscription below a management group).
    pub(crate) fn set_parent(&mut self, scope: &Scope, parent: &Scope) {
        let parent = self.number(parent);
        let (chunk, at) = split(self.number(scope));
        if let Some(slot) = self.chunk_mut(chunk).and_then(|chunk| chunk.parents.get_mut(at)) {
            *slot = parent;
        }
    }

    /// Adds the entries of a fresh table, each with its scope.
    pub(crate) fn fill(&mut self, mut entries: Vec<(u32, Entry, Arc<RoleAssignment>)>) {
        entries.sort_by_key(|(scope, entry, _)| (*scope, *entry));
        let chunks = Arc::make_mut(&mut self.chunks);
        for (scope, entry, assignment) in entries {
            let (chunk, at) = split(scope);
            let Some(chunk) = chunks.get_mut(chunk).map(Arc::make_mut) else {
                continue;
            };
            chunk.entries.push(entry);
            chunk.assignments.push(assignment);
            let end = chunk.entries.len() as u32;
            // The list is sorted by scope: everything behind this scope is still empty.
            chunk.ends.iter_mut().skip(at).for_each(|slot| *slot = end);
        }
    }

    pub(crate) fn insert(&mut self, scope: u32, entry: Entry, assignment: Arc<RoleAssignment>) {
        let (chunk, at) = split(scope);
        let Some(chunk) = self.chunk_mut(chunk) else {
            return;
        };
        let (start, end) = chunk.bounds(at);
        let here = chunk.entries.get(start..end).unwrap_or_default();
        let place = start + here.partition_point(|other| *other < entry);
        chunk.entries.insert(place, entry);
        chunk.assignments.insert(place, assignment);
        chunk.ends.iter_mut().skip(at).for_each(|end| *end += 1);
    }

    pub(crate) fn remove(&mut self, assignment: &Arc<RoleAssignment>) {
        let Some(number) = self.numbers.get(&assignment.scope) else {
            return;
        };
        let (chunk, at) = split(*number);
        let Some(chunk) = self.chunk_mut(chunk) else {
            return;
        };
        let (start, end) = chunk.bounds(at);
        let here = chunk.assignments.get(start..end).unwrap_or_default();
        let Some(place) = here.iter().position(|other| Arc::ptr_eq(other, assignment)) else {
            return;
        };
        let place = start + place;
        chunk.entries.remove(place);
        chunk.assignments.remove(place);
        chunk.ends.iter_mut().skip(at).for_each(|end| *end -= 1);
    }

    /// The numbered scopes from this one up to `/`, nearest first.
    pub(crate) fn upwards(&self, scope: &Scope) -> Upwards<'_> {
        let nearest = scope.ancestor_keys().find_map(|key| self.numbers.get(key).copied());
        Upwards { table: self, next: Some(nearest.unwrap_or(ROOT)), steps: 0 }
    }

    pub(crate) fn at(&self, scope: u32) -> AtScope<'_> {
        let (chunk, at) = split(scope);
        let Some(chunk) = self.chunks.get(chunk) else {
            return (&[], &[]);
        };
        let (start, end) = chunk.bounds(at);
        (chunk.entries.get(start..end).unwrap_or_default(), chunk.assignments.get(start..end).unwrap_or_default())
    }

    fn parent(&self, scope: u32) -> u32 {
        let (chunk, at) = split(scope);
        self.chunks.get(chunk).and_then(|chunk| chunk.parents.get(at)).copied().unwrap_or(ROOT)
    }

    fn push(&mut self, scope: Scope, parent: u32) -> u32 {
        let number = self.len;
        let chunks = Arc::make_mut(&mut self.chunks);
        if split(number).0 >= chunks.len() {
            chunks.push(Arc::default());
        }
        if let Some(chunk) = chunks.last_mut().map(Arc::make_mut) {
            chunk.parents.push(parent);
            chunk.ends.push(chunk.entries.len() as u32);
        }
        self.numbers.insert(scope, number);
        self.len += 1;
        number
    }

    fn chunk_mut(&mut self, chunk: usize) -> Option<&mut Chunk> {
        Arc::make_mut(&mut self.chunks).get_mut(chunk).map(Arc::make_mut)
    }
}

impl Chunk {
    fn bounds(&self, at: usize) -> (usize, usize) {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        (at.checked_sub(1).map_or(0, end), end(at))
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
