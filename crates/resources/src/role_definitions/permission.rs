//! One permission object of a custom role, as a client writes it.

use arm::{ArmError, ErrorCode};
use serde_json::{Map, Value, json};

use super::action;
use crate::fields::{Fields, invalid, quoted};
use crate::role_assignments::condition_text;

/// The four lists, each with what an error calls it.
const LISTS: [&str; 4] = ["actions", "notActions", "dataActions", "notDataActions"];

/// What one object of `permissions` gives. Each list keeps its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// Management actions given.
    pub actions: Vec<String>,
    /// Management actions taken out again.
    pub not_actions: Vec<String>,
    /// Data actions given.
    pub data_actions: Vec<String>,
    /// Data actions taken out again.
    pub not_data_actions: Vec<String>,
    /// A condition, not yet parsed.
    pub condition: Option<String>,
}

impl Permission {
    /// Reads the object at `path`, such as `properties.permissions[0]`.
    pub(crate) fn from_json(value: &Value, path: &str) -> Result<Permission, ArmError> {
        let Some(map) = value.as_object() else {
            return Err(invalid(path, format!("`{path}`: expected an object with `actions` and its like")));
        };
        let fields = Fields::new(path, map);
        fields.only(&[LISTS.as_slice(), &["condition", "conditionVersion"]].concat(), "a permission")?;
        let [actions, not_actions, data_actions, not_data_actions] = LISTS.map(|name| list(&fields, name));
        Ok(Permission {
            actions: actions?,
            not_actions: not_actions?,
            data_actions: data_actions?,
            not_data_actions: not_data_actions?,
            condition: condition_text(&fields)?,
        })
    }

    /// As it is stored and shown.
    pub(crate) fn to_json(&self) -> Value {
        let lists = [&self.actions, &self.not_actions, &self.data_actions, &self.not_data_actions];
        let mut object: Map<String, Value> =
            LISTS.iter().zip(lists).map(|(name, list)| ((*name).to_owned(), json!(list))).collect();
        if let Some(condition) = &self.condition {
            object.insert("condition".to_owned(), json!(condition));
            object.insert("conditionVersion".to_owned(), json!("2.0"));
        }
        Value::Object(object)
    }
}

fn list(fields: &Fields<'_>, name: &str) -> Result<Vec<String>, ArmError> {
    let given = fields.array(name)?.map(Vec::as_slice).unwrap_or_default();
    let path = fields.path_of(name);
    given.iter().enumerate().map(|(at, value)| read(value, &format!("{path}[{at}]"))).collect()
}

fn read(value: &Value, path: &str) -> Result<String, ArmError> {
    let Some(text) = value.as_str() else {
        return Err(invalid(path, format!("`{path}`: expected a string such as `Microsoft.CognitiveServices/*/read`")));
    };
    match action::check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(wrong) => {
            Err(ArmError::new(ErrorCode::InvalidActionOrNotAction, format!("`{path}`: '{}' {wrong}", quoted(text)))
                .with_target(path))
        }
    }
}
