//! The role assignments that grant a request.

use std::cmp::Reverse;

use arm::Scope;
use serde::Serialize;

use super::condition::{ConditionReport, Judged};
use super::holding::Holding;
use super::inclusion::MatchedPermission;
use super::inquiry::Inquiry;

/// A role assignment that grants.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantTrace {
    /// Which, and how the caller comes to it.
    #[serde(flatten)]
    pub holding: Holding,
    /// What in the role includes the action.
    pub permission: MatchedPermission,
    /// The conditions on the way, all of which hold; empty without any.
    pub conditions: Vec<ConditionReport>,
    /// Is it the one that the decision names?
    pub used: bool,
}

impl GrantTrace {
    pub(super) fn new(holding: Holding, judged: Judged) -> GrantTrace {
        GrantTrace { holding, permission: judged.permission, conditions: judged.conditions, used: false }
    }
}

/// Puts the one that the decision names first, then the nearest.
pub(super) fn in_order(mut grants: Vec<GrantTrace>, used: Option<&Scope>, inquiry: &Inquiry<'_>) -> Vec<GrantTrace> {
    for grant in &mut grants {
        grant.used = used == Some(&grant.holding.assignment);
    }
    grants.sort_by_cached_key(|grant| {
        (Reverse(grant.used), inquiry.distance(&grant.holding.scope), grant.holding.assignment.clone())
    });
    grants
}
