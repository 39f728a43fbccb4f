//! A resource as a client asks for it: the envelope of a PUT or PATCH body, decoded and checked for its types.

use arm::{ArmError, ErrorCode, Resource, ResourceIdentity, Scope};
use serde_json::{Map, Value};

use crate::fields::{Fields, invalid, quoted};

/// The names an ARM resource may have at its top level. Those that Cupola's types do not have must be absent or null.
const TOP_LEVEL: &[&str] = &[
    "id",
    "name",
    "type",
    "location",
    "kind",
    "tags",
    "sku",
    "identity",
    "properties",
    "systemData",
    "etag",
    "resourceGroup",
    "plan",
    "zones",
    "managedBy",
    "managedByExtended",
    "extendedLocation",
    "scale",
    "scope",
];
/// Of those, what no type of this server has: setting one would promise something that nobody carries out.
const UNSUPPORTED: &[&str] = &["plan", "zones", "managedBy", "managedByExtended", "extendedLocation", "scale"];
/// Most tags of one resource, as in Azure.
const TAG_LIMIT: usize = 50;
/// Longest tag name, characters, as in Azure.
const TAG_NAME_LIMIT_CHARS: usize = 512;
/// Longest tag value, characters, as in Azure.
const TAG_VALUE_LIMIT_CHARS: usize = 256;

/// What a client asks for. Absent parts are `None`; `properties` is what the client wrote, not yet checked by the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The region, as written.
    pub location: Option<String>,
    /// The kind (accounts: `OpenAI`, `AIServices`).
    pub kind: Option<String>,
    /// Tags; all values are strings.
    pub tags: Option<Map<String, Value>>,
    /// The sku object, not yet checked by the type.
    pub sku: Option<Map<String, Value>>,
    /// The identity wanted; `None` keeps what there is.
    pub identity: Option<IdentityWish>,
    /// The properties.
    pub properties: Map<String, Value>,
    /// Whether it says only what changes (a PATCH): secrets that it leaves out stay.
    pub is_partial: bool,
}

/// The identity a client wants a resource to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityWish {
    /// Whether the resource has an identity of its own.
    pub system_assigned: bool,
}

impl Draft {
    /// Reads a PUT body; `id` and `display_type` are what the URL says, which the body may repeat but not contradict.
    pub fn from_json(body: &Value, id: &Scope, display_type: &str) -> Result<Draft, ArmError> {
        let Some(map) = body.as_object() else {
            return Err(invalid("", "the body must be a JSON object".to_owned()));
        };
        let fields = Fields::new("", map);
        fields.only(TOP_LEVEL, "a resource")?;
        agrees_with_url(&fields, id, display_type)?;
        for name in UNSUPPORTED {
            if fields.value(name).is_some() {
                return Err(invalid(name, format!("`{name}` is not supported for `{display_type}`")));
            }
        }
        Ok(Draft {
            location: fields.string("location")?.map(str::to_owned),
            kind: fields.string("kind")?.map(str::to_owned),
            tags: fields.object("tags")?.map(tags).transpose()?,
            sku: fields.object("sku")?.cloned(),
            identity: fields.object("identity")?.map(identity_wish).transpose()?,
            properties: fields.object("properties")?.cloned().unwrap_or_default(),
            is_partial: false,
        })
    }

    /// Reads a PATCH body: what it says laid over `existing` as JSON merge patch (RFC 7396), so that the same rules
    /// check the outcome. Arrays are replaced whole; `null` removes.
    pub fn from_patch(body: &Value, existing: &Resource, display_type: &str) -> Result<Draft, ArmError> {
        let Some(patch) = body.as_object() else {
            return Err(invalid("", "the body must be a JSON object".to_owned()));
        };
        let mut writable = Map::new();
        writable.insert("properties".to_owned(), Value::Object(existing.properties.clone()));
        if let Some(tags) = &existing.tags {
            writable.insert("tags".to_owned(), Value::Object(tags.clone()));
        }
        if let Some(sku) = &existing.sku {
            writable.insert("sku".to_owned(), sku.clone());
        }
        for (name, part) in [("location", &existing.location), ("kind", &existing.kind)] {
            if let Some(text) = part {
                writable.insert(name.to_owned(), Value::String(text.clone()));
            }
        }
        let mut merged = Value::Object(writable);
        merge(&mut merged, &Value::Object(patch.clone()));
        Ok(Draft { is_partial: true, ..Draft::from_json(&merged, &existing.id, display_type)? })
    }
}

