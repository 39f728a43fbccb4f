//! The shortest ways from a principal to the groups that it is in.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use crate::snapshot::Snapshot;

/// Every group that a principal is in, with the member of it that is nearest to the principal.
pub(super) struct GroupPaths {
    /// None for one that is not in the directory: nothing is held by it, and it is in nothing.
    from: Option<Uuid>,
    member_before: HashMap<Uuid, Uuid>,
}

impl GroupPaths {
    /// Looks the groups up, nearest first; of two ways of the same length the one through the smaller ids is kept.
    pub(super) fn of(principal: Uuid, snapshot: &Snapshot) -> GroupPaths {
        let mut member_before = HashMap::new();
        let from = snapshot.kind_of(principal).map(|_| principal);
        let mut next: VecDeque<Uuid> = from.into_iter().collect();
        while let Some(member) = next.pop_front() {
            for group in snapshot.direct_groups_of(member) {
                if group != principal && !member_before.contains_key(&group) {
                    member_before.insert(group, member);
                    next.push_back(group);
                }
            }
        }
        GroupPaths { from, member_before }
    }

    /// Is this the principal, or a group that it is in?
    pub(super) fn reach(&self, holder: Uuid) -> bool {
        self.from == Some(holder) || self.member_before.contains_key(&holder)
    }

    /// The principal, and each group that it is in.
    pub(super) fn holders(&self) -> impl Iterator<Item = Uuid> {
        self.from.into_iter().chain(self.member_before.keys().copied())
    }

    /// Each group from the principal to the holder, the holder last; empty for the principal itself.
    pub(super) fn to(&self, holder: Uuid) -> Vec<Uuid> {
        let mut path = Vec::new();
        let mut at = holder;
        while self.from != Some(at)
            && let Some(member) = self.member_before.get(&at)
        {
            path.push(at);
            at = *member;
        }
        path.reverse();
        path
    }
}
