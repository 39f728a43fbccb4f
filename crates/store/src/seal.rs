//! How a secret is kept: sealed when it must be read again, as a keyed digest when it only has to be recognised.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::credential::CredentialOwner;
use crate::data::DataKey;
use crate::error::StoreError;
use crate::load::json;
use crate::master_key::MasterKey;
use crate::secret::Secret;

/// A SHA-256 sized digest, always compared whole.
pub(crate) type Digest = [u8; 32];

/// Marks the format of sealed text: base64 of a 96-bit nonce, the ciphertext and its tag.
const FORMAT: &str = "v1.";

/// The keys that come from the master key, one per use, so that no digest of one kind can pass for another.
pub(crate) struct Seals {
    sealing: RandomizedNonceKey,
    /// Each object has a key of its own: no key seals more often than random nonces are good for.
    objects: hkdf::Prk,
    key_index: hmac::Key,
    client_secret: hmac::Key,
    refresh_token: hmac::Key,
    next_refresh_token: hmac::Key,
    check: Digest,
}

impl Seals {
    pub(crate) fn derive(master: &MasterKey) -> Result<Seals, StoreError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"cupola").extract(master.bytes());
        let sealing =
            RandomizedNonceKey::new(&AES_256_GCM, expand(&root, b"seal")?.as_slice()).map_err(|_| broken())?;
        let objects = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, expand(&root, b"data object")?.as_slice());
        let key_index = hmac::Key::new(hmac::HMAC_SHA256, expand(&root, b"resource key index")?.as_slice());
        let client_secret = hmac::Key::new(hmac::HMAC_SHA256, expand(&root, b"client secret verifier")?.as_slice());
        let refresh_token = hmac::Key::new(hmac::HMAC_SHA256, expand(&root, b"refresh token verifier")?.as_slice());
        let next_refresh_token = hmac::Key::new(hmac::HMAC_SHA256, expand(&root, b"next refresh token")?.as_slice());
        let check = *expand(&root, b"check")?;
        Ok(Seals { sealing, objects, key_index, client_secret, refresh_token, next_refresh_token, check })
    }

    /// Tells whether a database was made with this master key, without telling anything of the key.
    pub(crate) fn check(&self) -> String {
        hex(&self.check)
    }

    /// Seals a secret for one credential: moved to another row, it does not open.
    pub(crate) fn seal(&self, owner: &CredentialOwner, id: Uuid, secret: &Secret) -> Result<String, StoreError> {
        seal(&self.sealing, &place(owner, id), secret.expose().as_bytes().to_vec())
    }

    pub(crate) fn open(&self, owner: &CredentialOwner, id: Uuid, sealed: &str) -> Result<Secret, StoreError> {
        let damaged = || StoreError::Damaged(format!("the credential `{id}` does not open"));
        let clear = open(&self.sealing, &place(owner, id), sealed).ok_or_else(damaged)?;
        let clear = std::str::from_utf8(&clear).map_err(|_| damaged())?;
        Ok(Secret::from(clear.to_owned()))
    }

    /// Seals what an object says: moved to another row, it does not open.
    pub(crate) fn seal_object(&self, key: &DataKey, body: &Value) -> Result<String, StoreError> {
        let place = object_place(key)?;
        seal(&self.object_key(&place)?, &place, json(body)?.into_bytes())
    }

    pub(crate) fn open_object(&self, key: &DataKey, sealed: &str) -> Result<Value, StoreError> {
        let damaged = || StoreError::Damaged(format!("the {} `{}` does not open", key.kind.as_str(), key.id));
        let place = object_place(key)?;
        let clear = open(&self.object_key(&place)?, &place, sealed).ok_or_else(damaged)?;
        serde_json::from_slice(&clear).map_err(|_| damaged())
    }

    fn object_key(&self, place: &str) -> Result<RandomizedNonceKey, StoreError> {
        let key = expand(&self.objects, place.as_bytes())?;
        RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| broken())
    }

    /// What a resource key is found by.
    pub(crate) fn key_index(&self, key: &str) -> Digest {
        digest(hmac::sign(&self.key_index, key.as_bytes()))
    }

    /// What a refresh token is recognised by; it names its own user and sign-in.
    pub(crate) fn refresh_token(&self, token: &str) -> Digest {
        digest(hmac::sign(&self.refresh_token, token.as_bytes()))
    }

    /// What the successor of a refresh token is made of: nobody can tell it without the token, nor without the key.
    pub(crate) fn next_refresh_token(&self, token: &str) -> Digest {
        digest(hmac::sign(&self.next_refresh_token, token.as_bytes()))
    }

    /// What a client secret is recognised by: bound to its owner, so that equal secrets do not look alike.
    pub(crate) fn client_secret(&self, owner: &CredentialOwner, secret: &str) -> Digest {
        let mut message = hmac::Context::with_key(&self.client_secret);
        message.update(owner_text(owner).as_bytes());
        message.update(b"\0");
        message.update(secret.as_bytes());
        digest(message.sign())
    }
}

/// Equal, in a time that does not depend on where they differ.
pub(crate) fn same(left: &Digest, right: &Digest) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads what `hex` wrote.
pub(crate) fn unhex(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if text.len() != digest.len() * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

/// The owner as text, in digests and as additional data of a seal: never to be changed.
fn owner_text(owner: &CredentialOwner) -> String {
    match owner {
        CredentialOwner::Object(id) => format!("object:{id}"),
        CredentialOwner::Account(scope) => format!("account:{}", scope.key()),
        CredentialOwner::Connection(scope) => format!("connection:{}", scope.key()),
        CredentialOwner::Server => "server".to_owned(),
    }
}

fn place(owner: &CredentialOwner, id: Uuid) -> String {
    format!("{}#{id}", owner_text(owner))
}

/// The place of an object, for its key and its seal: never to be changed. A list, so that no field can be read as part of
/// another.
fn object_place(key: &DataKey) -> Result<String, StoreError> {
    json(&(key.scope.key(), key.kind.as_str(), key.parent_text(), &key.id))
}

/// Seals bytes for a place.
fn seal(key: &RandomizedNonceKey, place: &str, mut text: Vec<u8>) -> Result<String, StoreError> {
    let nonce = key.seal_in_place_append_tag(Aad::from(place), &mut text).map_err(|_| broken())?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut text);
    Ok(format!("{FORMAT}{}", STANDARD_NO_PAD.encode(sealed)))
}

/// Opens what `seal` made; `None` when it was not for this place, or is not what was sealed.
fn open(key: &RandomizedNonceKey, place: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD_NO_PAD.decode(sealed.strip_prefix(FORMAT)?).ok()?;
    let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let length = key.open_in_place(nonce, Aad::from(place), text.as_mut_slice()).ok()?.len();
    text.truncate(length);
    Some(text)
}

fn expand(root: &hkdf::Prk, label: &[u8]) -> Result<Zeroizing<Digest>, StoreError> {
    let mut key = Zeroizing::new(Digest::default());
    root.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice())).map_err(|_| broken())?;
    Ok(key)
}

fn digest(tag: hmac::Tag) -> Digest {
    let mut digest = Digest::default();
    digest.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    digest
}

fn broken() -> StoreError {
    StoreError::MasterKey("the cryptographic library refused it".to_owned())
}

#[cfg(test)]
mod tests;
