//! `Microsoft.Management/managementGroups`: the tree above subscriptions. Its root is named by the tenant's id and is always there.

mod hierarchy;
mod present;
mod wanted;

use arm::Scope;

use crate::name_rule::NameRule;

pub use hierarchy::Hierarchy;
pub use present::{Expand, descendant, details, listed, shown, subscription};
pub use wanted::Wanted;

/// The type of a management group.
pub const TYPE: &str = "Microsoft.Management/managementGroups";
/// The type of a subscription's place in a management group.
pub const SUBSCRIPTIONS: &str = "Microsoft.Management/managementGroups/subscriptions";
/// The type of the list of all that is below a management group.
pub const DESCENDANTS: &str = "Microsoft.Management/managementGroups/descendants";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &["2023-04-01", "2021-04-01", "2020-10-01", "2020-05-01", "2020-02-01"];
/// The id of a group: 1 to 90 letters, digits, `-`, `_`, `(`, `)`, `.`, starting with a letter or digit, not ending in a dot.
pub const NAME: NameRule = NameRule { starts_alphanumeric: true, ..NameRule::RESOURCE_GROUP };
/// Most levels of groups below the root, as in Azure; the subscriptions below the last are not counted.
pub const DEPTH_LIMIT: usize = 6;
/// Most management groups of a tenant, as in Azure.
pub const GROUPS_LIMIT: usize = 10_000;

/// The id of the group with this name, which is one segment of a checked path.
pub fn id_of(name: &str) -> Scope {
    Scope::root().extension("Microsoft.Management", "managementGroups", name)
}

#[cfg(test)]
mod tests;
