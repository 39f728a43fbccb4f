//! The body of a deny assignment PUT.

use arm::{ArmError, ErrorCode, Scope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::principal::{self, EVERYBODY, Principal};
use crate::fields::{Fields, invalid, quoted};
use crate::role_assignments::condition_text;
use crate::role_definitions::Permission;

/// Longest name, characters: as of a role.
const NAME_LIMIT_CHARS: usize = 512;
/// Longest description, characters: as of a role.
const DESCRIPTION_LIMIT_CHARS: usize = 2048;
/// Most permission objects: more than any role of the public data has, and few enough to match for each request.
const PERMISSIONS_LIMIT: usize = 32;
/// Properties a client may write.
const WRITABLE: &[&str] = &[
    "denyAssignmentName",
    "description",
    "permissions",
    "doNotApplyToChildScopes",
    "principals",
    "excludePrincipals",
    "isSystemProtected",
    "condition",
    "conditionVersion",
];
/// Only the server writes these; what a GET answered may be put again.
const READ_ONLY: &[&str] = &["scope", "createdOn", "updatedOn", "createdBy", "updatedBy", "denyAssignmentEffect"];

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name that people see.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// What is denied: the union of these; each subtracts inside itself. At least one denies something.
    pub permissions: Vec<Permission>,
    /// Does it hold at its scope alone?
    pub do_not_apply_to_child_scopes: bool,
    /// Whom it denies; at least one.
    pub principals: Vec<Principal>,
    /// Whom it does not deny.
    pub exclude_principals: Vec<Principal>,
    /// A condition, not yet parsed.
    pub condition: Option<String>,
    /// Does the client ask for one that only the system may make?
    pub is_system_protected: bool,
}

impl Wanted {
    /// Reads a PUT body for a deny assignment at `scope`.
    pub fn from_json(body: &Value, scope: &Scope) -> Result<Wanted, ArmError> {
        let empty = Map::new();
        let top = Fields::new("", body.as_object().unwrap_or(&empty));
        top.only(&["id", "name", "type", "properties"], "a deny assignment")?;
        let Some(map) = top.object("properties")? else {
            return Err(invalid("properties", "`properties` is required".to_owned()));
        };
        let fields = Fields::new("properties", map);
        fields.only(&[WRITABLE, READ_ONLY].concat(), "a deny assignment")?;
        scope_agrees(&fields, scope)?;
        let name = fields.required_string("denyAssignmentName")?.trim();
        within(&fields, "denyAssignmentName", name, NAME_LIMIT_CHARS)?;
        let description = fields.string("description")?;
        within(&fields, "description", description.unwrap_or_default(), DESCRIPTION_LIMIT_CHARS)?;
        Ok(Wanted {
            name: name.to_owned(),
            description: description.map(str::to_owned),
            permissions: permissions(&fields)?,
            do_not_apply_to_child_scopes: fields.boolean("doNotApplyToChildScopes")?.unwrap_or(false),
            principals: principals(&fields)?,
            exclude_principals: exclude_principals(&fields)?,
            condition: condition_text(&fields)?,
            is_system_protected: fields.boolean("isSystemProtected")?.unwrap_or(false),
        })
    }

    /// The conditions in it, each with where it stands in the body.
    pub fn conditions(&self) -> Vec<(String, &str)> {
        let inside = self.permissions.iter().enumerate().filter_map(|(at, permission)| {
            Some((format!("properties.permissions[{at}].condition"), permission.condition.as_deref()?))
        });
        let own = self.condition.as_deref().map(|text| ("properties.condition".to_owned(), text));
        own.into_iter().chain(inside).collect()
    }

    /// The properties as they are stored, without who wrote them and when. `kind_of` tells a principal's type.
    pub fn properties(&self, kind_of: impl Fn(Uuid) -> Option<&'static str>) -> Map<String, Value> {
        let named = |list: &[Principal]| -> Value {
            list.iter().map(|one| json!({ "id": one.id, "type": kind_of(one.id).or(one.kind) })).collect()
        };
        let permissions: Vec<Value> = self.permissions.iter().map(Permission::to_json).collect();
        let mut properties = Map::from_iter([
            ("denyAssignmentName".to_owned(), json!(self.name)),
            ("permissions".to_owned(), json!(permissions)),
            ("doNotApplyToChildScopes".to_owned(), json!(self.do_not_apply_to_child_scopes)),
            ("principals".to_owned(), named(&self.principals)),
            ("excludePrincipals".to_owned(), named(&self.exclude_principals)),
            ("isSystemProtected".to_owned(), json!(false)),
            ("denyAssignmentEffect".to_owned(), json!("enforced")),
        ]);
        if let Some(description) = &self.description {
            properties.insert("description".to_owned(), json!(description));
        }
        if let Some(condition) = &self.condition {
            properties.insert("condition".to_owned(), json!(condition));
            properties.insert("conditionVersion".to_owned(), json!("2.0"));
        }
        properties
    }
}

fn scope_agrees(fields: &Fields<'_>, scope: &Scope) -> Result<(), ArmError> {
    match fields.string("scope")? {
        Some(given) if Scope::parse(given).ok().as_ref() != Some(scope) => {
            let message = format!("`properties.scope` is `{}`, but the URL names `{scope}`", quoted(given));
            Err(ArmError::new(ErrorCode::MismatchingResourceName, message).with_target("properties.scope"))
        }
        _ => Ok(()),
    }
}

fn within(fields: &Fields<'_>, name: &str, text: &str, most: usize) -> Result<(), ArmError> {
    let path = fields.path_of(name);
    if text.chars().count() > most {
        return Err(invalid(&path, format!("`{path}` is longer than {most} characters")));
    }
    Ok(())
}

fn permissions(fields: &Fields<'_>) -> Result<Vec<Permission>, ArmError> {
    let path = fields.path_of("permissions");
    let given = fields.array("permissions")?.map(Vec::as_slice).unwrap_or_default();
    if given.len() > PERMISSIONS_LIMIT {
        return Err(invalid(&path, format!("`{path}` has {} objects, more than {PERMISSIONS_LIMIT}", given.len())));
    }
    let read = |(at, value)| Permission::from_json(value, &format!("{path}[{at}]"));
    let permissions = given.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    if permissions.iter().all(|permission| permission.actions.is_empty() && permission.data_actions.is_empty()) {
        return Err(invalid(
            &path,
            format!("`{path}`: expected at least one object with something in `actions` or `dataActions`"),
        ));
    }
    Ok(permissions)
}

fn principals(fields: &Fields<'_>) -> Result<Vec<Principal>, ArmError> {
    let list = principal::list(fields, "principals")?;
    let path = fields.path_of("principals");
    if list.is_empty() {
        return Err(invalid(
            &path,
            format!("`{path}`: expected at least one principal; the zero GUID of type `SystemDefined` is everybody"),
        ));
    }
    if list.len() > 1 && list.iter().any(|one| one.id == EVERYBODY) {
        return Err(invalid(&path, format!("`{path}`: everybody stands alone; the others are in it already")));
    }
    Ok(list)
}

fn exclude_principals(fields: &Fields<'_>) -> Result<Vec<Principal>, ArmError> {
    let list = principal::list(fields, "excludePrincipals")?;
    match list.iter().find(|one| one.id == EVERYBODY) {
        Some(everybody) => Err(invalid(
            &everybody.path,
            format!("`{}`: everybody cannot be excluded; name a user, group or service principal", everybody.path),
        )),
        None => Ok(list),
    }
}
