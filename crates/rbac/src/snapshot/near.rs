//! What came near, where nothing granted. Bounded: whoever is refused may ask as often as they like, and a refusal must
//! not cost more where more is held.

use std::ops::ControlFlow;

use arm::Scope;

use super::assigned::Assigned;
use super::caller::Caller;
use super::people::Held;
use super::question::Question;
use super::roles::GrantRow;

/// Of a kind of near miss so many are named: more would hide the nearest.
const MOST_NAMED: usize = 3;
/// Of the roles held at or above the target so many are looked at, the nearest first. Azure allows 500 assignments for a
/// management group and 4 000 in a subscription, to everybody together; nobody needs a hundred there.
const MOST_HELD: usize = 128;
/// Assignments that are held elsewhere are looked for with the principal and so many of its groups: each is somewhere
/// else in memory. A token names 200 groups at most.
const MOST_HOLDERS: usize = 200;
/// So many of the assignments of all of them are looked at for their role: some nanoseconds each.
const MOST_LOOKED_AT: usize = 512;
/// Of those whose role gives the operation so many are compared by where they were made, half a microsecond each: the ones
/// whose scopes are numbered nearest to the target. Most numbers follow the order of the texts.
const MOST_COMPARED: usize = 8;

/// What came near, as few as are named, the nearest first.
pub(crate) struct Near<'a> {
    /// Held at or above the target, and not including the operation.
    pub(crate) held: Vec<Assigned<'a>>,
    /// Including the operation, and made where they do not reach the target.
    pub(crate) elsewhere: Vec<Assigned<'a>>,
    /// Does a role that is held at or above the target include the same action on the other plane?
    pub(crate) other_plane: bool,
    /// How many groups the principal is in.
    pub(crate) groups: usize,
    /// Was more held than was looked at?
    pub(crate) is_cut: bool,
}

/// An assignment that does not reach the target.
struct Elsewhere<'a> {
    /// How many places are above both.
    shared: usize,
    scope: Option<&'a Scope>,
    held: Held,
}

