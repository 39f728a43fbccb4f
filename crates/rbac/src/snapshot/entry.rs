//! One role assignment in eight bytes, and who asks.

use std::ops::ControlFlow;

/// Up to this many ids (the caller and its groups) a scan of them beats searching.
const LINEAR_IDS: usize = 16;
/// Marks of a caller: of twenty groups' marks a stranger's entry hits one in fifty.
const MARKS: usize = 1024;
/// So many entries are looked at before it is asked whether one of them hit.
const BLOCK: usize = 4;

/// Ordered by principal, then role. `condition` is a number of the guard table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) principal: u32,
    pub(crate) role: u16,
    pub(crate) condition: u16,
}

/// The caller and its groups.
pub(crate) struct Caller<'a> {
    /// Sorted; empty for a principal that is not in the directory.
    pub(crate) ids: &'a [u32],
    /// One at `id % 1024` of each.
    marks: [u8; MARKS],
}

impl<'a> Caller<'a> {
    pub(crate) fn new(ids: &'a [u32]) -> Caller<'a> {
        let mut marks = [0; MARKS];
        for id in ids {
            if let Some(mark) = marks.get_mut(*id as usize % MARKS) {
                *mark = 1;
            }
        }
        Caller { ids, marks }
    }

    /// Might it be the caller or one of its groups? Not if this is zero.
    #[inline]
    fn mark(&self, id: u32) -> u8 {
        self.marks.get(id as usize % MARKS).copied().unwrap_or_default()
    }

    fn lists(&self, id: u32) -> bool {
        if self.ids.len() <= LINEAR_IDS { self.ids.contains(&id) } else { self.ids.binary_search(&id).is_ok() }
    }
}

/// Tells of the entries whose holder is the caller and whose role is asked for, each with the number of its row, until it
/// is enough.
#[inline]
pub(crate) fn scan(
    entries: &[Entry],
    rows: &[u32],
    caller: &Caller<'_>,
    is_asked_for: impl Fn(u16) -> bool,
    found: &mut impl FnMut(Entry, u32) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let (blocks, rest) = entries.as_chunks::<BLOCK>();
    let mut look_at = |block: &[Entry], start: usize| {
        for (at, entry) in block.iter().enumerate() {
            if caller.mark(entry.principal) != 0
                && is_asked_for(entry.role)
                && caller.lists(entry.principal)
                && let Some(row) = rows.get(start + at)
            {
                found(*entry, *row)?;
            }
        }
        ControlFlow::Continue(())
    };
    for (number, block) in blocks.iter().enumerate() {
        if block.iter().fold(0, |marks, entry| marks | caller.mark(entry.principal)) != 0 {
            look_at(block, number * BLOCK)?;
        }
    }
    look_at(rest, blocks.len() * BLOCK)
}
