//! What conditions read of a request, kept in its journal record so that it can be decided again.

use rbac::{Attributes, Denial, Grant, RolePermission, Snapshot, Values};
use store::ConditionInputs;

/// More than this is not kept, bytes of names and values: the attributes of a role assignment have a tenth of it, and a
/// record has a limit of its own that a request must not be able to reach.
const KEPT_BYTES_MAX: usize = 8 * 1024;

/// What was read, where the grant of a permit has a condition.
pub(crate) fn of_grant(grant: &Grant, attributes: &Attributes, access: &Snapshot) -> Option<ConditionInputs> {
    let Grant::Assignment { assignment, role, .. } = grant else { return None };
    // Inference says nothing that a condition could read: its every request must not look its assignment up.
    if attributes.request.is_empty() && attributes.resource.is_empty() {
        return None;
    }
    let on_role = access.role(*role).is_some_and(|role| any_condition(&role.permissions));
    let on_assignment = || access.assignment(assignment).is_some_and(|assignment| assignment.condition.is_some());
    if on_role || on_assignment() { kept(attributes) } else { None }
}

/// What was read, where a condition kept a grant from counting, or is a deny assignment's.
pub(crate) fn of_denial(denial: &Denial, attributes: &Attributes, access: &Snapshot) -> Option<ConditionInputs> {
    let deny = denial.deny_assignment.as_ref().and_then(|deny| access.deny_assignment(&deny.id));
    let on_deny = deny.is_some_and(|deny| deny.condition.is_some() || any_condition(&deny.permissions));
    if on_deny || denial.misses.condition_false.is_some() { kept(attributes) } else { None }
}

fn any_condition(permissions: &[RolePermission]) -> bool {
    permissions.iter().any(|permission| permission.condition.is_some())
}

/// Of the caller and of the time there is nothing to keep: the record names both.
fn kept(attributes: &Attributes) -> Option<ConditionInputs> {
    let bytes = size(&attributes.request) + size(&attributes.resource);
    let is_kept = (1..=KEPT_BYTES_MAX).contains(&bytes);
    is_kept.then(|| ConditionInputs { request: attributes.request.clone(), resource: attributes.resource.clone() })
}

fn size(values: &Values) -> usize {
    values.iter().map(|(name, values)| name.len() + values.iter().map(String::len).sum::<usize>()).sum()
}
