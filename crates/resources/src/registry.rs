//! Every resource type this server knows: one line per type.

use crate::accounts::Account;
use crate::connections::{AccountConnection, ProjectConnection};
use crate::deployments::Deployment;
use crate::kind::{Kind, Parent};
use crate::limits::GatewayLimit;
use crate::projects::Project;
use crate::resource_groups::ResourceGroup;
use crate::subscriptions::Subscription;
use crate::{deny_assignments, management_groups, role_assignments, role_definitions};

/// Known api-versions of Microsoft.CognitiveServices, newest first.
pub const COGNITIVE_API_VERSIONS: &[&str] = &[
    "2026-05-15-preview",
    "2025-12-01",
    "2025-10-01-preview",
    "2025-09-01",
    "2025-06-01",
    "2025-04-01-preview",
    "2024-10-01",
    "2024-06-01-preview",
    "2023-05-01",
    "2022-12-01",
    "2021-10-01",
    "2017-04-18",
];
/// Known api-versions of Microsoft.Resources, newest first.
pub const RESOURCES_API_VERSIONS: &[&str] =
    &["2025-04-01", "2024-11-01", "2024-03-01", "2023-07-01", "2022-12-01", "2022-09-01", "2021-04-01", "2020-10-01"];

/// Known api-versions of the activity log.
pub const ACTIVITY_API_VERSIONS: &[&str] = &["2015-04-01"];

/// Known api-versions of the questions about access that Azure has no route for.
pub const ACCESS_API_VERSIONS: &[&str] = &["2026-11-01"];

/// What the registry knows of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The canonical type.
    pub resource_type: &'static str,
    /// The type that bodies print.
    pub display_type: &'static str,
    /// Known api-versions, newest first.
    pub api_versions: &'static [&'static str],
    /// Where it hangs.
    pub parent: Parent,
    /// Whether its resources are stored by the generic engine and appear in `/resources` lists.
    pub stored: bool,
}

/// The types.
pub const ENTRIES: &[Entry] = &[
    of::<Subscription>(),
    of::<ResourceGroup>(),
    of::<Account>(),
    of::<Project>(),
    of::<Deployment>(),
    of::<AccountConnection>(),
    of::<ProjectConnection>(),
    listed(role_assignments::TYPE, role_assignments::API_VERSIONS, Parent::AnyScope),
    listed(role_definitions::TYPE, role_definitions::API_VERSIONS, Parent::AnyScope),
    listed(deny_assignments::TYPE, deny_assignments::API_VERSIONS, Parent::AnyScope),
    listed("Microsoft.Authorization/permissions", role_definitions::API_VERSIONS, Parent::AnyScope),
    listed(management_groups::TYPE, management_groups::API_VERSIONS, Parent::Root),
    listed(management_groups::SUBSCRIPTIONS, management_groups::API_VERSIONS, UNDER_MANAGEMENT_GROUP),
    listed(management_groups::DESCENDANTS, management_groups::API_VERSIONS, UNDER_MANAGEMENT_GROUP),
    listed("Microsoft.Authorization/checkAccess", &["2018-09-01-preview"], Parent::AnyScope),
    listed("Cupola.Access/whoCan", ACCESS_API_VERSIONS, Parent::AnyScope),
    listed("Cupola.Access/whatCan", ACCESS_API_VERSIONS, Parent::AnyScope),
    listed("Cupola.Access/decisions", ACCESS_API_VERSIONS, Parent::Root),
    of::<GatewayLimit>(),
    listed("Microsoft.Insights/eventtypes/values", ACTIVITY_API_VERSIONS, Parent::AnyScope),
    listed("Microsoft.Resources/tenants", RESOURCES_API_VERSIONS, Parent::Root),
    listed("Microsoft.Resources/subscriptions/locations", RESOURCES_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.Resources/subscriptions/providers", RESOURCES_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.Resources/subscriptions/resources", RESOURCES_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.Resources/subscriptions/resourceGroups/resources", RESOURCES_API_VERSIONS, Parent::ResourceGroup),
    listed("Microsoft.CognitiveServices/accounts/models", COGNITIVE_API_VERSIONS, UNDER_ACCOUNT),
    listed("Microsoft.CognitiveServices/accounts/skus", COGNITIVE_API_VERSIONS, UNDER_ACCOUNT),
    listed("Microsoft.CognitiveServices/accounts/usages", COGNITIVE_API_VERSIONS, UNDER_ACCOUNT),
    listed("Microsoft.CognitiveServices/locations/modelCapacities", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/locations/models", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/locations/usages", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/modelCapacities", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/skus", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/locations/operationResults", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.CognitiveServices/locations/operationStatuses", COGNITIVE_API_VERSIONS, Parent::Subscription),
    listed("Microsoft.Resources/subscriptions/operationresults", RESOURCES_API_VERSIONS, Parent::Subscription),
];

const UNDER_MANAGEMENT_GROUP: Parent = Parent::Resource(management_groups::TYPE);
const UNDER_ACCOUNT: Parent = Parent::Resource("Microsoft.CognitiveServices/accounts");

const fn of<K: Kind>() -> Entry {
    Entry {
        resource_type: K::TYPE,
        display_type: K::DISPLAY_TYPE,
        api_versions: K::API_VERSIONS,
        parent: K::PARENT,
        stored: true,
    }
}

const fn listed(resource_type: &'static str, api_versions: &'static [&'static str], parent: Parent) -> Entry {
    Entry { resource_type, display_type: resource_type, api_versions, parent, stored: false }
}

/// The entry of a type, compared without case; the printed type finds it too.
pub fn find(resource_type: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| {
        entry.resource_type.eq_ignore_ascii_case(resource_type)
            || entry.display_type.eq_ignore_ascii_case(resource_type)
    })
}

/// The known type whose name is nearest to an unknown one.
pub fn nearest(resource_type: &str) -> Option<&'static str> {
    arm::nearest(resource_type, ENTRIES.iter().map(|entry| entry.display_type))
}

#[cfg(test)]
mod tests;
