//! Tokens whose signature was found good, so that a token is decoded once and not with each of its requests.
//!
//! Only what can never change is remembered: these bytes carry these claims under the signature of that key. Whether the key is
//! still published, the token still good, and the principal still there is asked each time.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use hashlink::LruCache;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Tokens remembered: more callers than one server has at a time, in at most about 10 MiB.
const REMEMBERED_TOKENS: usize = 4096;

/// What is read of a token's claims; one that is missing or of the wrong type is nothing.
pub(crate) struct Claims {
    pub(crate) issuer: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) tenant: Option<Uuid>,
    pub(crate) object_id: Option<Uuid>,
    pub(crate) app_id: Option<Uuid>,
    /// The same as text, by which messages call an application.
    pub(crate) app_label: Option<Arc<str>>,
    pub(crate) token_type: Option<String>,
    pub(crate) token_id: Option<Arc<str>>,
    /// Times: whole, positive seconds. A string, a float or 2^63 is no time.
    pub(crate) expires_s: Option<i64>,
    pub(crate) not_before_s: Option<i64>,
    pub(crate) issued_s: Option<i64>,
}

impl From<&Map<String, Value>> for Claims {
    fn from(given: &Map<String, Value>) -> Claims {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let owned = |name: &str| text(name).map(str::to_owned);
        let id = |name: &str| text(name).and_then(|text| Uuid::parse_str(text).ok());
        let seconds = |name: &str| given.get(name).and_then(Value::as_i64).filter(|value| *value > 0);
        let app_id = id("appid");
        Claims {
            issuer: owned("iss"),
            version: owned("ver"),
            audience: owned("aud"),
            tenant: id("tid"),
            object_id: id("oid"),
            app_id,
            app_label: app_id.map(|id| id.to_string().into()),
            token_type: owned("idtyp"),
            token_id: text("uti").map(Arc::from),
            expires_s: seconds("exp"),
            not_before_s: seconds("nbf"),
            issued_s: seconds("iat"),
        }
    }
}

/// What a token says, under a good signature.
pub(crate) struct Signed {
    /// The key that signed it.
    pub(crate) kid: String,
    pub(crate) claims: Claims,
}

/// The whole digest of the whole token: a part of either could be shared by two tokens.
type Key = [u8; 32];

/// The tokens used last.
pub(crate) struct SignedTokens {
    by_digest: Mutex<LruCache<Key, Arc<Signed>>>,
}

impl std::fmt::Debug for SignedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedTokens").finish_non_exhaustive()
    }
}

impl Default for SignedTokens {
    fn default() -> SignedTokens {
        SignedTokens { by_digest: Mutex::new(LruCache::new(REMEMBERED_TOKENS)) }
    }
}

impl SignedTokens {
    /// What the token says: as remembered, else as `check` finds. What `check` refuses is not remembered.
    pub(crate) fn of<E>(&self, token: &str, check: impl FnOnce() -> Result<Signed, E>) -> Result<Arc<Signed>, E> {
        let Ok(key) = Key::try_from(digest(&SHA256, token.as_bytes()).as_ref()) else {
            return check().map(Arc::new);
        };
        let known = self.by_digest.lock().unwrap_or_else(PoisonError::into_inner).get(&key).map(Arc::clone);
        if let Some(known) = known {
            return Ok(known);
        }
        let signed = Arc::new(check()?);
        self.by_digest.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&signed));
        Ok(signed)
    }
}
