//! The Anthropic API.

use egress::{Egress, EgressError, Target};
use resources::model_catalog::Upstream;

use super::Proof;
use super::key::Key;
use crate::protocol::Protocol;

/// The header of a key.
const KEY_HEADER: &str = "x-api-key";
/// The header that every request must have, and its value for a caller who speaks another protocol: the one stable version.
pub(super) const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// Where it is, and the key it takes.
pub(super) struct Endpoint {
    messages: Target,
    key: Option<Key>,
}

impl Endpoint {
    pub(super) fn open(written: &Upstream, egress: &Egress) -> Result<Endpoint, EgressError> {
        let messages = egress.target(&written.base_url)?.join(Protocol::Messages.path());
        Ok(Endpoint { messages, key: Key::of(written, KEY_HEADER, egress)? })
    }

    /// The model stands in the body.
    pub(super) fn target(&self, protocol: Protocol) -> Option<Target> {
        (protocol == Protocol::Messages).then(|| self.messages.clone())
    }

    pub(super) fn proof(&self) -> Result<Option<Proof>, EgressError> {
        self.key.as_ref().map(Key::proof).transpose()
    }
}
