//! `Microsoft.Authorization/denyAssignments`: what nobody, or nobody but those left out, may do somewhere, whatever grants it.

mod principal;
mod wanted;

use arm::{Resource, Scope};
use serde_json::{Map, Value, json};

pub(crate) use principal::list as principals;
pub use principal::{EVERYBODY, Principal, SYSTEM_DEFINED};
pub use wanted::Wanted;

/// The type of a deny assignment.
pub const TYPE: &str = "Microsoft.Authorization/denyAssignments";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &["2024-07-01-preview", "2022-04-01", "2020-07-01-preview", "2018-07-01-preview"];

/// A deny assignment on the wire. `is_gone` says of an object id whether the directory has lost it; its type reads `Unknown`.
pub fn present(deny: &Resource, is_gone: impl Fn(uuid::Uuid) -> bool) -> Value {
    let scope = deny.id.parent().unwrap_or_else(Scope::root);
    let mut properties = Map::from_iter([("scope".to_owned(), json!(scope.as_str()))]);
    for (name, value) in &deny.properties {
        let shown = match name.as_str() {
            "principals" | "excludePrincipals" => principal::present(value, &is_gone),
            _ => value.clone(),
        };
        properties.insert(name.clone(), shown);
    }
    for name in ["description", "condition", "conditionVersion"] {
        properties.entry(name).or_insert(Value::Null);
    }
    json!({ "id": deny.id.as_str(), "name": deny.id.name(), "type": TYPE, "properties": properties })
}

/// Was it made by the system, so that no caller may change or delete it?
pub fn is_system_protected(deny: &Resource) -> bool {
    deny.properties.get("isSystemProtected").and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests;
