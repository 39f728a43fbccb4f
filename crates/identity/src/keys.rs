//! Signing keys: RSA pairs, kept sealed in the store, published as a JSON Web Key Set.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rbac::{Permit, Writes};
use serde_json::{Value, json};
use store::{CredentialInfo, CredentialKind, CredentialOwner, CredentialRef, NewCredential, Row, Store, StoreError};
use uuid::Uuid;
use zeroize::Zeroizing;

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

/// The keys that sign and verify: never empty, the newest signs.
#[derive(Debug)]
pub struct SigningKeys {
    current: SigningKey,
    older: Vec<SigningKey>,
}

impl SigningKeys {
    /// Keys in memory, the newest first; for tests and for tools that verify without a store.
    pub fn of(keys: Vec<SigningKey>) -> Result<SigningKeys, KeyError> {
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(KeyError::None)?;
        Ok(SigningKeys { current, older: keys.collect() })
    }

    /// The server's keys from the store; the first start makes one. `permit` has to cover the server's signing keys.
    pub async fn load(store: &Store, permit: &Permit<Writes>, now: Timestamp) -> Result<SigningKeys, KeyError> {
        if stored(store).is_empty() {
            let secret = SigningKey::generate_pem()?;
            store.write(permit, vec![Row::PutCredential(new_credential(secret, now))]).await?;
        }
        let mut keys = Vec::new();
        for reference in stored(store) {
            keys.push(SigningKey::from_pem(store.reveal(permit, &reference)?.expose())?);
        }
        SigningKeys::of(keys)
    }

    pub(crate) fn current(&self) -> &SigningKey {
        &self.current
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&SigningKey> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.kid == kid)
    }

    /// The public keys as a JSON Web Key Set.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = std::iter::once(&self.current).chain(&self.older).map(SigningKey::jwk).collect();
        json!({"keys": keys})
    }
}

/// The server's signing keys in the store, the newest first.
fn stored(store: &Store) -> Vec<CredentialRef> {
    let world = store.world();
    let mut known: Vec<_> = world.credentials.of(&CredentialOwner::Server).collect();
    known.retain(|info| info.kind == CredentialKind::SigningKey);
    known.sort_by_key(|info| std::cmp::Reverse((info.created_at, info.id)));
    known.into_iter().map(CredentialInfo::reference).collect()
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
