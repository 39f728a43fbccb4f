//! Tokens whose signature was found good, so that a token is decoded once and not with each of its requests.
//!
//! Only what can never change is remembered: these bytes carry these claims under the signature of that key. Whether the key is
//! still published, the token still good, and the principal still there is asked each time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use hashlink::LruCache;
use serde_json::Value;

/// Tokens remembered: more callers than one server has at a time, in at most about 10 MiB.
const REMEMBERED_TOKENS: usize = 4096;

/// The claims of a token by name: about fifteen, of which each request reads ten.
pub(crate) type Claims = BTreeMap<String, Value>;

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
