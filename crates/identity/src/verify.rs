//! Verification: the one place where a token becomes a principal.
//!
//! Strict on purpose: this server is the only issuer, so whatever it does not write itself is refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use rbac::{PrincipalType, VerifiedPrincipal};
use serde_json::{Map, Value};
use store::{DirectoryObject, ObjectKind, World};
use uuid::Uuid;

use crate::signed::{Claims, Signed, SignedTokens};
use crate::{Audience, Authority, SigningKeys};

/// How far the clocks of issuer and verifier may differ, seconds. Both are this server; a restored backup may lag.
pub const CLOCK_SKEW_S: i64 = 60;

/// Longest token looked at, bytes. Ours are under 2 KiB; the rest is room for a future issuer's claims.
pub const TOKEN_LIMIT_BYTES: usize = 16 * 1024;

/// Why a token was refused. The text is for the caller: it names the claim, never a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Over [`TOKEN_LIMIT_BYTES`].
    #[error("the token is longer than {TOKEN_LIMIT_BYTES} bytes")]
    TooLong,
    /// Not a signed token of the shape that is issued here.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// Signed by another algorithm than RS256.
    #[error("the token's algorithm is not accepted; it must be RS256")]
    Algorithm,
    /// Signed by a key that is not published here.
    #[error("the token's key id is not one of the published keys; sign in again")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the token's signature does not verify")]
    Signature,
    /// A claim is missing or has the wrong type.
    #[error("the token's claim `{0}` is missing or has the wrong type")]
    Claim(&'static str),
    /// Issued by another authority.
    #[error("the token's issuer is not `{expected}`")]
    Issuer {
        /// The only issuer accepted.
        expected: String,
    },
    /// Meant for another resource.
    #[error("the token is for the audience `{found}`; expected here: {expected}")]
    Audience {
        /// The token's audience, shortened.
        found: String,
        /// The accepted ones.
        expected: String,
    },
    /// Past its end.
    #[error("the token expired at {expired_at}; it is {now}")]
    Expired {
        /// When it ended.
        expired_at: Timestamp,
        /// The server's time.
        now: Timestamp,
    },
    /// Issued in the future, or not good yet.
    #[error("the token is not valid yet; check the clocks")]
    NotYetValid,
    /// Of another tenant.
    #[error("the token is of another tenant")]
    Tenant,
    /// The principal was deleted.
    #[error("the principal `{0}` of the token does not exist")]
    UnknownPrincipal(Uuid),
    /// The principal may not sign in.
    #[error("the principal `{0}` of the token is disabled")]
    Disabled(Uuid),
    /// The object of the token is not what the token says.
    #[error("the token does not fit its principal `{0}`")]
    PrincipalMismatch(Uuid),
}

/// Whether a bearer credential is a token and not a resource key: three parts, the first a JSON object in base64url.
pub fn looks_like_jwt(credential: &str) -> bool {
    credential.starts_with("eyJ") && has_three_parts(credential)
}

fn has_three_parts(credential: &str) -> bool {
    credential.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// Verifies access tokens of one authority.
#[derive(Clone, Debug)]
pub struct Verifier {
    authority: Authority,
    keys: Arc<SigningKeys>,
    issuer: String,
    validation: Validation,
    signed: Arc<SignedTokens>,
}

impl Verifier {
    /// Accepts tokens that `authority` issued under one of `keys`.
    pub fn new(authority: Authority, keys: Arc<SigningKeys>) -> Verifier {
        let issuer = authority.issuer();
        Verifier { authority, keys, issuer, validation: signature_only(), signed: Arc::default() }
    }

    /// Whose tokens are accepted.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The principal of a token for one of `accepted`, as `world` knows it at `now`.
    pub fn verify(
        &self,
        token: &str,
        accepted: &[Audience],
        world: &World,
        now: Timestamp,
    ) -> Result<VerifiedPrincipal, TokenError> {
        if token.len() > TOKEN_LIMIT_BYTES {
            return Err(TokenError::TooLong);
        }
        let signed = self.signed.of(token, || self.signed_claims(token, now))?;
        self.keys.find(&signed.kid, now).ok_or(TokenError::UnknownKey)?;
        let claims = &signed.claims;
        self.check_issuer(claims, world)?;
        check_times(claims, now)?;
        self.check_audience(claims, accepted)?;
        principal(claims, self.authority.tenant(), world)
    }

    /// The claims under a good signature by one of our keys. Only `alg`, `typ`, `kid` and `crit` of the header are read:
    /// keys come from our own set, whatever `jku`, `jwk` or `x5u` say.
    fn signed_claims(&self, token: &str, now: Timestamp) -> Result<Signed, TokenError> {
        let header = header(token)?;
        if header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(TokenError::Algorithm);
        }
        if !header.get("typ").and_then(Value::as_str).is_some_and(is_access_token_type) {
            return Err(TokenError::Malformed("its `typ` is neither `JWT` nor `at+jwt`"));
        }
        if header.contains_key("crit") {
            return Err(TokenError::Malformed("its header demands extensions by `crit`"));
        }
        let kid = header.get("kid").and_then(Value::as_str).ok_or(TokenError::UnknownKey)?;
        let key = self.keys.find(kid, now).ok_or(TokenError::UnknownKey)?;
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, key.decoding(), &self.validation);
        let signed = |claims: &Map<String, Value>| Signed { kid: kid.to_owned(), claims: Claims::from(claims) };
        decoded.map(|data| signed(&data.claims)).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenError::Signature,
            _ => TokenError::Malformed("it does not decode"),
        })
    }

    fn check_issuer(&self, claims: &Claims, world: &World) -> Result<(), TokenError> {
        if text(&claims.issuer, "iss")? != self.issuer || text(&claims.version, "ver")? != "2.0" {
            return Err(TokenError::Issuer { expected: self.issuer.clone() });
        }
        let tenant = given(claims.tenant, "tid")?;
        let served = world.tenant.as_ref().is_some_and(|known| known.id == tenant);
        if served && tenant == self.authority.tenant() { Ok(()) } else { Err(TokenError::Tenant) }
    }

    /// One audience, as a string: a token that is good elsewhere too could be replayed from there.
    fn check_audience(&self, claims: &Claims, accepted: &[Audience]) -> Result<(), TokenError> {
        let found = text(&claims.audience, "aud")?;
        if self.authority.resource(found).is_some_and(|audience| accepted.contains(&audience)) {
            return Ok(());
        }
        let names: Vec<String> = accepted.iter().map(|one| format!("`{}`", self.authority.name_of(*one))).collect();
        let found = found.chars().take(SHOWN_AUDIENCE_CHARS).collect();
        Err(TokenError::Audience { found, expected: names.join(" or ") })
    }
}