impl IdentityWish {
    /// The wish that leaves `identity` as it is.
    pub fn of(identity: Option<&ResourceIdentity>) -> IdentityWish {
        IdentityWish { system_assigned: identity.is_some_and(|identity| identity.principal_id.is_some()) }
    }
}

/// A body may repeat the id, name and type of the URL; anything else is a request for another resource.
fn agrees_with_url(fields: &Fields<'_>, id: &Scope, display_type: &str) -> Result<(), ArmError> {
    let differs = |name: &str, given: &str, wanted: &str| {
        ArmError::new(
            ErrorCode::MismatchingResourceName,
            format!("`{name}` in the body is `{}`, but the URL names `{wanted}`", quoted(given)),
        )
        .with_target(name)
    };
    if let Some(given) = fields.string("id")?
        && Scope::parse(given).ok().as_ref() != Some(id)
    {
        return Err(differs("id", given, id.as_str()));
    }
    if let Some(given) = fields.string("name")? {
        let own = given.rsplit('/').next().unwrap_or(given);
        if !own.eq_ignore_ascii_case(id.name()) {
            return Err(differs("name", given, id.name()));
        }
    }
    if let Some(given) = fields.string("type")? {
        let own = id.resource_type().is_some_and(|own| own.as_str().eq_ignore_ascii_case(given));
        if !own && !given.eq_ignore_ascii_case(display_type) {
            return Err(differs("type", given, display_type));
        }
    }
    Ok(())
}

fn tags(map: &Map<String, Value>) -> Result<Map<String, Value>, ArmError> {
    let fields = Fields::new("tags", map);
    if map.len() > TAG_LIMIT {
        return Err(invalid("tags", format!("{} tags given; a resource has at most {TAG_LIMIT}", map.len())));
    }
    for (name, value) in map {
        let Some(text) = value.as_str() else {
            return Err(fields.mismatch(&quoted(name), "a string", value));
        };
        if name.is_empty()
            || name.chars().count() > TAG_NAME_LIMIT_CHARS
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            let message = format!(
                "the tag name `{}` is not valid: 1 to {TAG_NAME_LIMIT_CHARS} characters, none of `<>%&\\?/`",
                quoted(name)
            );
            return Err(invalid("tags", message));
        }
        if text.chars().count() > TAG_VALUE_LIMIT_CHARS {
            let path = fields.path_of(&quoted(name));
            return Err(invalid(&path, format!("`{path}` is longer than {TAG_VALUE_LIMIT_CHARS} characters")));
        }
    }
    Ok(map.clone())
}

fn identity_wish(map: &Map<String, Value>) -> Result<IdentityWish, ArmError> {
    let fields = Fields::new("identity", map);
    let kind = fields.required_string("type")?;
    let mut system_assigned = false;
    for part in kind.split(',').map(str::trim) {
        match part.to_ascii_lowercase().as_str() {
            "systemassigned" => system_assigned = true,
            "none" => {}
            "userassigned" => {
                let message =
                    "`identity.type`: user-assigned identities are not available on this server; use `SystemAssigned`";
                return Err(invalid("identity.type", message.to_owned()));
            }
            _ => {
                let message = format!("`identity.type`: expected `SystemAssigned` or `None`, got `{}`", quoted(kind));
                return Err(invalid("identity.type", message));
            }
        }
    }
    Ok(IdentityWish { system_assigned })
}

/// RFC 7396. The depth is bounded by the limit on bodies.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            map.remove(name);
        } else {
            merge(map.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests;
