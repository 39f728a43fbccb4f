//! What is asked: `{Subject: {Attributes: {ObjectId, Groups?}}, Actions: [{Id, IsDataAction, Attributes?}], Resource?: {Id,
//! Attributes?}}`.

use arm::{ArmError, Scope};
use rbac::{Permission, Values};
use serde_json::Value;
use store::World;
use uuid::Uuid;

use super::body::{join, keys, text, wrong};
use crate::role_assignments::stored_attributes;

/// Actions in one request: more than any role has operations, and a second of work at the most.
const ACTIONS_MAX: usize = 1000;
/// An action string is at most this long, bytes; the longest that is published has 200.
const ACTION_BYTES_MAX: usize = 512;

/// A question, read.
pub(super) struct Question {
    /// The principal that is asked about.
    pub(super) subject: Uuid,
    /// What it would do.
    pub(super) actions: Vec<Asked>,
    /// Where.
    pub(super) resource: Scope,
    /// `@Resource[…]`
    pub(super) resource_attributes: Values,
}

/// One action.
pub(super) struct Asked {
    /// As it was written.
    pub(super) permission: Permission,
    /// `@Request[…]`
    pub(super) attributes: Values,
}

impl Question {
    /// Reads a whole body, which was asked at `scope`.
    pub(super) fn read(body: &Value, scope: &Scope, world: &World) -> Result<Question, ArmError> {
        let [_, actions, resource] = top(body)?;
        let subject = subject_of(body)?;
        check_groups(body, subject, world)?;
        let (resource, given) = read_resource(resource, scope, world)?;
        let resource_attributes = match given {
            Some(given) => given,
            None => stored_attributes(&resource, world),
        };
        Ok(Question { subject, actions: read_actions(actions)?, resource, resource_attributes })
    }
}

/// The principal that a body asks about.
pub(super) fn subject_of(body: &Value) -> Result<Uuid, ArmError> {
    let (object_id, _) = subject(body)?;
    let path = "Subject.Attributes.ObjectId";
    let expected = "the object id of a principal, a GUID";
    Uuid::try_parse(text(object_id, path, expected)?).map_err(|_| wrong(path, &format!("expected {expected}")))
}

fn top(body: &Value) -> Result<[Option<&Value>; 3], ArmError> {
    keys(body, "", ["Subject", "Actions", "Resource"])
}

fn subject(body: &Value) -> Result<(Option<&Value>, Option<&Value>), ArmError> {
    let [subject, ..] = top(body)?;
    let subject = subject.ok_or_else(|| wrong("Subject", "expected an object"))?;
    let [attributes] = keys(subject, "Subject", ["Attributes"])?;
    let path = "Subject.Attributes";
    let attributes = attributes.ok_or_else(|| wrong(path, "expected an object"))?;
    let [object_id, groups] = keys(attributes, path, ["ObjectId", "Groups"])?;
    Ok((object_id, groups))
}

/// The directory says who is in which group. A group that the body claims and the directory does not know the subject
/// in is refused: counting it would answer for a principal that does not exist, and leaving it out would do so unseen.
fn check_groups(body: &Value, principal: Uuid, world: &World) -> Result<(), ArmError> {
    let (_, Some(groups)) = subject(body)? else { return Ok(()) };
    let path = "Subject.Attributes.Groups";
    let claimed = groups.as_array().ok_or_else(|| wrong(path, "expected a list of the object ids of groups"))?;
    let member_of = world.access.groups_of(principal);
    for (at, group) in claimed.iter().enumerate() {
        let path = format!("{path}[{at}]");
        let id = group.as_str().and_then(|id| Uuid::try_parse(id).ok());
        let id = id.ok_or_else(|| wrong(&path, "expected the object id of a group, a GUID"))?;
        if !member_of.contains(&id) {
            let problem = format!("`{principal}` is not a member of `{id}`; groups count as the directory has them");
            return Err(wrong(&path, &problem));
        }
    }
    Ok(())
}

fn read_actions(actions: Option<&Value>) -> Result<Vec<Asked>, ArmError> {
    let expected = "expected a list of `{Id, IsDataAction}`";
    let actions = actions.and_then(Value::as_array).filter(|actions| !actions.is_empty());
    let actions = actions.ok_or_else(|| wrong("Actions", expected))?;
    if actions.len() > ACTIONS_MAX {
        let problem = format!("{} actions are more than {ACTIONS_MAX}; ask in several requests", actions.len());
        return Err(wrong("Actions", &problem));
    }
    actions.iter().enumerate().map(|(at, action)| read_action(action, &format!("Actions[{at}]"))).collect()
}

fn read_action(action: &Value, path: &str) -> Result<Asked, ArmError> {
    let [id, is_data, attributes] = keys(action, path, ["Id", "IsDataAction", "Attributes"])?;
    let id_path = join(path, "Id");
    let id = text(id, &id_path, "an action, such as `Microsoft.CognitiveServices/accounts/read`")?;
    if id.len() > ACTION_BYTES_MAX {
        return Err(wrong(&id_path, &format!("an action has at most {ACTION_BYTES_MAX} bytes")));
    }
    let is_data = match is_data {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| wrong(&join(path, "IsDataAction"), "expected true or false"))?,
    };
    let text = id.to_owned().into();
    let permission = if is_data { Permission::DataAction(text) } else { Permission::Action(text) };
    Ok(Asked { permission, attributes: read_attributes(attributes, &join(path, "Attributes"))?.unwrap_or_default() })
}

/// The resource, at or below the scope that was asked at, and what was said of it.
fn read_resource(resource: Option<&Value>, scope: &Scope, world: &World) -> Result<(Scope, Option<Values>), ArmError> {
    let Some(resource) = resource else { return Ok((scope.clone(), None)) };
    let [id, attributes] = keys(resource, "Resource", ["Id", "Attributes"])?;
    let attributes = read_attributes(attributes, "Resource.Attributes")?;
    let Some(id) = id else { return Ok((scope.clone(), attributes)) };
    let text = text(Some(id), "Resource.Id", "the id of a resource")?;
    let place = Scope::parse(text).map_err(|error| wrong("Resource.Id", &error.to_string()))?;
    if !world.access.chain(&place).contains(scope) {
        let problem = format!("it is not at or below `{scope}`, which was asked at; ask at a scope that holds it");
        return Err(wrong("Resource.Id", &problem));
    }
    Ok((place, attributes))
}

/// Name and value, or name and values.
fn read_attributes(attributes: Option<&Value>, path: &str) -> Result<Option<Values>, ArmError> {
    let Some(attributes) = attributes else { return Ok(None) };
    let given = attributes.as_object().ok_or_else(|| wrong(path, "expected an object of names and values"))?;
    let values = given.iter().map(|(name, value)| {
        let texts = match value {
            Value::Array(list) => list.iter().map(plain).collect(),
            one => plain(one).map(|text| vec![text]),
        };
        let path = join(path, name);
        Ok((
            name.clone(),
            texts.ok_or_else(|| wrong(&path, "expected a text, a number, true, false, or a list of them"))?,
        ))
    });
    values.collect::<Result<Values, ArmError>>().map(Some)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
