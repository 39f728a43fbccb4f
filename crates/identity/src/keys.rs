//! Signing keys: RSA pairs, kept sealed in the store, published as a JSON Web Key Set.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rbac::{Permit, Writes};
use serde_json::{Value, json};
use store::{CredentialInfo, CredentialKind, CredentialOwner, CredentialRef, NewCredential, Row, Store, StoreError};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::token::TOKEN_LIFETIME_S;
use crate::verify::CLOCK_SKEW_S;

/// How long a key signs before the server replaces it by itself, days: the usual quarter.
pub const KEY_LIFETIME_DAYS: i64 = 90;
/// How long a replaced key still verifies, seconds: until the last token under it has expired everywhere.
const RETIREMENT_S: i64 = TOKEN_LIFETIME_S + CLOCK_SKEW_S;

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library made none.
    #[error("a signing key could not be generated")]
    Generation,
    /// What the store holds is not a key.
    #[error("a stored signing key is not readable: {0}")]
    Unreadable(#[from] jsonwebtoken::errors::Error),
    /// The stored key is of another kind than RSA.
    #[error("a stored signing key is not an RSA key")]
    NotRsa,
    /// There is none to sign with.
    #[error("there is no signing key")]
    None,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One RSA key pair. Its `Debug` shows the key id alone.
pub struct SigningKey {
    kid: String,
    modulus: String,
    exponent: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The private key as PEM text (PKCS #8) of a new pair of 2048 bits, the size that every client verifies.
    pub fn generate_pem() -> Result<Zeroizing<String>, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generation)?;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| KeyError::Generation)?;
        let encoded = Zeroizing::new(STANDARD.encode(der.as_ref()));
        Ok(Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *encoded)))
    }

    /// Reads a private key from PEM text. The key id is the public key's RFC 7638 thumbprint, so it needs no storage.
    pub fn from_pem(pem: &str) -> Result<SigningKey, KeyError> {
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let public = Jwk::from_encoding_key(&encoding, Algorithm::RS256)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256)?;
        let AlgorithmParameters::RSA(rsa) = &public.algorithm else {
            return Err(KeyError::NotRsa);
        };
        let decoding = DecodingKey::from_rsa_components(&rsa.n, &rsa.e)?;
        Ok(SigningKey { kid, modulus: rsa.n.clone(), exponent: rsa.e.clone(), encoding, decoding })
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    fn jwk(&self) -> Value {
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self.modulus, "e": self.exponent})
    }
}

/// The keys that sign and verify: never empty, the newest signs. Shared by issuer and verifier; a rotation is seen by
/// both at once.
#[derive(Debug)]
pub struct SigningKeys {
    set: ArcSwap<Vec<Known>>,
}

/// A key and when it took over; the one before it verifies for a while.
#[derive(Clone, Debug)]
struct Known {
    key: Arc<SigningKey>,
    since: Timestamp,
    /// Where the store keeps it; absent for keys in memory.
    reference: Option<CredentialRef>,
}

impl SigningKeys {
    /// Keys in memory, the newest first; for tests and for tools that verify without a store.
    pub fn of(keys: Vec<SigningKey>) -> Result<SigningKeys, KeyError> {
        let known = |key| Known { key: Arc::new(key), since: Timestamp::MAX, reference: None };
        SigningKeys::known(keys.into_iter().map(known).collect())
    }

    /// The server's keys from the store; the first start makes one. `permit` has to cover the server's signing keys.
    pub async fn load(store: &Store, permit: &Permit<Writes>, now: Timestamp) -> Result<SigningKeys, KeyError> {
        if stored(store).is_empty() {
            let secret = SigningKey::generate_pem()?;
            store.write(permit, vec![Row::PutCredential(new_credential(secret, now))]).await?;
        }
        SigningKeys::known(opened(store, permit)?)
    }

    fn known(keys: Vec<Known>) -> Result<SigningKeys, KeyError> {
        if keys.is_empty() { Err(KeyError::None) } else { Ok(SigningKeys { set: ArcSwap::from_pointee(keys) }) }
    }

