//! One role assignment in eight bytes, and the search among those of a scope.

use super::roles::GrantRow;

/// Up to this many entries a scan beats searching; beyond it, a scope with thousands of assignments would cost every
/// decision below it thousands of steps.
const LINEAR_ENTRIES: usize = 256;
/// Up to this many ids (the caller and its groups) a scan of them beats searching.
const LINEAR_IDS: usize = 32;

/// Ordered by principal, then role. `condition` is a number of the guard table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) principal: u32,
    pub(crate) role: u16,
    pub(crate) condition: u16,
}

/// The positions of the entries whose role gives the operation and whose holder is one of `ids` (sorted).
pub(crate) fn matching<'a>(
    entries: &'a [Entry],
    ids: &'a [u32],
    row: &'a GrantRow,
) -> impl Iterator<Item = usize> + 'a {
    let (scanned, searched) = if entries.len() <= LINEAR_ENTRIES { (entries, &[][..]) } else { (&[][..], entries) };
    let scan = scanned
        .iter()
        .enumerate()
        .filter(|(_, entry)| row.gives(entry.role) && holds(ids, entry.principal))
        .map(|(at, _)| at);
    let search = ids.iter().scan(0, |from, id| {
        let range = held_by(searched, *id, *from);
        *from = range.end;
        Some(range)
    });
    let search = search.flatten().filter(|at| searched.get(*at).is_some_and(|entry| row.gives(entry.role)));
    scan.chain(search)
}

fn holds(ids: &[u32], id: u32) -> bool {
    if ids.len() <= LINEAR_IDS { ids.contains(&id) } else { ids.binary_search(&id).is_ok() }
}

/// The entries of one holder, at or after `from`: doubling steps, then halving ones.
fn held_by(entries: &[Entry], id: u32, from: usize) -> std::ops::Range<usize> {
    let rest = entries.get(from..).unwrap_or_default();
    let mut step = 1;
    while rest.get(step).is_some_and(|entry| entry.principal < id) {
        step *= 2;
    }
    let near = rest.get(..rest.len().min(step + 1)).unwrap_or_default();
    let start = near.partition_point(|entry| entry.principal < id);
    let held = rest.get(start..).unwrap_or_default();
    let count = held.iter().take_while(|entry| entry.principal == id).count();
    from + start..from + start + count
}
