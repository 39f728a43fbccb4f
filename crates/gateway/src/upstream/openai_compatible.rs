//! The OpenAI API at a base URL: OpenAI itself, vLLM, Ollama, LiteLLM and many more.

use egress::{Egress, EgressError, Target};
use resources::model_catalog::Upstream;

use super::Proof;
use super::key::{BEARER, Key};
use crate::protocol::Protocol;

/// Where it is, and the key it takes, if any.
pub(super) struct Endpoint {
    chat: Target,
    completions: Target,
    embeddings: Target,
    responses: Option<Target>,
    key: Option<Key>,
}

impl Endpoint {
    pub(super) fn open(written: &Upstream, egress: &Egress) -> Result<Endpoint, EgressError> {
        let base = egress.target(&written.base_url)?;
        let at = |protocol: Protocol| base.join(protocol.path());
        Ok(Endpoint {
            chat: at(Protocol::Chat),
            completions: at(Protocol::Completions),
            embeddings: at(Protocol::Embeddings),
            responses: written.responses.unwrap_or(false).then(|| at(Protocol::Responses)),
            key: Key::of(written, BEARER, egress)?,
        })
    }

    /// The model stands in the body.
    pub(super) fn target(&self, protocol: Protocol) -> Option<Target> {
        match protocol {
            Protocol::Chat => Some(self.chat.clone()),
            Protocol::Completions => Some(self.completions.clone()),
            Protocol::Embeddings => Some(self.embeddings.clone()),
            Protocol::Responses => self.responses.clone(),
            Protocol::Messages => None,
        }
    }

    pub(super) fn proof(&self) -> Result<Option<Proof>, EgressError> {
        self.key.as_ref().map(Key::proof).transpose()
    }
}
