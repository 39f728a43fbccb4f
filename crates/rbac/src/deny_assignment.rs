//! Permissions taken from principals at a scope, whatever grants them.

use arm::{Resource, Scope};
use serde::Deserialize;
use uuid::Uuid;

use crate::role_assignment::FactError;
use crate::role_definition::RolePermission;

/// A deny assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct DenyAssignment {
    /// `{scope}/providers/Microsoft.Authorization/denyAssignments/{guid}`
    pub id: Scope,
    /// At and below which it holds.
    pub scope: Scope,
    /// For people.
    pub name: String,
    /// What is denied: the union of these; each subtracts inside itself and may have a condition.
    pub permissions: Vec<RolePermission>,
    /// Whom it denies: object ids, or [`DenyAssignment::ALL_PRINCIPALS`].
    pub principals: Vec<Uuid>,
    /// Whom it does not deny, by object id; a group stands for its members.
    pub exclude_principals: Vec<Uuid>,
    /// Does it hold at `scope` alone and not below?
    pub do_not_apply_to_child_scopes: bool,
    /// What must hold as well; text that cannot be read or decided denies.
    pub condition: Option<String>,
    /// Was it made by the system, so that nobody may change it?
    pub is_system_protected: bool,
}

/// The `properties` of a deny assignment on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    deny_assignment_name: Option<String>,
    permissions: Vec<RolePermission>,
    principals: Vec<PrincipalRef>,
    #[serde(default)]
    exclude_principals: Option<Vec<PrincipalRef>>,
    #[serde(default)]
    do_not_apply_to_child_scopes: Option<bool>,
    #[serde(default)]
    is_system_protected: Option<bool>,
    #[serde(default)]
    condition: Option<String>,
}

/// A principal as it is named on the wire; its type decides nothing.
#[derive(Deserialize)]
struct PrincipalRef {
    id: Uuid,
}

impl DenyAssignment {
    /// "All Principals": every caller, in the directory or not.
    pub const ALL_PRINCIPALS: Uuid = Uuid::nil();

    /// Reads a stored deny assignment: the scope is the id in front of `/providers/Microsoft.Authorization/…`.
    pub fn from_resource(resource: &Resource) -> Result<DenyAssignment, FactError> {
        let properties: Properties = FactError::read(resource)?;
        let scope = resource.id.parent().ok_or_else(|| FactError::NotAnExtension(resource.id.clone()))?;
        let ids = |principals: Vec<PrincipalRef>| principals.into_iter().map(|principal| principal.id).collect();
        Ok(DenyAssignment {
            name: properties.deny_assignment_name.unwrap_or_else(|| resource.id.name().to_owned()),
            id: resource.id.clone(),
            scope,
            permissions: properties.permissions,
            principals: ids(properties.principals),
            exclude_principals: ids(properties.exclude_principals.unwrap_or_default()),
            do_not_apply_to_child_scopes: properties.do_not_apply_to_child_scopes.unwrap_or(false),
            condition: properties.condition.filter(|text| !text.trim().is_empty()),
            is_system_protected: properties.is_system_protected.unwrap_or(false),
        })
    }
}
