//! One role assignment in eight bytes, and how entries are looked through.

use std::ops::ControlFlow;

use super::caller::Caller;
use super::sieve::word_of;

/// So many entries are looked at before it is asked whether one of them hit: one bit of a word for each.
const BLOCK: usize = u32::BITS as usize;

/// Who holds which role under which condition. `condition` is a number of the guard table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) principal: u32,
    pub(crate) role: u16,
    pub(crate) condition: u16,
}

impl Entry {
    /// The order of the entries of one scope: those of one word of a sieve behind each other.
    pub(super) fn order(&self) -> (usize, Entry) {
        (word_of(self.principal), *self)
    }
}

/// Tells of the entries whose holder is the caller and whose role is asked for, each with the number of its row, until it
/// is enough.
#[inline]
pub(super) fn scan(
    entries: &[Entry],
    rows: &[u32],
    caller: &Caller<'_>,
    is_asked_for: &impl Fn(u16) -> bool,
    found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (entries, rows) in entries.chunks(BLOCK).zip(rows.chunks(BLOCK)) {
        let mark = |entry: &Entry| u32::from(caller.marks.has(entry.principal));
        let mut hits = entries.iter().enumerate().fold(0, |hits, (at, entry)| hits | (mark(entry) << at));
        while hits != 0 {
            let at = hits.trailing_zeros() as usize;
            if let (Some(entry), Some(row)) = (entries.get(at), rows.get(at))
                && is_asked_for(entry.role)
                && caller.lists(entry.principal)
            {
                found(*entry, *row)?;
            }
            hits &= hits - 1;
        }
    }
    ControlFlow::Continue(())
}
