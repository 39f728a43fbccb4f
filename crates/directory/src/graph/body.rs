//! Bodies of Graph writes: checked against the schema, then laid over an object.

use access::Failure;
use arm::nearest;
use serde_json::{Map, Value};
use store::{DirectoryObject, ObjectKind};
use uuid::Uuid;

use super::error::bad_request;
use super::schema::{self, Shape};
use super::security_attributes;

/// Longest display name, as in Graph.
const DISPLAY_NAME_LIMIT_CHARS: usize = 256;

/// A body whose properties all exist and have their shapes.
pub(super) struct Body<'a> {
    fields: &'a Map<String, Value>,
    kind: ObjectKind,
}

impl<'a> Body<'a> {
    /// Checks a body against the schema of `kind`.
    pub(super) fn checked(value: &'a Value, kind: ObjectKind) -> Result<Body<'a>, Failure> {
        let fields = value.as_object().ok_or_else(|| bad_request("The body must be a JSON object."))?;
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
            let shape = shape(kind, name).ok_or_else(|| unknown(kind, name))?;
            if !shape.fits(value) {
                return Err(bad_request(format!("The property '{name}' must be {}.", shape.name())));
            }
        }
        Ok(Body { fields, kind })
    }

    /// A text that must be there and not be blank.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Failure> {
        let missing =
            || bad_request(format!("A value is required for property '{name}' of resource '{}'.", word(self.kind)));
        self.text(name)?.filter(|text| !text.trim().is_empty()).ok_or_else(missing)
    }

    /// A text that may be absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Failure> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad_request(format!("The property '{name}' must be a text."))),
        }
    }

    /// A flag that must be there.
    pub(super) fn required_flag(&self, name: &str) -> Result<bool, Failure> {
        let missing =
            || bad_request(format!("A value is required for property '{name}' of resource '{}'.", word(self.kind)));
        self.fields.get(name).and_then(Value::as_bool).ok_or_else(missing)
    }

    /// The display name, if it is there.
    pub(super) fn display_name(&self) -> Result<Option<&'a str>, Failure> {
        let given = self.fields.contains_key("displayName");
        let Some(name) = self.text("displayName")?.filter(|name| !name.trim().is_empty()) else {
            return if given { Err(bad_request("The property 'displayName' must not be empty.")) } else { Ok(None) };
        };
        if name.chars().count() > DISPLAY_NAME_LIMIT_CHARS || name.chars().any(char::is_control) {
            let limit = DISPLAY_NAME_LIMIT_CHARS;
            return Err(bad_request(format!(
                "The property 'displayName' must be at most {limit} printable characters."
            )));
        }
        Ok(Some(name))
    }

    /// Any property as it came.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Lays the storable properties over those of an object; `null` takes one away.
    pub(super) fn lay_over(&self, properties: &mut Map<String, Value>) {
        for (name, value) in self.fields {
            let storable =
                shape(self.kind, name).is_some_and(|shape| !matches!(shape, Shape::Handled | Shape::ReadOnly));
            match value {
                _ if !storable => {}
                Value::Null => {
                    properties.shift_remove(name);
                }
                value => {
                    properties.insert(name.clone(), value.clone());
                }
            }
        }
    }

    /// Lays custom security attributes over those of an object, if there are any.
    pub(super) fn lay_security_attributes_over(&self, properties: &mut Map<String, Value>) -> Result<(), Failure> {
        let given = self.fields.get(security_attributes::NAME);
        given.map_or(Ok(()), |given| security_attributes::lay_over(given, properties))
    }

    /// A new object has none: whoever assigns them does it by a change, which needs a right of its own.
    pub(super) fn refuse_security_attributes(&self) -> Result<(), Failure> {
        let name = security_attributes::NAME;
        let refused = || bad_request(format!("'{name}' cannot be given with a new object; assign them by a PATCH."));
        self.get(name).map_or(Ok(()), |_| Err(refused()))
    }

    /// Certificates and ready-made secrets cannot be handed in; empty lists, which clients send, are nothing.
    pub(super) fn refuse_credentials(&self) -> Result<(), Failure> {
        let given =
            |name: &str| self.get(name).is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()));
        if given("keyCredentials") {
            return Err(bad_request("Certificates ('keyCredentials') are not supported; use a client secret."));
        }
        if given("passwordCredentials") {
            return Err(bad_request(
                "Secrets are not set by 'passwordCredentials'; use addPassword and removePassword.",
            ));
        }
        Ok(())
    }
}

/// A new object of a kind with a random id and the body's properties.
pub(super) fn new_object(body: &Body<'_>, now: jiff::Timestamp) -> Result<DirectoryObject, Failure> {
    let display_name = body.display_name()?.map_or_else(|| body.required("displayName"), Ok)?.to_owned();
    let mut properties = Map::new();
    body.lay_over(&mut properties);
    Ok(DirectoryObject {
        id: Uuid::new_v4(),
        kind: body.kind,
        display_name,
        app_id: None,
        user_principal_name: None,
        properties,
        created_at: now,
        managed_by: None,
    })
}

fn shape(kind: ObjectKind, name: &str) -> Option<Shape> {
    schema::properties(kind).iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
}

fn unknown(kind: ObjectKind, name: &str) -> Failure {
    let known = schema::properties(kind).iter().map(|(known, _)| *known);
    let hint = nearest(name, known).map(|near| format!(" Did you mean '{near}'?")).unwrap_or_default();
    let shown: String = name.chars().take(64).collect();
    bad_request(format!("Invalid property '{shown}' of resource '{}'.{hint}", word(kind)))
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "User",
        ObjectKind::Group => "Group",
        ObjectKind::Application => "Application",
        ObjectKind::ServicePrincipal => "ServicePrincipal",
    }
}
