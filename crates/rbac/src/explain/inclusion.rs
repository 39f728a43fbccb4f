//! Does a list of permission objects include an action, and which of their texts says so?

use serde::Serialize;

use crate::action_pattern::ActionPattern;
use crate::role_definition::RolePermission;

/// The permission object of a role or deny assignment that includes the action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchedPermission {
    /// Its position in `permissions`.
    pub index: usize,
    /// The first of its `actions` or `dataActions` that includes the action.
    pub pattern: String,
}

/// What permission objects say of an action.
pub(super) enum Inclusion<'a> {
    /// None names it.
    Absent,
    /// One would include it, and takes it out again.
    Removed { permission: MatchedPermission, not_action: &'a str },
    /// These include it.
    Included(Vec<Including<'a>>),
}

/// One object that includes the action.
pub(super) struct Including<'a> {
    pub(super) permission: MatchedPermission,
    pub(super) condition: Option<&'a str>,
}

/// `key` is the action string in lower case. As in the index, the empty action and one with a wildcard are in nothing.
pub(super) fn inclusion<'a>(permissions: &'a [RolePermission], key: &str, is_data: bool) -> Inclusion<'a> {
    let (mut including, mut removed) = (Vec::new(), None);
    if key.is_empty() || key.contains('*') {
        return Inclusion::Absent;
    }
    for (index, object) in permissions.iter().enumerate() {
        let (given, taken) = match is_data {
            false => (&object.actions, &object.not_actions),
            true => (&object.data_actions, &object.not_data_actions),
        };
        let Some(pattern) = first_match(given, key) else {
            continue;
        };
        let permission = MatchedPermission { index, pattern: pattern.to_owned() };
        match first_match(taken, key) {
            None => including.push(Including { permission, condition: object.condition.as_deref() }),
            Some(not_action) => removed = removed.or(Some((permission, not_action))),
        }
    }
    match (including.is_empty(), removed) {
        (false, _) => Inclusion::Included(including),
        (true, Some((permission, not_action))) => Inclusion::Removed { permission, not_action },
        (true, None) => Inclusion::Absent,
    }
}

fn first_match<'a>(patterns: &'a [String], key: &str) -> Option<&'a str> {
    patterns.iter().map(|text| text.trim()).find(|text| ActionPattern::new(text).matches_key(key))
}
