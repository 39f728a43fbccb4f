//! The bodies that create and change a management group.

use arm::{ArmError, ErrorCode, Scope, ScopeLevel};
use serde_json::{Map, Value};

use crate::fields::{Fields, invalid, quoted};

/// Longest display name, characters: what a line of a list still shows.
const DISPLAY_NAME_LIMIT_CHARS: usize = 256;

/// What a client asks for; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name that people see.
    pub display_name: Option<String>,
    /// The group above.
    pub parent: Option<Scope>,
}

impl Wanted {
    /// Reads a PUT body for the group `id`: `{"name"?, "properties"?: {"displayName"?, "details"?: {"parent"?: {"id"?}}}}`.
    /// What a GET answered may be put again.
    pub fn from_put(body: &Value, id: &Scope) -> Result<Wanted, ArmError> {
        let empty = Map::new();
        let top = Fields::new("", body.as_object().unwrap_or(&empty));
        top.only(&["id", "name", "type", "properties"], "a management group")?;
        name_agrees(&top, id)?;
        let properties = Fields::new("properties", top.object("properties")?.unwrap_or(&empty));
        properties.only(&["displayName", "details", "tenantId", "children", "path"], "a management group")?;
        let details = Fields::new("properties.details", properties.object("details")?.unwrap_or(&empty));
        let parent = Fields::new("properties.details.parent", details.object("parent")?.unwrap_or(&empty));
        Ok(Wanted { display_name: display_name(&properties)?, parent: group(&parent, "id")? })
    }

    /// Reads a PATCH body: `{"displayName"?, "parentGroupId"?}`.
    pub fn from_patch(body: &Value) -> Result<Wanted, ArmError> {
        let empty = Map::new();
        let top = Fields::new("", body.as_object().unwrap_or(&empty));
        top.only(&["displayName", "parentGroupId"], "a change of a management group")?;
        Ok(Wanted { display_name: display_name(&top)?, parent: group(&top, "parentGroupId")? })
    }
}

fn name_agrees(top: &Fields<'_>, id: &Scope) -> Result<(), ArmError> {
    match top.string("name")? {
        Some(given) if !given.eq_ignore_ascii_case(id.name()) => {
            let message = format!("`name` in the body is `{}`, but the URL names `{}`", quoted(given), id.name());
            Err(ArmError::new(ErrorCode::MismatchingResourceName, message).with_target("name"))
        }
        _ => Ok(()),
    }
}

fn display_name(fields: &Fields<'_>) -> Result<Option<String>, ArmError> {
    let Some(given) = fields.string("displayName")?.map(str::trim).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let path = fields.path_of("displayName");
    if given.chars().count() > DISPLAY_NAME_LIMIT_CHARS {
        return Err(invalid(&path, format!("`{path}` is longer than {DISPLAY_NAME_LIMIT_CHARS} characters")));
    }
    if given.chars().any(char::is_control) {
        return Err(invalid(&path, format!("`{path}`: expected a name without control characters")));
    }
    Ok(Some(given.to_owned()))
}

fn group(fields: &Fields<'_>, name: &str) -> Result<Option<Scope>, ArmError> {
    let Some(given) = fields.string(name)?.filter(|id| !id.is_empty()) else { return Ok(None) };
    let path = fields.path_of(name);
    match Scope::parse(given) {
        Ok(id) if id.level() == ScopeLevel::ManagementGroup => Ok(Some(id)),
        _ => Err(invalid(
            &path,
            format!(
                "`{path}`: expected `/providers/Microsoft.Management/managementGroups/{{name}}`, got `{}`",
                quoted(given)
            ),
        )),
    }
}
