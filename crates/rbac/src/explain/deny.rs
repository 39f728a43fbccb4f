//! The deny assignments that block a request.

use std::cmp::Reverse;

use arm::Scope;
use serde::Serialize;
use uuid::Uuid;

use super::condition::{ConditionReport, Outlook};
use super::group_paths::GroupPaths;
use super::inclusion::MatchedPermission;
use super::inquiry::Inquiry;
use super::meant::{MatchedAs, Meant};

/// A deny assignment that blocks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DenyTrace {
    /// Its id.
    pub id: Scope,
    /// Its name.
    pub name: String,
    /// Where it was made.
    pub scope: Scope,
    /// What in it includes the action.
    pub permission: MatchedPermission,
    /// Whom it names.
    pub matched_as: MatchedAs,
    /// The shortest way from the caller to the group that it names; empty otherwise.
    pub group_path: Vec<Uuid>,
    /// The conditions on the way; empty without any.
    pub conditions: Vec<ConditionReport>,
    /// Does it block only because a condition cannot be decided?
    pub undecided: bool,
    /// Is it the one that the decision names?
    pub used: bool,
}

/// Those that block the principal, the one that the decision names first, then the nearest.
pub(super) fn denies(
    inquiry: &Inquiry<'_>,
    principal: Uuid,
    groups: &GroupPaths,
    used: Option<&Scope>,
) -> Vec<DenyTrace> {
    let mut found = Vec::new();
    for deny in inquiry.snapshot.deny_assignments() {
        let Some(meant) = Meant::by(deny, principal, groups) else {
            continue;
        };
        let Some(judged) = inquiry.denied_by(deny).filter(|judged| judged.outlook != Outlook::Never) else {
            continue;
        };
        found.push(DenyTrace {
            id: deny.id.clone(),
            name: deny.name.clone(),
            scope: deny.scope.clone(),
            undecided: judged.is_undecided(),
            permission: judged.permission,
            matched_as: meant.matched_as,
            group_path: meant.group.map(|group| groups.to(group)).unwrap_or_default(),
            conditions: judged.conditions,
            used: used == Some(&deny.id),
        });
    }
    found.sort_by_cached_key(|deny| (Reverse(deny.used), inquiry.distance(&deny.scope), deny.id.clone()));
    found
}
