//! The rules of a connection.

use std::collections::BTreeMap;

use arm::{ArmError, Resource};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::auth_type::{self, AuthType, Form};
use super::category::{self, GatewayCategory};
use super::credentials::{self, Credentials};
use super::gateway::GatewayConnection;
use super::metadata::Metadata;
use super::url::Url;
use crate::draft::Draft;
use crate::fields::{Fields, invalid, quoted};
use crate::kind::{Accepted, Context};
use crate::secrets::Secrets;

/// Acted on, or read by what uses the connection.
const ACTED_ON: &[&str] = &[
    "authType",
    "category",
    "target",
    "credentials",
    "metadata",
    "isSharedToAll",
    "isDefault",
    "audience",
    "tokenUrl",
    "scopes",
];
/// Kept and echoed with their types checked, so that templates round-trip.
const KEPT_STRINGS: &[&str] = &["authorizationUrl", "refreshUrl", "connectorName"];
/// Kept and echoed.
const KEPT_BOOLEANS: &[&str] = &["useWorkspaceManagedIdentity", "useCustomConnector"];
/// Only the server writes these; clients send them back with the whole resource, and they are ignored.
const READ_ONLY: &[&str] =
    &["createdByWorkspaceArmId", "error", "group", "peRequirement", "peStatus", "provisioningState"];
/// Longest target, characters: as of a URL.
const TARGET_LIMIT_CHARS: usize = 2048;
/// The properties that say where a secret goes. A secret that is kept goes nowhere else.
const DESTINATIONS: &[&str] = &["target", "tokenUrl", "authorizationUrl", "refreshUrl"];

pub(super) fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
    nothing_foreign(&draft)?;
    let fields = Fields::new("properties", &draft.properties);
    let known = [ACTED_ON, KEPT_STRINGS, KEPT_BOOLEANS, &["expiryTime", "sharedUserList"], READ_ONLY].concat();
    fields.only(&known, "a connection")?;
    let category = category::read(&fields)?;
    let is_gateway = GatewayCategory::of(category).is_some();
    let auth_type = auth_type::read(&fields, is_gateway)?;
    Metadata::read(&fields)?;
    GatewayConnection::read(&fields)?;
    addresses(&fields, is_gateway, context)?;
    let before = existing.filter(|_| draft.is_partial).and_then(|connection| connection.properties.get("credentials"));
    let credentials = credentials::read(&fields, auth_type, before.and_then(Value::as_object))?;
    let is_whole = !draft.is_partial && !credentials.secrets.is_empty();
    let kept = if is_whole { Vec::new() } else { kept_secrets(&fields, &credentials, existing, auth_type)? };
    let secrets = Secrets { given: credentials.secrets, kept };
    complete(auth_type, is_gateway, &credentials.shown, &secrets)?;
    let mut stored = plain(&fields)?;
    stored.insert("category".to_owned(), json!(category));
    stored.insert("authType".to_owned(), json!(auth_type.name));
    let members = secrets.given.keys().chain(&secrets.kept).map(String::as_str);
    stored.insert("credentials".to_owned(), credentials::stored(&credentials.shown, members));
    Ok(Accepted { tags: draft.tags, properties: stored, secrets, ..Accepted::default() })
}

/// Connections have no kind, sku or identity; clients that send the region get no error, as in Azure.
fn nothing_foreign(draft: &Draft) -> Result<(), ArmError> {
    let identity = draft.identity.as_ref().is_some_and(|wish| wish.system_assigned);
    let given = [("kind", draft.kind.is_some()), ("sku", draft.sku.is_some()), ("identity", identity)];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(invalid(name, format!("a connection has no `{name}`"))),
        None => Ok(()),
    }
}

/// The operator's rules for each address that this server may be led to. Of what it does not ask itself only the origin counts:
/// the rest may be a signed query.
fn addresses(fields: &Fields<'_>, is_gateway: bool, context: &Context<'_>) -> Result<(), ArmError> {
    for name in DESTINATIONS {
        let Some(text) = fields.string(name)? else { continue };
        let path = fields.path_of(name);
        if text.len() > TARGET_LIMIT_CHARS || text.chars().any(char::is_control) {
            let message = format!("`{path}` holds control characters, or more than {TARGET_LIMIT_CHARS} characters");
            return Err(invalid(&path, message));
        }
        let Some(url) = Url::parse(text) else { continue };
        let asked = if is_gateway { text.to_owned() } else { url.origin() };
        context.targets.check(&asked).map_err(|why| invalid(&path, format!("`{path}`: {why}")))?;
    }
    Ok(())
}

