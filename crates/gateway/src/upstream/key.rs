//! A key in the header that its provider reads.

use egress::{Credential, Egress, EgressError, SecretHeader, SecretSource};

use super::Proof;

/// The word for `Authorization: Bearer`.
pub(super) const BEARER: &str = "bearer";

/// A key and its header.
pub(super) struct Key {
    credential: Credential,
    header: String,
}

impl Key {
    /// Reads the key, and makes its header once to see that it can be made.
    pub(super) fn open(source: &SecretSource, header: &str, egress: &Egress) -> Result<Key, EgressError> {
        let key = Key { credential: egress.credential(source)?, header: header.to_ascii_lowercase() };
        key.proof()?;
        Ok(key)
    }

    /// The key as it is now.
    pub(super) fn proof(&self) -> Result<Proof, EgressError> {
        let secret = self.credential.current();
        let header = match self.header.as_str() {
            BEARER => SecretHeader::bearer(&secret)?,
            name => SecretHeader::named(name, &secret)?,
        };
        Ok(Proof { header, secret })
    }
}
