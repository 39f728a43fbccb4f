//! What came near, where nothing grants.

use std::cmp::Reverse;

use serde::Serialize;

use super::condition::{ConditionReport, Judged};
use super::holding::Holding;
use super::inclusion::{Inclusion, MatchedPermission};
use super::inquiry::Inquiry;
use crate::role_assignment::RoleAssignment;

/// An explanation names this many near misses of a kind: more would hide the nearest.
const MOST_NAMED: usize = 5;

/// What came near, of each kind the nearest few.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NearestMisses {
    /// Is the principal not in the directory? Then no assignment counts for it.
    pub principal_unknown: bool,
    /// Grants here whose conditions do not hold.
    pub condition_not_met: Vec<ConditionMissTrace>,
    /// Roles held here that would include the action, had a `notActions` entry not removed it.
    pub removed_by_not_action: Vec<NotActionMiss>,
    /// Roles held here that include the same action string on the other plane.
    pub other_plane: Vec<PlaneMiss>,
    /// The same action, granted where it does not reach.
    pub elsewhere: Vec<Holding>,
    /// Roles held here that do not include the action.
    pub lacking: Vec<Holding>,
}

/// A grant whose condition does not hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionMissTrace {
    /// Which, and how the caller comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// What in the role includes the action.
    pub permission: MatchedPermission,
    /// The conditions on the way, at least one of which does not hold.
    pub conditions: Vec<ConditionReport>,
}

/// A role that would include the action, had an entry of `notActions` or `notDataActions` not removed it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotActionMiss {
    /// Which, and how the caller comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// What in the role would include the action.
    pub permission: MatchedPermission,
    /// The entry that removes it.
    pub not_action: String,
}

/// A role that includes the action string on the other plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaneMiss {
    /// Which, and how the caller comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// What in the role includes it there.
    pub permission: MatchedPermission,
}

impl NearestMisses {
    /// Takes note of a grant that only a condition keeps from counting.
    pub(super) fn note_condition(&mut self, holding: Holding, judged: Judged) {
        let (permission, conditions) = (judged.permission, judged.conditions);
        self.condition_not_met.push(ConditionMissTrace { holding, permission, conditions });
    }

    /// Takes note of an assignment that reaches the target and does not include the action.
    pub(super) fn note_held(&mut self, holding: Holding, assignment: &RoleAssignment, inquiry: &Inquiry<'_>) {
        if let Inclusion::Removed { permission, not_action } = inquiry.in_role(assignment.role) {
            let not_action = not_action.to_owned();
            self.removed_by_not_action.push(NotActionMiss { holding, permission, not_action });
            return;
        }
        if let Inclusion::Included(objects) = inquiry.in_role_on_other_plane(assignment.role)
            && let Some(object) = objects.into_iter().next()
        {
            self.other_plane.push(PlaneMiss { holding, permission: object.permission });
            return;
        }
        self.lacking.push(holding);
    }

    /// Puts the nearest first and drops what is far.
    pub(super) fn keep_nearest(&mut self, inquiry: &Inquiry<'_>) {
        let distance = |holding: &Holding| (inquiry.distance(&holding.scope), holding.assignment.clone());
        self.condition_not_met.sort_by_cached_key(|miss| distance(&miss.holding));
        self.removed_by_not_action.sort_by_cached_key(|miss| distance(&miss.holding));
        self.other_plane.sort_by_cached_key(|miss| distance(&miss.holding));
        self.lacking.sort_by_cached_key(distance);
        self.elsewhere.sort_by_cached_key(|holding| {
            (Reverse(inquiry.shared_levels(&holding.scope)), holding.scope.clone(), holding.assignment.clone())
        });
        self.condition_not_met.truncate(MOST_NAMED);
        self.removed_by_not_action.truncate(MOST_NAMED);
        self.other_plane.truncate(MOST_NAMED);
        self.elsewhere.truncate(MOST_NAMED);
        self.lacking.truncate(MOST_NAMED);
    }
}
