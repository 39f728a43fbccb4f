//! Which connections a project sees: its own, then those that its account shares.

use arm::{Resource, Scope};
use serde_json::Value;

use super::category::GatewayCategory;

/// The connection that `name` means in a project: its own, else the one that its account shares. `find` looks an id up.
pub fn seen_from<'a>(
    find: impl Fn(&Scope) -> Option<&'a Resource>,
    project: &Scope,
    name: &str,
) -> Option<&'a Resource> {
    find(&project.child("connections", name)).or_else(|| {
        let shared = project.parent()?.child("connections", name);
        find(&shared).filter(|connection| is_shared(connection))
    })
}

/// Every connection that a project sees, out of its own and its account's; its own come first, and hide others of their name.
pub fn all_seen<'a>(
    own: impl Iterator<Item = &'a Resource>,
    of_account: impl Iterator<Item = &'a Resource>,
) -> Vec<&'a Resource> {
    let mut seen: Vec<&Resource> = own.collect();
    let names: Vec<String> = seen.iter().map(|connection| connection.id.name().to_ascii_lowercase()).collect();
    let is_hidden = |connection: &Resource| names.contains(&connection.id.name().to_ascii_lowercase());
    seen.extend(of_account.filter(|connection| is_shared(connection) && !is_hidden(connection)));
    seen
}

/// Among the connections that a project sees, the gateway connection in which models are looked for that are named without one.
pub fn default_gateway<'a>(seen: &[&'a Resource]) -> Option<&'a Resource> {
    seen.iter().copied().find(|connection| is_default(connection) && is_gateway(connection))
}

/// Whether a connection is its place's default.
pub fn is_default(connection: &Resource) -> bool {
    connection.properties.get("isDefault").and_then(Value::as_bool) == Some(true)
}

/// Whether two connections cannot both be the default of one place: they lead to the same kind of thing.
pub(super) fn compete(one: &Resource, other: &Resource) -> bool {
    let category = |connection: &Resource| text(connection, "category").map(str::to_owned);
    is_default(one) && is_default(other) && ((is_gateway(one) && is_gateway(other)) || category(one) == category(other))
}

fn is_gateway(connection: &Resource) -> bool {
    text(connection, "category").and_then(GatewayCategory::of).is_some()
}

fn is_shared(connection: &Resource) -> bool {
    connection.properties.get("isSharedToAll").and_then(Value::as_bool) == Some(true)
}

fn text<'a>(connection: &'a Resource, name: &str) -> Option<&'a str> {
    connection.properties.get(name).and_then(Value::as_str)
}
