//! A role: which operations it gives, and where it may be assigned.

use arm::Resource;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::role_assignment::FactError;

/// A built-in or custom role.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleDefinition {
    /// Its GUID, the same for ever.
    pub id: Uuid,
    /// Its name today.
    pub name: String,
    /// Names it had before ("Azure AI User").
    pub aliases: Vec<String>,
    /// For people.
    pub description: String,
    /// Built-in roles cannot be changed.
    pub built_in: bool,
    /// The union of these; each subtracts inside itself.
    pub permissions: Vec<RolePermission>,
    /// Scopes at or below which it may be assigned.
    pub assignable_scopes: Vec<String>,
}

/// One permission object of a role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RolePermission {
    /// Management actions given.
    pub actions: Vec<String>,
    /// Management actions taken out of `actions` again.
    pub not_actions: Vec<String>,
    /// Data actions given.
    pub data_actions: Vec<String>,
    /// Data actions taken out of `data_actions` again.
    pub not_data_actions: Vec<String>,
    /// What must hold as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// `2.0` where a condition is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition_version: Option<String>,
}

/// The `properties` of a role definition on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    role_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    permissions: Vec<RolePermission>,
    #[serde(default)]
    assignable_scopes: Vec<String>,
}

impl RoleDefinition {
    /// Reads a stored custom role: its id ends in the role's GUID.
    pub fn from_resource(resource: &Resource) -> Result<RoleDefinition, FactError> {
        let id = guid_at_end(resource.id.as_str(), "name")?;
        let properties: Properties = FactError::read(resource)?;
        Ok(RoleDefinition {
            id,
            name: properties.role_name,
            aliases: Vec::new(),
            description: properties.description.unwrap_or_default(),
            built_in: false,
            permissions: properties.permissions,
            assignable_scopes: properties.assignable_scopes,
        })
    }

    /// Does the role have this name, today or before? Without case.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// The GUID that a path or a bare GUID ends in.
pub(crate) fn guid_at_end(text: &str, field: &'static str) -> Result<Uuid, FactError> {
    let last = text.rsplit('/').next().unwrap_or_default();
    Uuid::try_parse(last).map_err(|_| FactError::NotAGuid { field, text: last.to_owned() })
}
