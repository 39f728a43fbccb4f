//! The body of a role assignment PUT.

use arm::{ArmError, ErrorCode, Scope};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{condition_text, role_of};
use crate::fields::{Fields, invalid, named_as_in_url, quoted};

/// Longest description, characters, as in Azure.
const DESCRIPTION_LIMIT_CHARS: usize = 2048;
/// Principal types that an assignment may name.
const PRINCIPAL_TYPES: &[&str] = &["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"];
/// Properties a client may write.
const WRITABLE: &[&str] = &[
    "roleDefinitionId",
    "principalId",
    "principalType",
    "description",
    "condition",
    "conditionVersion",
    "delegatedManagedIdentityResourceId",
];
/// Only the server writes these; `az role assignment update` sends them back. The last is what old clients send for false.
const READ_ONLY: &[&str] = &["scope", "createdOn", "updatedOn", "createdBy", "updatedBy", "canDelegate"];

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The role.
    pub role: Uuid,
    /// The principal's object id.
    pub principal: Uuid,
    /// Its type, if the client says it.
    pub principal_type: Option<&'static str>,
    /// Free text.
    pub description: Option<String>,
    /// A condition, not yet parsed.
    pub condition: Option<String>,
}

impl Wanted {
    /// Reads a PUT body for the assignment `name` at `scope`. Old clients put the properties in the same place.
    pub fn from_json(body: &Value, scope: &Scope, name: Uuid) -> Result<Wanted, ArmError> {
        let empty = Map::new();
        let top = Fields::new("", body.as_object().unwrap_or(&empty));
        top.only(&["id", "name", "type", "properties", "scope", "resourceGroup"], "a role assignment")?;
        named_as_in_url(&top, name)?;
        let Some(map) = top.object("properties")? else {
            return Err(invalid("properties", "`properties` is required".to_owned()));
        };
        let fields = Fields::new("properties", map);
        fields.only(&[WRITABLE, READ_ONLY].concat(), "a role assignment")?;
        scope_agrees(&fields, scope)?;
        if fields.string("delegatedManagedIdentityResourceId")?.is_some_and(|id| !id.is_empty()) {
            let path = "properties.delegatedManagedIdentityResourceId";
            return Err(invalid(path, format!("`{path}` is not supported by this server")));
        }
        Ok(Wanted {
            role: role(&fields)?,
            principal: principal(&fields)?,
            principal_type: fields.one_of("principalType", PRINCIPAL_TYPES)?,
            description: description(&fields)?,
            condition: condition_text(&fields)?,
        })
    }
}

fn scope_agrees(fields: &Fields<'_>, scope: &Scope) -> Result<(), ArmError> {
    match fields.string("scope")? {
        Some(given) if Scope::parse(given).ok().as_ref() != Some(scope) => Err(ArmError::new(
            ErrorCode::RoleAssignmentUpdateNotPermitted,
            format!(
                "`properties.scope` is `{}`, but the URL names `{scope}`; an assignment cannot move",
                quoted(given)
            ),
        )
        .with_target("properties.scope")),
        _ => Ok(()),
    }
}

fn role(fields: &Fields<'_>) -> Result<Uuid, ArmError> {
    let given = fields.required_string("roleDefinitionId")?;
    role_of(given).ok_or_else(|| {
        let path = "properties.roleDefinitionId";
        let form = "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}";
        invalid(path, format!("`{path}`: expected `{form}`, got `{}`", quoted(given)))
    })
}

fn principal(fields: &Fields<'_>) -> Result<Uuid, ArmError> {
    let given = fields.required_string("principalId")?;
    Uuid::try_parse(given).map_err(|_| {
        let path = "properties.principalId";
        invalid(path, format!("`{path}`: expected an object id (a GUID), got `{}`", quoted(given)))
    })
}

fn description(fields: &Fields<'_>) -> Result<Option<String>, ArmError> {
    let path = "properties.description";
    match fields.string("description")? {
        Some(text) if text.chars().count() > DESCRIPTION_LIMIT_CHARS => {
            Err(invalid(path, format!("`{path}` is longer than {DESCRIPTION_LIMIT_CHARS} characters")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}
