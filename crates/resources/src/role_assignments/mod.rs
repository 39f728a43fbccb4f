//! `Microsoft.Authorization/roleAssignments`: who may do what where.

mod condition;
mod wanted;

use arm::{Resource, Scope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) use condition::condition_text;
pub use wanted::Wanted;

/// The type of a role assignment.
pub const TYPE: &str = "Microsoft.Authorization/roleAssignments";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &[
    "2022-04-01",
    "2022-01-01-preview",
    "2020-10-01-preview",
    "2020-04-01-preview",
    "2018-09-01-preview",
    "2015-07-01",
];

/// The id by which clients compare role definitions, byte by byte: with the subscription in front where there is one.
pub fn role_definition_id(scope: &Scope, role: Uuid) -> String {
    match scope.subscription_id() {
        Some(subscription) => {
            format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}")
        }
        None => format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
    }
}

/// The role that a role definition id (or a bare GUID) names.
pub fn role_of(role_definition_id: &str) -> Option<Uuid> {
    let (in_front, guid) = role_definition_id.rsplit_once('/').unwrap_or(("", role_definition_id));
    let known =
        in_front.is_empty() || in_front.to_ascii_lowercase().ends_with("/microsoft.authorization/roledefinitions");
    if known { Uuid::try_parse(guid).ok() } else { None }
}

/// The scope an assignment is for: the place in front of its own id.
pub fn scope_of(assignment: &Resource) -> Scope {
    assignment.id.parent().unwrap_or_else(Scope::root)
}

/// An assignment on the wire, as asked at `asked_at`: definitions listed there carry that subscription, so this does too.
/// One whose principal is gone is `orphaned`: it grants nobody, and its principal type reads `Unknown`.
pub fn present(assignment: &Resource, asked_at: &Scope, orphaned: bool) -> Value {
    let scope = scope_of(assignment);
    let near = if asked_at.subscription_id().is_some() { asked_at } else { &scope };
    let mut properties = Map::new();
    properties.insert("scope".to_owned(), json!(scope.as_str()));
    for (name, value) in &assignment.properties {
        let role = || value.as_str().and_then(role_of).map(|role| json!(role_definition_id(near, role)));
        let shown = match name.as_str() {
            "roleDefinitionId" => role(),
            "principalType" if orphaned => Some(json!("Unknown")),
            _ => None,
        };
        properties.insert(name.clone(), shown.unwrap_or_else(|| value.clone()));
    }
    for name in ["condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId"] {
        properties.entry(name).or_insert(Value::Null);
    }
    json!({
        "id": assignment.id.as_str(),
        "name": assignment.id.name(),
        "type": TYPE,
        "properties": properties,
    })
}

#[cfg(test)]
mod tests;
