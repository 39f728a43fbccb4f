//! The body of a role definition PUT.

use arm::{ArmError, Scope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Permission, assignable};
use crate::fields::{Fields, invalid, named_as_in_url};

/// Longest name of a role, characters, as in Azure.
const NAME_LIMIT_CHARS: usize = 512;
/// Longest description of a role, characters, as in Azure.
const DESCRIPTION_LIMIT_CHARS: usize = 2048;
/// What a client can write: `type` is `CustomRole` or absent.
const CUSTOM_ROLE: &str = "CustomRole";
/// Properties a client may write.
const WRITABLE: &[&str] = &["roleName", "description", "type", "permissions", "assignableScopes"];
/// Only the server writes these; what a GET answered may be put again.
const READ_ONLY: &[&str] = &["createdOn", "updatedOn", "createdBy", "updatedBy", "isServiceRole"];

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name that people see, without spaces around it.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// The union of these; each subtracts inside itself.
    pub permissions: Vec<Permission>,
    /// Scopes at or below which it may be assigned.
    pub assignable_scopes: Vec<Scope>,
}

impl Wanted {
    /// Reads a PUT body for the role with this GUID.
    pub fn from_json(body: &Value, role: Uuid) -> Result<Wanted, ArmError> {
        let empty = Map::new();
        let top = Fields::new("", body.as_object().unwrap_or(&empty));
        top.only(&["id", "name", "type", "properties"], "a role definition")?;
        named_as_in_url(&top, role)?;
        let Some(map) = top.object("properties")? else {
            return Err(invalid("properties", "`properties` is required".to_owned()));
        };
        let fields = Fields::new("properties", map);
        fields.only(&[WRITABLE, READ_ONLY].concat(), "a role definition")?;
        fields.one_of("type", &[CUSTOM_ROLE])?;
        Ok(Wanted {
            name: name(&fields)?,
            description: description(&fields)?,
            permissions: permissions(&fields)?,
            assignable_scopes: assignable::read(&fields)?,
        })
    }

    /// The places that a body names for a role, right or wrong as the rest of it may be.
    pub fn scopes_named(body: &Value) -> impl Iterator<Item = Scope> + '_ {
        assignable::named(body)
    }

    /// Does it give anything on the data plane?
    pub fn has_data_actions(&self) -> bool {
        self.permissions.iter().any(|permission| !permission.data_actions.is_empty())
    }

    /// The properties as they are stored, without who wrote them and when.
    pub fn properties(&self) -> Map<String, Value> {
        let permissions: Vec<Value> = self.permissions.iter().map(Permission::to_json).collect();
        Map::from_iter([
            ("roleName".to_owned(), json!(self.name)),
            ("type".to_owned(), json!(CUSTOM_ROLE)),
            ("description".to_owned(), json!(self.description.as_deref().unwrap_or_default())),
            ("assignableScopes".to_owned(), json!(self.assignable_scopes)),
            ("permissions".to_owned(), json!(permissions)),
        ])
    }
}

fn name(fields: &Fields<'_>) -> Result<String, ArmError> {
    let given = fields.required_string("roleName")?.trim();
    let path = fields.path_of("roleName");
    if given.chars().count() > NAME_LIMIT_CHARS {
        return Err(invalid(&path, format!("`{path}` is longer than {NAME_LIMIT_CHARS} characters")));
    }
    if given.chars().any(char::is_control) {
        return Err(invalid(&path, format!("`{path}`: expected a name without control characters")));
    }
    Ok(given.to_owned())
}

fn description(fields: &Fields<'_>) -> Result<Option<String>, ArmError> {
    let path = fields.path_of("description");
    match fields.string("description")? {
        Some(text) if text.chars().count() > DESCRIPTION_LIMIT_CHARS => {
            Err(invalid(&path, format!("`{path}` is longer than {DESCRIPTION_LIMIT_CHARS} characters")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn permissions(fields: &Fields<'_>) -> Result<Vec<Permission>, ArmError> {
    let path = fields.path_of("permissions");
    let given = fields.array("permissions")?.map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() {
        return Err(invalid(&path, format!("`{path}`: expected at least one object with `actions` or `dataActions`")));
    }
    given.iter().enumerate().map(|(at, value)| Permission::from_json(value, &format!("{path}[{at}]"))).collect()
}
