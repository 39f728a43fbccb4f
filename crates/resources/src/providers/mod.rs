//! Resource providers: the namespaces of [`crate::registry`] and the types in each. All are registered from the start.

use arm::Scope;
use serde_json::{Value, json};

use crate::kind::Parent;
use crate::location::LOCATIONS;
use crate::registry::{self, ENTRIES, Entry};

/// The namespaces, in alphabetical order.
pub fn namespaces() -> Vec<&'static str> {
    let mut all: Vec<&str> = ENTRIES.iter().filter_map(|entry| entry.display_type.split('/').next()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The known namespace that `given` names, without case.
pub fn find(given: &str) -> Option<&'static str> {
    namespaces().into_iter().find(|namespace| namespace.eq_ignore_ascii_case(given))
}

/// A provider on the wire, as seen from a subscription.
pub fn present(subscription: &Scope, namespace: &str) -> Value {
    let prefix = format!("{namespace}/");
    let types: Vec<Value> = ENTRIES
        .iter()
        .filter_map(|entry| Some(resource_type(entry, entry.display_type.strip_prefix(&prefix)?)))
        .collect();
    json!({
        "id": format!("{subscription}/providers/{namespace}"),
        "namespace": namespace,
        "registrationPolicy": "RegistrationFree",
        "registrationState": "Registered",
        "resourceTypes": types,
    })
}

fn resource_type(entry: &Entry, name: &str) -> Value {
    let locations: Vec<&str> =
        LOCATIONS.iter().filter(|_| is_regional(entry.parent)).map(|location| location.display_name).collect();
    json!({
        "resourceType": name,
        "locations": locations,
        "apiVersions": entry.api_versions,
        "defaultApiVersion": entry.api_versions.iter().find(|version| !version.ends_with("-preview")),
        "capabilities": if entry.parent == Parent::ResourceGroup { "SupportsTags, SupportsLocation" } else { "None" },
    })
}

/// What is in a resource group has a region; so has what hangs under it.
fn is_regional(parent: Parent) -> bool {
    match parent {
        Parent::ResourceGroup => true,
        Parent::Resource(above) => registry::find(above).is_some_and(|above| is_regional(above.parent)),
        Parent::Root | Parent::Subscription | Parent::AnyScope => false,
    }
}

#[cfg(test)]
mod tests;
