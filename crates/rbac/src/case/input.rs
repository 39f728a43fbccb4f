//! The input of a case, as it is written.

use serde_json::Value;

use super::case_error::CaseError;
use super::fields::Fields;
use crate::attributes::Values;
use crate::role_definition::RolePermission;

/// What is asked, and of which facts.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// The caller.
    pub(super) caller: String,
    /// Its groups, those of groups too.
    pub(super) groups: Vec<String>,
    pub(super) action: String,
    /// Is it a data action?
    pub(super) data: bool,
    /// An ARM id.
    pub(super) resource: String,
    /// The management groups above the subscription, nearest first: ids or names.
    pub(super) mg: Vec<String>,
    pub(super) assignments: Vec<Assigned>,
    pub(super) denies: Vec<Denied>,
    pub(super) request: Values,
    /// In JSON `res`.
    pub(super) resource_attributes: Values,
    pub(super) principal: Values,
    pub(super) environment: Values,
}

/// One role assignment.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(super) role: RoleGiven,
    pub(super) scope: String,
    pub(super) principal: String,
    pub(super) condition: Option<String>,
}

/// Which role.
#[derive(Clone, Debug)]
pub(super) enum RoleGiven {
    /// `role`: the GUID or a name of a built-in role.
    BuiltIn(String),
    /// `roleObj`: a definition in place. `role`, if given too, is its name.
    InPlace { name: String, permissions: Vec<RolePermission> },
}

/// One deny assignment.
#[derive(Clone, Debug)]
pub(super) struct Denied {
    pub(super) scope: String,
    pub(super) principals: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) permission: RolePermission,
    pub(super) do_not_apply_to_child_scopes: bool,
    pub(super) condition: Option<String>,
}

impl Input {
    pub(super) fn read(value: &Value) -> Result<Input, CaseError> {
        let known = [
            "ids",
            "action",
            "data",
            "resource",
            "mg",
            "assignments",
            "denies",
            "request",
            "res",
            "principal",
            "environment",
        ];
        let fields = Fields::of(value, "input", &known)?;
        fields.required("ids")?;
        let mut ids = fields.texts("ids")?.into_iter();
        let caller = ids.next().ok_or_else(|| fields.error("ids", "expected the caller's id first".to_owned()))?;
        Ok(Input {
            caller,
            groups: ids.collect(),
            action: fields.required_text("action")?,
            data: fields.flag("data")?,
            resource: fields.required_text("resource")?,
            mg: fields.texts("mg")?,
            assignments: each(&fields, "assignments", Assigned::read)?,
            denies: each(&fields, "denies", Denied::read)?,
            request: values(&fields, "request")?,
            resource_attributes: values(&fields, "res")?,
            principal: values(&fields, "principal")?,
            environment: values(&fields, "environment")?,
        })
    }
}

impl Assigned {
    fn read(value: &Value, path: &str) -> Result<Assigned, CaseError> {
        let fields = Fields::of(value, path, &["role", "roleObj", "scope", "principal", "condition"])?;
        let role = match (fields.text("role")?, fields.get("roleObj")) {
            (Some(role), None) => RoleGiven::BuiltIn(role),
            (name, Some(object)) => RoleGiven::InPlace {
                name: name.unwrap_or_else(|| fields.path("roleObj")),
                permissions: permissions(object, &fields.path("roleObj"))?,
            },
            (None, None) => return Err(fields.error("role", "expected `role` or `roleObj`".to_owned())),
        };
        Ok(Assigned {
            role,
            scope: fields.required_text("scope")?,
            principal: fields.required_text("principal")?,
            condition: fields.text("condition")?,
        })
    }
}

impl Denied {
    fn read(value: &Value, path: &str) -> Result<Denied, CaseError> {
        let known = [
            "scope",
            "principals",
            "exclude",
            "actions",
            "notActions",
            "dataActions",
            "notDataActions",
            "doNotApplyToChildScopes",
            "condition",
        ];
        let fields = Fields::of(value, path, &known)?;
        fields.required("principals")?;
        Ok(Denied {
            scope: fields.required_text("scope")?,
            principals: fields.texts("principals")?,
            exclude: fields.texts("exclude")?,
            permission: RolePermission { condition: None, ..permission(&fields)? },
            do_not_apply_to_child_scopes: fields.flag("doNotApplyToChildScopes")?,
            condition: fields.text("condition")?,
        })
    }
}

/// The permissions of a definition in place. What else a definition as `az` prints it has is read over.
fn permissions(value: &Value, path: &str) -> Result<Vec<RolePermission>, CaseError> {
    let known = ["permissions", "roleName", "name", "id", "type", "roleType", "description", "assignableScopes"];
    let fields = Fields::of(value, path, &known)?;
    fields.required("permissions")?;
    each(&fields, "permissions", |value, path| {
        let known = ["actions", "notActions", "dataActions", "notDataActions", "condition", "conditionVersion"];
        permission(&Fields::of(value, path, &known)?)
    })
}

fn permission(fields: &Fields<'_>) -> Result<RolePermission, CaseError> {
    Ok(RolePermission {
        actions: fields.texts("actions")?,
        not_actions: fields.texts("notActions")?,
        data_actions: fields.texts("dataActions")?,
        not_data_actions: fields.texts("notDataActions")?,
        condition: fields.text("condition")?,
        condition_version: None,
    })
}

fn each<T>(
    fields: &Fields<'_>,
    name: &str,
    read: impl Fn(&Value, &str) -> Result<T, CaseError>,
) -> Result<Vec<T>, CaseError> {
    let entries = fields.list(name)?.iter().enumerate();
    entries.map(|(at, value)| read(value, &fields.path(&format!("{name}[{at}]")))).collect()
}

/// Attributes: name → value or list.
fn values(fields: &Fields<'_>, name: &str) -> Result<Values, CaseError> {
    let mut values = Values::new();
    let Some(given) = fields.get(name) else {
        return Ok(values);
    };
    let Value::Object(map) = given else {
        return Err(fields.wrong(name, "an object of attribute names and values", given));
    };
    for (attribute, value) in map {
        let path = format!("{name}.{attribute}");
        let list = match value {
            Value::Array(list) => list.iter().map(|one| (one, scalar(one))).collect(),
            one => vec![(one, scalar(one))],
        };
        let mut read = Vec::new();
        for (value, text) in list {
            read.push(text.ok_or_else(|| fields.wrong(&path, "a text, number or boolean, or a list of them", value))?);
        }
        values.insert(attribute.clone(), read);
    }
    Ok(values)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
