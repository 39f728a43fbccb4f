//! Whom a deny assignment means.

use serde::Serialize;
use uuid::Uuid;

use super::group_paths::GroupPaths;
use crate::deny_assignment::DenyAssignment;

/// Whom a deny assignment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchedAs {
    /// The caller itself.
    Principal,
    /// A group that the caller is in.
    Group,
    /// All principals.
    Everybody,
}

/// How a deny assignment means a principal.
pub(super) struct Meant {
    pub(super) matched_as: MatchedAs,
    /// The group that it names; of several the nearest.
    pub(super) group: Option<Uuid>,
}

impl Meant {
    /// None for a principal that it does not name, and for one that is excluded or in a group that is.
    pub(super) fn by(deny: &DenyAssignment, principal: Uuid, groups: &GroupPaths) -> Option<Meant> {
        if deny.exclude_principals.iter().any(|excluded| groups.reach(*excluded)) {
            return None;
        }
        if deny.principals.contains(&principal) && groups.reach(principal) {
            return Some(Meant { matched_as: MatchedAs::Principal, group: None });
        }
        let named = deny.principals.iter().filter(|named| groups.reach(**named));
        let nearest = named.map(|group| (groups.to(*group).len(), *group)).min();
        match nearest {
            Some((_, group)) => Some(Meant { matched_as: MatchedAs::Group, group: Some(group) }),
            None if deny.principals.contains(&DenyAssignment::ALL_PRINCIPALS) => {
                Some(Meant { matched_as: MatchedAs::Everybody, group: None })
            }
            None => None,
        }
    }
}
