//! What moving a group or a subscription needs besides the right to write the row itself. Source: Azure's page on moving
//! management groups and subscriptions, with its exception: the root group, where everything begins, asks nobody.

use access::Linked;
use arm::Scope;
use rbac::Permission;
use resources::management_groups::Hierarchy;

/// Who moves something changes who has access to it.
const GIVES_ACCESS: &str = "Microsoft.Authorization/roleAssignments/write";
/// Asked of the group that it leaves and of the group that it comes to.
const WRITES_GROUP: &str = "Microsoft.Management/managementGroups/write";

/// The rights that moving `what` from one group to another needs. What is new comes from nowhere and has no access to
/// change.
pub(super) fn linked(tree: &Hierarchy<'_>, what: &Scope, from: Option<&Scope>, to: &Scope) -> Vec<Linked> {
    if from == Some(to) {
        return Vec::new();
    }
    let at = |action: &'static str, scope: &Scope| Linked::at(Permission::Action(action.into()), scope.clone());
    let groups = [Some(to), from].into_iter().flatten().filter(|group| *group != tree.root());
    let mut needed: Vec<Linked> = groups.map(|group| at(WRITES_GROUP, group)).collect();
    needed.extend(from.map(|_| at(GIVES_ACCESS, what)));
    needed
}
