//! `properties.credentials`: what may be shown of them, and the secrets apart. No error repeats a value.

use std::collections::BTreeMap;

use arm::ArmError;
use serde_json::{Map, Value};

use super::auth_type::{self, AuthType, Form, Member};
use crate::fields::{Fields, invalid, listed, quoted};
use crate::secrets::SecretText;

/// Where the credentials stand in a body.
const PATH: &str = "properties.credentials";
/// Longest secret, characters: connection strings and signed tokens are the long ones.
const SECRET_LIMIT_CHARS: usize = 16 * 1024;
/// Most secrets by name of one connection.
const SECRETS_LIMIT: usize = 50;

/// Credentials as a body gives them.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    /// What may be shown, by member.
    pub(super) shown: BTreeMap<String, String>,
    /// The secrets that came, by member: `key`, or `keys/NAME`.
    pub(super) secrets: BTreeMap<String, SecretText>,
}

/// Reads the credentials that a way of proving oneself takes; a null member counts as left out. `before` are those of the stored
/// connection: what a PATCH to another way leaves of them is not held against it.
pub(super) fn read(
    properties: &Fields<'_>,
    auth_type: &AuthType,
    before: Option<&Map<String, Value>>,
) -> Result<Credentials, ArmError> {
    let mut read = Credentials::default();
    let map = match properties.value("credentials") {
        None => return Ok(read),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(wrong("", "expected an object")),
    };
    let is_left_over = |name: &String, value| {
        before.is_some_and(|before| before.get(name) == Some(value))
            && auth_type.members.iter().all(|member| member.name != name)
    };
    for (name, value) in map.iter().filter(|(name, value)| !value.is_null() && !is_left_over(name, value)) {
        let member = member(auth_type, name)?;
        match member.form {
            Form::Shown => {
                let text =
                    value.as_str().filter(|text| is_text(text)).ok_or_else(|| wrong(name, "expected a string"))?;
                read.shown.insert(name.clone(), text.to_owned());
            }
            Form::Secret => {
                read.secrets.insert(name.clone(), secret(name, value, auth_type)?);
            }
            Form::Secrets => named_secrets(name, value, auth_type, &mut read.secrets)?,
        }
    }
    Ok(read)
}

/// The member with this name; else which ones there are.
fn member<'a>(auth_type: &'a AuthType, name: &str) -> Result<&'a Member, ArmError> {
    if let Some(member) = auth_type.members.iter().find(|member| member.name == name) {
        return Ok(member);
    }
    let known: Vec<&str> = auth_type.members.iter().map(|member| member.name).collect();
    let why = match (name, arm::nearest(name, known.iter().copied())) {
        ("tokenUrl" | "scopes" | "audience", _) => format!("it belongs beside `credentials`: `properties.{name}`"),
        ("type", _) => "leave it out; the type is `properties.authType`".to_owned(),
        (_, Some(near)) => format!("`{}` has no such credential; did you mean `{near}`?", auth_type.name),
        (_, None) if known.is_empty() => format!("`{}` takes no credentials", auth_type.name),
        (_, None) => format!("`{}` has no such credential; it takes {}", auth_type.name, listed(&known)),
    };
    Err(wrong(&quoted(name), &why))
}

/// `keys`: an object of names and secrets.
fn named_secrets(
    member: &str,
    value: &Value,
    auth_type: &AuthType,
    secrets: &mut BTreeMap<String, SecretText>,
) -> Result<(), ArmError> {
    let Value::Object(map) = value else {
        return Err(wrong(member, "expected an object of names and secrets"));
    };
    if map.len() > SECRETS_LIMIT {
        return Err(wrong(member, &format!("{} secrets given, at most {SECRETS_LIMIT} may be", map.len())));
    }
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        // The project API shows named secrets beside the `type` of the credentials.
        if name.is_empty() || !is_text(name) || name.contains('/') || name == "type" {
            return Err(wrong(member, &format!("`{}` is no name of a secret", quoted(name))));
        }
        let secret = secret(&format!("{member}.{}", quoted(name)), value, auth_type)?;
        secrets.insert(format!("{member}/{name}"), secret);
    }
    Ok(())
}

fn secret(name: &str, value: &Value, auth_type: &AuthType) -> Result<SecretText, ArmError> {
    let text = value.as_str().ok_or_else(|| wrong(name, "expected a string"))?;
    if text.trim().is_empty() {
        return Err(wrong(name, "it is empty"));
    }
    if text.trim() != text {
        return Err(wrong(name, "it begins or ends with a blank; was a line end copied along?"));
    }
    if text.len() > SECRET_LIMIT_CHARS || text.chars().any(char::is_control) {
        let why = format!("expected at most {SECRET_LIMIT_CHARS} characters, no control characters among them");
        return Err(wrong(name, &why));
    }
    if auth_type.name == auth_type::API_KEY && !text.is_ascii() {
        return Err(wrong(name, "a key goes into a header, and holds ASCII characters only"));
    }
    Ok(SecretText::from(text))
}

fn is_text(text: &str) -> bool {
    text.len() <= SECRET_LIMIT_CHARS && !text.chars().any(char::is_control)
}

/// The members whose secrets a stored connection has.
pub(super) fn kept_by(properties: &Fields<'_>) -> Result<Vec<String>, ArmError> {
    let Some(credentials) = properties.object("credentials")? else { return Ok(Vec::new()) };
    let within = |name: &str, value: &Value| match value {
        Value::Null => vec![name.to_owned()],
        Value::Object(inner) => inner.keys().map(|key| format!("{name}/{key}")).collect(),
        _ => Vec::new(),
    };
    Ok(credentials.iter().flat_map(|(name, value)| within(name, value)).collect())
}

/// Credentials as they are stored and shown: of each secret that it is there, as null.
pub(super) fn stored<'a>(shown: &BTreeMap<String, String>, secrets: impl Iterator<Item = &'a str>) -> Value {
    let mut map: Map<String, Value> =
        shown.iter().map(|(name, text)| (name.clone(), Value::String(text.clone()))).collect();
    for member in secrets {
        match member.split_once('/') {
            None => {
                map.insert(member.to_owned(), Value::Null);
            }
            Some((outer, inner)) => {
                let entry = map.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(names) = entry {
                    names.insert(inner.to_owned(), Value::Null);
                }
            }
        }
    }
    Value::Object(map)
}

/// The error of the member `name`; of all credentials when it is empty.
pub(super) fn wrong(name: &str, why: &str) -> ArmError {
    let path = if name.is_empty() { PATH.to_owned() } else { format!("{PATH}.{name}") };
    invalid(&path, format!("`{path}`: {why}"))
}