/// How much of a foreign audience a message repeats: enough for a URL, not for a page.
const SHOWN_AUDIENCE_CHARS: usize = 128;

/// The library checks the signature; claims are checked here, against the caller's clock and with strict types.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn is_access_token_type(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt")
}

fn header(token: &str) -> Result<Map<String, Value>, TokenError> {
    if !has_three_parts(token) {
        return Err(TokenError::Malformed("it does not have three parts"));
    }
    let encoded = token.split('.').next().unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(encoded);
    let decoded = decoded.map_err(|_| TokenError::Malformed("its header is not base64url"))?;
    serde_json::from_slice(&decoded).map_err(|_| TokenError::Malformed("its header is not a JSON object"))
}

fn given<T>(claim: Option<T>, name: &'static str) -> Result<T, TokenError> {
    claim.ok_or(TokenError::Claim(name))
}

fn text<'a>(claim: &'a Option<String>, name: &'static str) -> Result<&'a str, TokenError> {
    given(claim.as_deref(), name)
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
    let now_s = now.as_second();
    let expires_s = given(claims.expires_s, "exp")?;
    if now_s >= expires_s.saturating_add(CLOCK_SKEW_S) {
        let expired_at = Timestamp::from_second(expires_s).unwrap_or(Timestamp::MIN);
        return Err(TokenError::Expired { expired_at, now });
    }
    let latest_s = now_s.saturating_add(CLOCK_SKEW_S);
    if given(claims.not_before_s, "nbf")? > latest_s || given(claims.issued_s, "iat")? > latest_s {
        return Err(TokenError::NotYetValid);
    }
    Ok(())
}

/// The principal by object id alone: names and addresses in a token are never an identity.
#[expect(clippy::disallowed_methods, reason = "the one place: every check of the token is behind us")]
fn principal(claims: &Claims, tenant: Uuid, world: &World) -> Result<VerifiedPrincipal, TokenError> {
    let oid = given(claims.object_id, "oid")?;
    let app_id = given(claims.app_id, "appid")?;
    let app_label = given(claims.app_label.as_ref(), "appid")?;
    let token_type = text(&claims.token_type, "idtyp")?;
    let token_id = given(claims.token_id.as_ref(), "uti")?;
    let object = world.directory.object(oid).ok_or(TokenError::UnknownPrincipal(oid))?;
    let (kind, label) = match (token_type, object.kind) {
        ("app", ObjectKind::ServicePrincipal) if object.app_id == Some(app_id) => {
            (PrincipalType::ServicePrincipal, Arc::clone(app_label))
        }
        ("user", ObjectKind::User) => (PrincipalType::User, user_label(object)),
        _ => return Err(TokenError::PrincipalMismatch(oid)),
    };
    if !is_enabled(object) {
        return Err(TokenError::Disabled(oid));
    }
    Ok(VerifiedPrincipal::verified(tenant, oid, kind, label, Arc::clone(token_id)))
}

/// A principal whose token was verified earlier, as `world` knows it now: for work that goes on without its request. Whoever
/// calls this has kept the object id and the token's `uti` from a verified principal.
#[expect(clippy::disallowed_methods, reason = "it was verified when it was kept, and is looked up again")]
pub fn known_again(object_id: Uuid, token_id: &str, world: &World) -> Result<VerifiedPrincipal, TokenError> {
    let object = world.directory.object(object_id).ok_or(TokenError::UnknownPrincipal(object_id))?;
    let tenant = world.tenant.as_ref().map(|tenant| tenant.id).ok_or(TokenError::Tenant)?;
    let (kind, label) = match (object.kind, object.app_id) {
        (ObjectKind::ServicePrincipal, Some(app_id)) => (PrincipalType::ServicePrincipal, app_id.to_string().into()),
        (ObjectKind::User, _) => (PrincipalType::User, user_label(object)),
        _ => return Err(TokenError::PrincipalMismatch(object_id)),
    };
    if !is_enabled(object) {
        return Err(TokenError::Disabled(object_id));
    }
    Ok(VerifiedPrincipal::verified(tenant, object_id, kind, label, token_id.to_owned()))
}

/// Whether a principal may sign in. What is neither `true` nor absent disables it.
pub fn is_enabled(principal: &DirectoryObject) -> bool {
    let enabled = principal.properties.get("accountEnabled");
    enabled.is_none_or(|enabled| *enabled == Value::Bool(true))
}

fn user_label(object: &DirectoryObject) -> Arc<str> {
    object.user_principal_name.as_deref().map_or_else(|| object.id.to_string().into(), Arc::from)
}
