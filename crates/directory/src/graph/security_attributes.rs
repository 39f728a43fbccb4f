//! Custom security attributes of users and service principals, which conditions read as `@Principal[…]`.
//!
//! On the wire `{set: {"@odata.type": "…", attribute: value}}`, stored without the types, which follow from the values. They
//! have rights of their own and are shown when they are asked for by name alone: everybody may look a user up, and what
//! grants them access is nobody else's business.

use access::{Failure, Input, Linked, Query};
use arm::Scope;
use rbac::{DirectoryRight, Permission};
use serde_json::{Map, Value, json};
use store::{DirectoryObject, ObjectKind};

use super::error::bad_request;

pub(super) use store::CUSTOM_SECURITY_ATTRIBUTES as NAME;

/// Longest name of a set or an attribute, characters, as in Entra.
const NAME_LIMIT_CHARS: usize = 32;
/// Longest text of a value, characters, as in Entra.
const TEXT_LIMIT_CHARS: usize = 64;
/// Values of one object, as in Entra.
const VALUES_LIMIT: usize = 50;
/// The type of each set.
const SET_TYPE: &str = "#microsoft.graph.customSecurityAttributeValue";
/// Behind the name of an attribute: its type.
const TYPE_SUFFIX: &str = "@odata.type";

/// A look at an object needs more when it asks for them.
pub(super) fn to_read<B>(input: &Input<'_, B>) -> Vec<Linked> {
    right_if(are_selected(input.query), DirectoryRight::ReadSecurityAttributes)
}

/// A change of an object needs more when it changes them.
pub(super) fn to_assign(input: &Input<'_, access::Json>) -> Vec<Linked> {
    right_if(input.body.0.get(NAME).is_some(), DirectoryRight::AssignSecurityAttributes)
}

fn right_if(is_needed: bool, right: DirectoryRight) -> Vec<Linked> {
    if is_needed { vec![Linked::at(Permission::Directory(right), Scope::root())] } else { Vec::new() }
}

/// Whether objects of a kind have them.
pub(super) fn has_security_attributes(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::User | ObjectKind::ServicePrincipal)
}

/// Whether a query asks for them by name.
pub(super) fn are_selected(query: &Query) -> bool {
    let selects = query.pairs().filter(|(name, _)| name.eq_ignore_ascii_case("$select"));
    selects.flat_map(|(_, names)| names.split(',')).any(|name| name.trim().eq_ignore_ascii_case(NAME))
}

/// As Graph prints them; null where there are none.
pub(super) fn shown(object: &DirectoryObject) -> Value {
    let Some(sets) = object.properties.get(NAME).and_then(Value::as_object).filter(|sets| !sets.is_empty()) else {
        return Value::Null;
    };
    let set = |attributes: &Value| {
        let mut shown = Map::from_iter([(TYPE_SUFFIX.to_owned(), json!(SET_TYPE))]);
        for (name, value) in attributes.as_object().into_iter().flatten() {
            if let Some(kind) = type_of(value) {
                shown.insert(format!("{name}{TYPE_SUFFIX}"), json!(kind));
            }
            shown.insert(name.clone(), value.clone());
        }
        Value::Object(shown)
    };
    Value::Object(sets.iter().map(|(name, attributes)| (name.clone(), set(attributes))).collect())
}

/// The type that Graph prints beside a value; texts and flags have none.
fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Number(_) => Some("#Int32"),
        Value::Array(list) if list.iter().all(Value::is_number) => Some("#Collection(Int32)"),
        Value::Array(_) => Some("#Collection(String)"),
        _ => None,
    }
}

/// Lays the sets of a body over those of an object: each attribute that is given is set, or by null or an empty list taken
/// away; the others stay.
pub(super) fn lay_over(given: &Value, properties: &mut Map<String, Value>) -> Result<(), Failure> {
    let mut sets = properties.get(NAME).and_then(Value::as_object).cloned().unwrap_or_default();
    let given =
        given.as_object().ok_or_else(|| bad_request(format!("The property '{NAME}' must be an object of sets.")))?;
    for (name, attributes) in given.iter().filter(|(name, _)| !is_annotation(name)) {
        check_name("set", name)?;
        let attributes = attributes
            .as_object()
            .ok_or_else(|| bad_request(format!("The custom security attribute set '{name}' must be an object.")))?;
        let name = known_name(&sets, name);
        let mut set = sets.get(&name).and_then(Value::as_object).cloned().unwrap_or_default();
        assign(attributes, &mut set)?;
        if set.is_empty() {
            sets.shift_remove(&name)
        } else {
            sets.insert(name, Value::Object(set))
        };
    }
    let count: usize = sets.values().filter_map(Value::as_object).flat_map(Map::values).map(values_in).sum();
    if count > VALUES_LIMIT {
        return Err(bad_request(format!(
            "An object has at most {VALUES_LIMIT} values of custom security attributes; this one would have {count}."
        )));
    }
    if sets.is_empty() {
        properties.shift_remove(NAME)
    } else {
        properties.insert(NAME.to_owned(), Value::Object(sets))
    };
    Ok(())
}

fn assign(given: &Map<String, Value>, set: &mut Map<String, Value>) -> Result<(), Failure> {
    for (name, value) in given.iter().filter(|(name, _)| !is_annotation(name)) {
        check_name("attribute", name)?;
        let name = known_name(set, name);
        if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
            set.shift_remove(&name);
            continue;
        }
        if !is_value(value) {
            return Err(bad_request(format!(
                "The custom security attribute '{name}' must be true or false, a whole number of 32 bits, a text of 1 to {TEXT_LIMIT_CHARS} characters, or a list of such numbers or texts."
            )));
        }
        set.insert(name, value.clone());
    }
    Ok(())
}

/// The spelling that the first writer chose: names are compared without case.
fn known_name(among: &Map<String, Value>, name: &str) -> String {
    among.keys().find(|known| known.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), Clone::clone)
}

fn is_annotation(name: &str) -> bool {
    name.ends_with(TYPE_SUFFIX)
}

/// Letters and digits alone, so that `{set}_{attribute}` in a condition names one attribute.
fn check_name(what: &str, name: &str) -> Result<(), Failure> {
    let length = name.chars().count();
    if (1..=NAME_LIMIT_CHARS).contains(&length) && name.chars().all(|character| character.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let shown: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
    Err(bad_request(format!(
        "The custom security attribute {what} '{shown}' must have a name of 1 to {NAME_LIMIT_CHARS} letters and digits."
    )))
}

fn is_value(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Array(list) => list.iter().all(is_number) || list.iter().all(is_text),
        value => is_number(value) || is_text(value),
    }
}

fn is_number(value: &Value) -> bool {
    value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

fn is_text(value: &Value) -> bool {
    let fits =
        |text: &str| (1..=TEXT_LIMIT_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    value.as_str().is_some_and(fits)
}

fn values_in(value: &Value) -> usize {
    value.as_array().map_or(1, Vec::len)
}

#[cfg(test)]
mod tests;