impl<'a> Question<'a> {
    /// What came near.
    pub(crate) fn near(&self) -> Near<'a> {
        let caller = self.caller(|role| !self.operation.row.gives(role));
        let (held, is_held_cut) = self.held_here(&caller);
        let (elsewhere, is_elsewhere_cut) = self.held_elsewhere(&caller);
        Near {
            other_plane: self.is_on_other_plane(&held),
            held: self.nearest_held(&held),
            elsewhere,
            groups: caller.ids.len().saturating_sub(1),
            is_cut: is_held_cut || is_elsewhere_cut,
        }
    }

    /// The assignments at or above the target whose role does not include the operation, nearest first, and whether there
    /// are more.
    fn held_here(&self, caller: &Caller<'_>) -> (Vec<Held>, bool) {
        let mut held = Vec::new();
        let lacks = |role| !self.operation.row.gives(role);
        for (scope, here) in self.snapshot.scopes.upwards(self.scope) {
            let walked = here.matching(caller, lacks, |entry, row| match held.len() {
                MOST_HELD => ControlFlow::Break(()),
                _ => {
                    held.push(Held { scope, row, role: entry.role, condition: entry.condition });
                    ControlFlow::Continue(())
                }
            });
            if walked.is_break() {
                return (held, true);
            }
        }
        (held, false)
    }

    /// Does one of their roles include the action on the other plane? Few roles are read, where a row of the operation
    /// there would be made from all.
    fn is_on_other_plane(&self, held: &[Held]) -> bool {
        let mut roles: Vec<u16> = held.iter().map(|held| held.role).collect();
        roles.sort_unstable();
        roles.dedup();
        let (key, is_data) = (self.key(), self.operation.is_data);
        !key.is_empty() && roles.iter().any(|role| self.snapshot.roles.includes(*role, key, !is_data))
    }

    /// By scope, the last text first, which is the lowest place; at one scope by the name of the role, each role once.
    fn nearest_held(&self, held: &[Held]) -> Vec<Assigned<'a>> {
        let by_scope = held.chunk_by(|one, other| one.scope == other.scope);
        let text = |held: &[Held]| held.first().and_then(|first| self.snapshot.scopes.scope(first.scope));
        let mut by_scope: Vec<&[Held]> = by_scope.collect();
        by_scope.sort_by(|one, other| text(other).cmp(&text(one)));
        let mut nearest = Vec::new();
        for at_scope in by_scope {
            let mut at_scope: Vec<_> = at_scope.iter().map(|held| self.snapshot.assigned(held.row)).collect();
            at_scope.sort_by_cached_key(|held| self.snapshot.role_name(held.role()));
            at_scope.dedup_by_key(|held| held.role());
            nearest.extend(at_scope);
            if nearest.len() >= MOST_NAMED {
                break;
            }
        }
        nearest.truncate(MOST_NAMED);
        nearest
    }

    /// The assignments of the caller that include the operation and do not reach the target, those that share most places
    /// with it, and whether others were not looked at.
    fn held_elsewhere(&self, caller: &Caller<'_>) -> (Vec<Assigned<'a>>, bool) {
        let chain: Vec<u32> = self.snapshot.scopes.upwards(self.scope).map(|(scope, _)| scope).collect();
        let (mut found, is_cut) = self.including(caller, &chain);
        if found.is_empty() {
            return (Vec::new(), is_cut);
        }
        if found.len() > MOST_COMPARED {
            found.select_nth_unstable_by_key(MOST_COMPARED, |held| (held.scope.abs_diff(self.scope), held.row));
            found.truncate(MOST_COMPARED);
        }
        let levels = self.levels(&chain);
        let mut nearest: Vec<Elsewhere<'_>> = Vec::with_capacity(MOST_NAMED + 1);
        for held in found {
            let mut upwards = self.snapshot.scopes.upwards(held.scope);
            let met = upwards.find_map(|(scope, _)| chain.iter().position(|above| *above == scope));
            let shared = met.and_then(|met| levels.get(met)).copied().unwrap_or_default();
            let one = Elsewhere { shared, scope: self.snapshot.scopes.scope(held.scope), held };
            let at = nearest.partition_point(|other| self.is_nearer(other, &one));
            nearest.insert(at, one);
            nearest.truncate(MOST_NAMED);
        }
        (nearest.into_iter().map(|one| self.snapshot.assigned(one.held.row)).collect(), is_cut)
    }

    /// Does the one share more places with the target than the other? Where they share as many: is its scope's text
    /// first, then its role?
    fn is_nearer(&self, one: &Elsewhere<'_>, other: &Elsewhere<'_>) -> bool {
        let role = |elsewhere: &Elsewhere<'_>| self.snapshot.assigned(elsewhere.held.row).role();
        let by_place = other.shared.cmp(&one.shared).then_with(|| one.scope.cmp(&other.scope));
        by_place.then_with(|| role(one).cmp(&role(other))).is_lt()
    }

    /// All such assignments: the caller's own first, then its groups', as many as may be looked at.
    fn including(&self, caller: &Caller<'_>, chain: &[u32]) -> (Vec<Held>, bool) {
        let (holders, is_cut) = self.holders(caller);
        let roles: &GrantRow = &self.operation.row;
        let is_near = |held: &&Held| roles.gives(held.role) && !chain.contains(&held.scope);
        let held = holders.into_iter().flatten().take(MOST_LOOKED_AT);
        (held.filter(is_near).copied().collect(), is_cut)
    }

    /// What each of the first holders holds, until it is as much as may be looked at. They are all found before anything
    /// is looked at, so that the processor waits for several of them at once.
    fn holders(&self, caller: &Caller<'_>) -> (Vec<&'a [Held]>, bool) {
        let own = caller.ids.iter().filter(|id| **id == self.principal);
        let ids = own.chain(caller.ids.iter().filter(|id| **id != self.principal)).take(MOST_HOLDERS);
        let (mut holders, mut held) = (Vec::new(), 0);
        for of_one in ids.map(|id| self.snapshot.people.held(*id)) {
            held += of_one.len();
            holders.push(of_one);
            if held > MOST_LOOKED_AT {
                return (holders, true);
            }
        }
        (holders, caller.ids.len() > MOST_HOLDERS)
    }

    /// For each scope of the chain, how many of the places in its text are in the chain.
    fn levels(&self, chain: &[u32]) -> Vec<usize> {
        let scopes: Vec<_> = chain.iter().filter_map(|number| self.snapshot.scopes.scope(*number)).collect();
        let level = |scope: &_| scopes.iter().filter(|above| above.contains(scope)).count();
        scopes.iter().map(|scope| level(scope)).collect()
    }
}
