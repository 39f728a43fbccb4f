//! The few fields of a messages request that decide its way.

use serde_json::Value;

use crate::exchange::{Fields, NotSupported, Protocol};

/// What a body says that decides its way; the provider judges the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The deployment.
    pub model: Option<String>,
    /// Whether the answer is wanted as a stream of events.
    pub stream: bool,
    /// The most tokens to write.
    pub max_tokens: Option<u64>,
}

impl Outline {
    /// Reads the few fields; errors name them.
    pub fn of(body: &Value) -> Result<Outline, NotSupported> {
        let mut fields = Fields::of(Protocol::Messages, "", body)?;
        Ok(Outline {
            model: fields.text("model")?.map(str::to_owned),
            stream: fields.flag("stream")?.unwrap_or(false),
            max_tokens: fields.count("max_tokens", 0)?,
        })
    }
}
