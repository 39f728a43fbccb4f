//! Who is calling: reads the credential headers of a request and asks the verifier or the key index.
//!
//! Every header form the real clients send is accepted: `api-key`, `x-api-key`, a key as a bearer, a token as a
//! bearer; the same key in several headers is one key, credentials that differ are refused.

use arm::Scope;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use identity::Audience;
use jiff::Timestamp;
use rbac::{KeySlot, VerifiedPrincipal};
use store::World;
use uuid::Uuid;

use crate::app::Core;
use crate::refusal::AuthenticationError;
use crate::route::Plane;

/// The headers that a resource key comes in.
static API_KEY: HeaderName = HeaderName::from_static("api-key");
static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A caller who is recognised.
#[derive(Clone, Debug)]
pub(crate) enum Recognised {
    /// By a token.
    Principal(VerifiedPrincipal),
    /// By a resource key of the account.
    Key {
        /// The account that the key belongs to.
        account: Scope,
        /// Which of its two keys.
        slot: KeySlot,
    },
}

impl Recognised {
    /// The object id of a principal; keys have none.
    pub(crate) fn object_id(&self) -> Option<Uuid> {
        match self {
            Recognised::Principal(principal) => Some(principal.object_id()),
            Recognised::Key { .. } => None,
        }
    }
}

/// The audiences a plane accepts. A project takes only Foundry's: a token for another resource must not act there.
fn audiences(plane: Plane) -> &'static [Audience] {
    match plane {
        Plane::Arm => &[Audience::Arm],
        Plane::Graph => &[Audience::Graph],
        Plane::Inference => &[Audience::CognitiveServices, Audience::Foundry, Audience::MachineLearning],
        Plane::Project => &[Audience::Foundry],
        Plane::Protocol => &[],
    }
}

/// Recognises the caller of a request on `plane`; `account` is the account of an inference or project route.
pub(crate) fn authenticate(
    core: &Core,
    world: &World,
    plane: Plane,
    account: Option<&Scope>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Recognised, AuthenticationError> {
    let data_plane = matches!(plane, Plane::Inference | Plane::Project);
    let bearer = bearer(headers)?;
    let key = if data_plane { key_header(headers)? } else { None };
    let credential = match (key, bearer) {
        (Some(key), Some(bearer)) if key != bearer => return Err(AuthenticationError::Ambiguous),
        (Some(credential), _) | (None, Some(credential)) => credential,
        (None, None) => return Err(AuthenticationError::Missing),
    };
    let as_token = key.is_none() && (!data_plane || identity::looks_like_jwt(credential));
    if as_token {
        return token(core, world, plane, credential, now);
    }
    resource_key(core, world, plane, account, credential)
}

fn token(
    core: &Core,
    world: &World,
    plane: Plane,
    token: &str,
    now: Timestamp,
) -> Result<Recognised, AuthenticationError> {
    let principal = core.verifier.verify(token, audiences(plane), world, now);
    principal.map(Recognised::Principal).map_err(|error| AuthenticationError::Token(error.to_string()))
}

fn resource_key(
    core: &Core,
    world: &World,
    plane: Plane,
    account: Option<&Scope>,
    key: &str,
) -> Result<Recognised, AuthenticationError> {
    let Some(account) = account.filter(|_| plane == Plane::Inference) else {
        return Err(AuthenticationError::KeyNotAccepted);
    };
    let found = core.store.find_resource_key(key).filter(|found| found.account == *account);
    let found = found.ok_or(AuthenticationError::Key)?;
    // Anything but a stored `false` counts as off: a damaged row must not open a door.
    let enabled = world
        .resources
        .get(account)
        .is_some_and(|row| row.properties.get("disableLocalAuth").and_then(serde_json::Value::as_bool) == Some(false));
    if !enabled {
        return Err(AuthenticationError::KeyDisabled);
    }
    Ok(Recognised::Key { account: found.account, slot: found.slot })
}

/// The bearer credential, if there is exactly one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthenticationError> {
    let Some(value) = single(headers, &AUTHORIZATION)? else { return Ok(None) };
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    let credential = credential.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty() {
        Ok(Some(credential))
    } else {
        Err(AuthenticationError::Token("the Authorization header must be `Bearer <token>`".to_owned()))
    }
}

/// The key of `api-key` or `x-api-key`.
fn key_header(headers: &HeaderMap) -> Result<Option<&str>, AuthenticationError> {
    match (single(headers, &API_KEY)?, single(headers, &X_API_KEY)?) {
        (Some(one), Some(other)) if one != other => Err(AuthenticationError::Ambiguous),
        (one, other) => Ok(one.or(other)),
    }
}

/// The only value of a header; several are refused, since two readers could pick different ones.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, AuthenticationError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(AuthenticationError::Ambiguous);
    }
    let text = first.map(|value| value.to_str().map(str::trim));
    text.transpose().map_err(|_| AuthenticationError::Token(format!("the {name} header is not ASCII")))
}
