//! A key in the header that its provider reads.

use egress::{Credential, Egress, EgressError, SecretHeader, SecretSource};

use resources::model_catalog::{Upstream, UpstreamCredential};

use super::Proof;

/// The word for `Authorization: Bearer`.
pub(super) const BEARER: &str = "bearer";

/// A key and its header.
pub(super) struct Key {
    credential: Credential,
    header: String,
}

impl Key {
    /// The key of a provider that takes keys alone, if the catalog names one; in its own header, else in `usual`.
    pub(super) fn of(written: &Upstream, usual: &str, egress: &Egress) -> Result<Option<Key>, EgressError> {
        let source = match &written.credential {
            Some(UpstreamCredential::Env(name)) => SecretSource::Env(name.clone()),
            Some(UpstreamCredential::File(path)) => SecretSource::File(path.clone()),
            // The catalog refuses tokens for these kinds.
            Some(UpstreamCredential::HostIdentity(_) | UpstreamCredential::ClientSecret(_)) | None => return Ok(None),
        };
        Key::open(&source, written.header.as_deref().unwrap_or(usual), egress).map(Some)
    }

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