    /// Makes a new key, which signs from now on. Those before it are published, and verify, until the last token under
    /// them has expired; what is older is deleted. Returns the new key's id.
    pub async fn rotate(&self, store: &Store, permit: &Permit<Writes>, now: Timestamp) -> Result<String, KeyError> {
        let secret =
            tokio::task::spawn_blocking(SigningKey::generate_pem).await.map_err(|_| KeyError::Generation)??;
        let gone = self.retired(now);
        let mut rows = vec![Row::PutCredential(new_credential(secret, now))];
        rows.extend(gone.into_iter().map(|gone| Row::DeleteCredential { owner: gone.owner, id: gone.id }));
        store.write(permit, rows).await?;
        let keys = opened(store, permit)?;
        let kid = keys.first().map(|known| known.key.kid.clone()).ok_or(KeyError::None)?;
        self.set.store(Arc::new(keys));
        Ok(kid)
    }

    /// Deletes the keys that verify nothing any more; says how many.
    pub async fn prune(&self, store: &Store, permit: &Permit<Writes>, now: Timestamp) -> Result<usize, KeyError> {
        let gone = self.retired(now);
        let count = gone.len();
        if count == 0 {
            return Ok(0);
        }
        let rows = gone.into_iter().map(|gone| Row::DeleteCredential { owner: gone.owner, id: gone.id });
        store.write(permit, rows.collect()).await?;
        self.set.store(Arc::new(opened(store, permit)?));
        Ok(count)
    }

    /// Whether the signing key has signed for [`KEY_LIFETIME_DAYS`].
    pub fn is_due(&self, now: Timestamp) -> bool {
        let lifetime = SignedDuration::from_hours(KEY_LIFETIME_DAYS * 24);
        let known = self.set.load();
        known.first().is_some_and(|newest| now.duration_since(newest.since) >= lifetime)
    }

    pub(crate) fn current(&self) -> Result<Arc<SigningKey>, KeyError> {
        self.set.load().first().map(|known| Arc::clone(&known.key)).ok_or(KeyError::None)
    }

    pub(crate) fn find(&self, kid: &str, now: Timestamp) -> Option<Arc<SigningKey>> {
        let known = self.set.load();
        live(&known, now).find(|known| known.key.kid == kid).map(|known| Arc::clone(&known.key))
    }

    /// The public keys that verify at `now`, as a JSON Web Key Set, the newest first.
    pub fn jwks(&self, now: Timestamp) -> Value {
        let known = self.set.load();
        let keys: Vec<Value> = live(&known, now).map(|known| known.key.jwk()).collect();
        json!({"keys": keys})
    }

    fn retired(&self, now: Timestamp) -> Vec<CredentialRef> {
        let known = self.set.load();
        let count = live(&known, now).count();
        known.iter().skip(count).filter_map(|known| known.reference.clone()).collect()
    }
}

/// The newest key, and each older one whose successor took over less than [`RETIREMENT_S`] ago.
fn live(known: &[Known], now: Timestamp) -> impl Iterator<Item = &Known> {
    let successors = std::iter::once(None).chain(known.iter().map(|known| Some(known.since)));
    let verifies = move |since: &Option<Timestamp>| {
        since.is_none_or(|since| now.as_second() < since.as_second().saturating_add(RETIREMENT_S))
    };
    known.iter().zip(successors).take_while(move |(_, successor)| verifies(successor)).map(|(known, _)| known)
}

/// The server's signing keys, opened, the newest first.
fn opened(store: &Store, permit: &Permit<Writes>) -> Result<Vec<Known>, KeyError> {
    let open = |info: &CredentialInfo| {
        let key = SigningKey::from_pem(store.reveal(permit, &info.reference())?.expose())?;
        Ok(Known { key: Arc::new(key), since: info.created_at, reference: Some(info.reference()) })
    };
    stored(store).iter().map(open).collect()
}

/// The server's signing keys in the store, the newest first.
fn stored(store: &Store) -> Vec<CredentialInfo> {
    let world = store.world();
    let mut known: Vec<_> = world.credentials.of(&CredentialOwner::Server).cloned().collect();
    known.retain(|info| info.kind == CredentialKind::SigningKey);
    known.sort_by_key(|info| std::cmp::Reverse((info.created_at, info.id)));
    known
}

fn new_credential(secret: Zeroizing<String>, now: Timestamp) -> NewCredential {
    NewCredential {
        id: Uuid::now_v7(),
        owner: CredentialOwner::Server,
        kind: CredentialKind::SigningKey,
        secret: secret.into(),
        created_at: now,
        expires_at: None,
    }
}
