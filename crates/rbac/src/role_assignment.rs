//! A role given to a principal at a scope.

use arm::{Resource, Scope};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::principal::{PrincipalType, UnknownPrincipalType};
use crate::role_definition::guid_at_end;

/// A role assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleAssignment {
    /// `{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}`
    pub id: Scope,
    /// At and below which it holds.
    pub scope: Scope,
    /// The role's GUID.
    pub role: Uuid,
    /// Who holds it.
    pub principal: Uuid,
    /// What kind of principal the holder is.
    pub principal_type: PrincipalType,
    /// What must hold as well; text that cannot be read never grants.
    pub condition: Option<String>,
}

/// A stored resource that is not the role assignment, deny assignment or role definition it says it is.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// `properties` lacks a field or has one of another type.
    #[error("`{id}` cannot be read: {source}")]
    Properties {
        /// The resource.
        id: Scope,
        /// What the reader expected.
        source: serde_json::Error,
    },
    /// A field that must be or end in a GUID.
    #[error("`{field}` is `{text}`, which is not a GUID")]
    NotAGuid {
        /// The field's wire name.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// An unknown principal type.
    #[error(transparent)]
    PrincipalType(#[from] UnknownPrincipalType),
    /// The id does not extend a scope.
    #[error("`{0}` is not the id of an assignment")]
    NotAnExtension(Scope),
}

impl FactError {
    /// Reads the `properties` of a stored resource.
    pub(crate) fn read<T: DeserializeOwned>(resource: &Resource) -> Result<T, FactError> {
        serde_json::from_value(Value::Object(resource.properties.clone()))
            .map_err(|source| FactError::Properties { id: resource.id.clone(), source })
    }
}

/// The `properties` of a role assignment on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    role_definition_id: String,
    principal_id: Uuid,
    principal_type: String,
    #[serde(default)]
    condition: Option<String>,
}

impl RoleAssignment {
    /// Reads a stored assignment: the scope is the id in front of `/providers/Microsoft.Authorization/…`.
    pub fn from_resource(resource: &Resource) -> Result<RoleAssignment, FactError> {
        let properties: Properties = FactError::read(resource)?;
        let scope = resource.id.parent().ok_or_else(|| FactError::NotAnExtension(resource.id.clone()))?;
        Ok(RoleAssignment {
            id: resource.id.clone(),
            scope,
            role: guid_at_end(&properties.role_definition_id, "roleDefinitionId")?,
            principal: properties.principal_id,
            principal_type: properties.principal_type.parse()?,
            condition: properties.condition.filter(|text| !text.trim().is_empty()),
        })
    }
}