/// The stored secrets that stay: those of the same way to prove oneself, for the same place, that did not come anew.
fn kept_secrets(
    fields: &Fields<'_>,
    given: &Credentials,
    existing: Option<&Resource>,
    auth_type: &AuthType,
) -> Result<Vec<String>, ArmError> {
    let Some(existing) = existing.map(|connection| Fields::new("properties", &connection.properties)) else {
        return Ok(Vec::new());
    };
    if existing.string("authType")? != Some(auth_type.name) {
        return Ok(Vec::new());
    }
    let kept: Vec<String> =
        credentials::kept_by(&existing)?.into_iter().filter(|member| !given.secrets.contains_key(member)).collect();
    let Some(member) = kept.first() else { return Ok(kept) };
    for name in DESTINATIONS {
        let (before, now) = (destination(&existing, name)?, destination(fields, name)?);
        if before != now {
            let why = format!(
                "the stored secret was given for the `{name}` {}, and is sent nowhere else; give it again for {}",
                named(before.as_deref()),
                named(now.as_deref())
            );
            return Err(credentials::wrong(&member.replace('/', "."), &why));
        }
    }
    Ok(kept)
}

/// Where an address leads: the origin of a URL, else all of it.
fn destination(fields: &Fields<'_>, name: &str) -> Result<Option<String>, ArmError> {
    let text = fields.string(name)?.filter(|text| !text.is_empty());
    Ok(text.map(|text| Url::parse(text).map_or_else(|| text.to_owned(), |url| url.origin())))
}

fn named(destination: Option<&str>) -> String {
    destination.map_or_else(|| "that was empty".to_owned(), |text| format!("`{}`", quoted(text)))
}

/// Is everything there that the way to prove oneself needs?
fn complete(
    auth_type: &AuthType,
    is_gateway: bool,
    shown: &BTreeMap<String, String>,
    secrets: &Secrets,
) -> Result<(), ArmError> {
    let has = |member: &str| secrets.given.contains_key(member) || secrets.kept.iter().any(|kept| kept == member);
    for member in auth_type.members {
        let for_gateway = is_gateway && auth_type.name == auth_type::OAUTH2;
        let is_needed = member.is_required || (for_gateway && auth_type::CLIENT_CREDENTIALS.contains(&member.name));
        let is_there = match member.form {
            Form::Shown => shown.get(member.name).is_some_and(|text| !text.is_empty()),
            Form::Secret => has(member.name),
            Form::Secrets => !secrets.given.is_empty() || !secrets.kept.is_empty(),
        };
        if is_needed && !is_there {
            let why = format!("`{}` needs it", auth_type.name);
            return Err(credentials::wrong(member.name, &why));
        }
    }
    Ok(())
}

/// The properties that are stored as they came, after a look at their types.
fn plain(fields: &Fields<'_>) -> Result<Map<String, Value>, ArmError> {
    let mut stored = Map::new();
    for name in ["isSharedToAll", "isDefault"] {
        stored.insert(name.to_owned(), json!(fields.boolean(name)?.unwrap_or(false)));
    }
    for name in KEPT_BOOLEANS {
        fields.boolean(name)?;
    }
    for name in [&["audience", "tokenUrl", "target"], KEPT_STRINGS].concat() {
        fields.string(name)?;
    }
    for list in ["scopes", "sharedUserList"] {
        if fields.array(list)?.is_some_and(|entries| !entries.iter().all(Value::is_string)) {
            let path = fields.path_of(list);
            return Err(invalid(&path, format!("`{path}`: each entry is a string")));
        }
    }
    if let Some(time) = fields.string("expiryTime")?
        && time.parse::<Timestamp>().is_err()
    {
        let path = fields.path_of("expiryTime");
        let message = format!("`{path}`: expected a time such as `2030-01-31T12:00:00Z`, got `{}`", quoted(time));
        return Err(invalid(&path, message));
    }
    let texts = ["target", "audience", "tokenUrl", "scopes", "expiryTime", "sharedUserList"];
    for name in [&texts, KEPT_STRINGS, KEPT_BOOLEANS].concat() {
        if let Some(value) = fields.value(name) {
            stored.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(metadata) = fields.object("metadata")? {
        let given = metadata.iter().filter(|(_, value)| !value.is_null());
        let given = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        stored.insert("metadata".to_owned(), Value::Object(given));
    }
    Ok(stored)
}
