//! Client secrets of applications and their principals: made here, shown once.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, Json, Operation, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rbac::Writes;
use serde_json::{Value, json};
use store::{CredentialInfo, CredentialKind, CredentialOwner, NewCredential, ObjectKind, Row, World};
use uuid::Uuid;

use super::error::{bad_request, stored};
use super::service_principals::not_managed;
use super::{lookup, operations as op, reply, view};
use crate::state::Directory;

/// How long a secret is good when the client names no end: Entra's two years.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365 * 2);
/// Secrets of one object: room for rotation, and a sign-in compares few.
const SECRETS_LIMIT: usize = 50;
/// How far ahead a start may lie, since the store keeps when a secret was made and clients' clocks differ.
const START_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// Characters of a secret that are shown later, so that people can tell their secrets apart.
const HINT_CHARS: usize = 3;

pub(super) async fn add(directory: Arc<Directory>, ask: Authorized<op::AddPassword>) -> HandlerResult {
    let owner = lookup::named(&ask, ObjectKind::Application)?.id;
    added(&directory, &ask, owner).await
}

pub(super) async fn add_to_principal(
    directory: Arc<Directory>,
    ask: Authorized<op::AddPrincipalPassword>,
) -> HandlerResult {
    let owner = not_managed(lookup::named(&ask, ObjectKind::ServicePrincipal)?)?.id;
    added(&directory, &ask, owner).await
}

pub(super) async fn remove(directory: Arc<Directory>, ask: Authorized<op::RemovePassword>) -> HandlerResult {
    let owner = lookup::named(&ask, ObjectKind::Application)?.id;
    removed(&directory, &ask, owner).await
}

pub(super) async fn remove_from_principal(
    directory: Arc<Directory>,
    ask: Authorized<op::RemovePrincipalPassword>,
) -> HandlerResult {
    let owner = not_managed(lookup::named(&ask, ObjectKind::ServicePrincipal)?)?.id;
    removed(&directory, &ask, owner).await
}

/// Makes a secret. Its answer is the only one that ever holds it.
async fn added<O>(directory: &Directory, ask: &Authorized<O>, owner: Uuid) -> HandlerResult
where
    O: Operation<Mode = Writes, Body = Json>,
{
    room_for_one_more(owner, &ask.world)?;
    let wanted = Wanted::read(&ask.body.0, ask.now)?;
    let secret = new_secret();
    let hint: String = secret.chars().take(HINT_CHARS).collect();
    let kind = CredentialKind::ClientSecret { hint: hint.clone(), display_name: wanted.display_name.clone() };
    let credential = NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(owner),
        kind,
        secret: secret.clone().into(),
        created_at: ask.now,
        expires_at: Some(wanted.ends),
    };
    let base = &ask.request.public_url;
    let answer = json!({
        "@odata.context": format!("{base}/v1.0/$metadata#microsoft.graph.passwordCredential"),
        "customKeyIdentifier": null,
        "displayName": wanted.display_name,
        "endDateTime": view::time(wanted.ends),
        "hint": hint,
        "keyId": credential.id,
        "secretText": secret,
        "startDateTime": view::time(ask.now),
    });
    let rows = vec![Row::PutCredential(credential)];
    let written = directory.store.write(&ask.permit, rows).await;
    written.map_err(|error| stored(&error))?;
    Ok(Reply::json(StatusCode::OK, &answer).with_header("cache-control", "no-store"))
}

async fn removed<O>(directory: &Directory, ask: &Authorized<O>, owner: Uuid) -> HandlerResult
where
    O: Operation<Mode = Writes, Body = Json>,
{
    let owner = CredentialOwner::Object(owner);
    let id = ask.body.0.get("keyId").and_then(Value::as_str);
    let id = id.and_then(|id| Uuid::parse_str(id).ok());
    let id = id.ok_or_else(|| bad_request("The body must have 'keyId', the id of a password credential."))?;
    let is_secret = |info: &&CredentialInfo| matches!(info.kind, CredentialKind::ClientSecret { .. });
    if ask.world.credentials.get(&owner, id).filter(is_secret).is_none() {
        return Err(bad_request(format!("No password credential found with keyId '{id}'.")));
    }
    reply::done(directory, ask, vec![Row::DeleteCredential { owner, id }]).await
}

/// What the client asked of the secret.
struct Wanted {
    display_name: Option<String>,
    ends: Timestamp,
}

impl Wanted {
    fn read(body: &Value, now: Timestamp) -> Result<Wanted, Failure> {
        let empty = Value::Null;
        let asked = body.get("passwordCredential").unwrap_or(&empty);
        let text = |name: &str| asked.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let time = |name: &'static str| text(name).map(|text| moment(name, text)).transpose();
        if time("startDateTime")?.is_some_and(|starts| starts > now.saturating_add(START_TOLERANCE).unwrap_or(now)) {
            return Err(bad_request("A secret is good from now on: 'startDateTime' must not lie in the future."));
        }
        let default_end = now.saturating_add(DEFAULT_LIFETIME).unwrap_or(Timestamp::MAX);
        let ends = time("endDateTime")?.unwrap_or(default_end);
        if ends <= now {
            return Err(bad_request("The 'endDateTime' of a secret must lie in the future."));
        }
        Ok(Wanted { display_name: text("displayName").map(str::to_owned), ends })
    }
}

/// A time of a body; Python's clients leave the zone away and mean UTC.
fn moment(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let parsed = text.parse().or_else(|_| format!("{text}Z").parse());
    parsed.map_err(|_: jiff::Error| {
        bad_request(format!("The property '{name}' must be a time such as 2030-01-31T00:00:00Z."))
    })
}

fn room_for_one_more(owner: Uuid, world: &World) -> Result<(), Failure> {
    if world.credentials.of(&CredentialOwner::Object(owner)).count() < SECRETS_LIMIT {
        return Ok(());
    }
    Err(bad_request(format!("It has {SECRETS_LIMIT} secrets; remove one before you add another.")))
}

/// A random secret of 244 bits. It starts with a letter or digit, so that no shell takes it for an option.
fn new_secret() -> String {
    loop {
        let random = [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
        let secret = URL_SAFE_NO_PAD.encode(random);
        if secret.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return secret;
        }
    }
}
