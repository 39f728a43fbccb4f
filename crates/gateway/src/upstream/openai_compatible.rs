//! The OpenAI API at a base URL: OpenAI itself, vLLM, Ollama, LiteLLM and many more.

use egress::{Egress, EgressError, SecretSource, Target};
use resources::model_catalog::{Upstream, UpstreamCredential};

use super::Proof;
use super::key::{BEARER, Key};

/// Where it is, and the key it takes, if any.
pub(super) struct Endpoint {
    chat: Target,
    key: Option<Key>,
}

impl Endpoint {
    pub(super) fn open(written: &Upstream, egress: &Egress) -> Result<Endpoint, EgressError> {
        let chat = egress.target(&written.base_url)?.join(&["chat", "completions"]);
        let source = match &written.credential {
            Some(UpstreamCredential::Env(name)) => Some(SecretSource::Env(name.clone())),
            Some(UpstreamCredential::File(path)) => Some(SecretSource::File(path.clone())),
            // The catalog refuses tokens for this kind.
            Some(UpstreamCredential::HostIdentity(_) | UpstreamCredential::ClientSecret(_)) | None => None,
        };
        let header = written.header.as_deref().unwrap_or(BEARER);
        let key = source.map(|source| Key::open(&source, header, egress)).transpose()?;
        Ok(Endpoint { chat, key })
    }

    /// The model stands in the body.
    pub(super) fn chat(&self) -> Target {
        self.chat.clone()
    }

    pub(super) fn proof(&self) -> Result<Option<Proof>, EgressError> {
        self.key.as_ref().map(Key::proof).transpose()
    }
}
