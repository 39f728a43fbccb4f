//! What comes with the build: the roles, the catalogue of operations, what a resource key may do.

mod catalogue;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use uuid::Uuid;

use crate::action_pattern::ActionPattern;
use crate::permission::Permission;
use crate::role_definition::{RoleDefinition, RolePermission};

pub use catalogue::{Catalogue, Operation, catalogue};

/// One role as the public role data writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleData {
    name: Uuid,
    role_name: String,
    description: String,
    permissions: Vec<RolePermission>,
    assignable_scopes: Vec<String>,
}

/// The built-in roles, in the order of the data.
pub fn built_in() -> &'static [RoleDefinition] {
    static ROLES: OnceLock<Vec<RoleDefinition>> = OnceLock::new();
    ROLES.get_or_init(|| {
        let roles: Vec<RoleData> = embedded(include_str!("roles.json"));
        let mut aliases: BTreeMap<Uuid, Vec<String>> = embedded(include_str!("aliases.json"));
        roles
            .into_iter()
            .map(|role| RoleDefinition {
                aliases: aliases.remove(&role.name).unwrap_or_default(),
                id: role.name,
                name: role.role_name,
                description: role.description,
                built_in: true,
                permissions: role.permissions,
                assignable_scopes: role.assignable_scopes,
            })
            .collect()
    })
}

/// The built-in role with that name, today's or a former one, without case.
pub fn by_name(name: &str) -> Option<&'static RoleDefinition> {
    let roles = built_in();
    roles
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(name))
        .or_else(|| roles.iter().find(|role| role.is_named(name)))
}

/// Data actions that the holder of a resource key may do at the key's account: inference, nothing of projects.
pub(crate) fn key_may(permission: &Permission) -> bool {
    static GRANT: OnceLock<(Vec<ActionPattern>, Vec<ActionPattern>)> = OnceLock::new();
    let (given, taken) = GRANT.get_or_init(|| {
        let grant: RolePermission = embedded(include_str!("key_grant.json"));
        (patterns(&grant.data_actions), patterns(&grant.not_data_actions))
    });
    let Permission::DataAction(action) = permission else {
        return false;
    };
    given.iter().any(|pattern| pattern.matches(action)) && !taken.iter().any(|pattern| pattern.matches(action))
}

fn patterns(texts: &[String]) -> Vec<ActionPattern> {
    texts.iter().map(|text| ActionPattern::new(text)).collect()
}

/// Reads data that is part of the build. Data that cannot be read gives nothing, so nothing is granted; that it can be
/// read is held by `tests/it/built_in.rs`.
fn embedded<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}
