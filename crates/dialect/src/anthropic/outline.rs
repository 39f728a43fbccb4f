//! The few fields of a messages request that decide its way.

use tape::Node;

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
    pub fn of(body: Node<'_>) -> Result<Outline, NotSupported> {
        Outline::usual(body).map_or_else(|| Outline::strict(body), Ok)
    }

    /// Where every field is as it should be.
    fn usual(body: Node<'_>) -> Option<Outline> {
        let (model, stream, max_tokens) = (body.given("model"), body.given("stream"), body.given("max_tokens"));
        Some(Outline {
            model: model.map(|model| model.as_str().map(Into::into).ok_or(())).transpose().ok()?,
            stream: stream.map_or(Some(false), Node::as_bool)?,
            max_tokens: max_tokens.map(|count| count.as_u64().ok_or(())).transpose().ok()?,
        })
        .filter(|_| body.is_object())
    }

    fn strict(body: Node<'_>) -> Result<Outline, NotSupported> {
        let body = body.to_value();
        let mut fields = Fields::of(Protocol::Messages, "", &body)?;
        Ok(Outline {
            model: fields.text("model")?.map(str::to_owned),
            stream: fields.flag("stream")?.unwrap_or(false),
            max_tokens: fields.count("max_tokens", 0)?,
        })
    }
}
