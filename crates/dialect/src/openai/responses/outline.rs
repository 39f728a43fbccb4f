//! What a body says that decides its way; the provider judges the rest.

use tape::Node;

use crate::openai::OpenAiError;
use crate::openai::passthrough::{flag, text};

/// The few fields that decide a request's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The deployment.
    pub model: Option<String>,
    /// Whether the answer is wanted as a stream of events.
    pub stream: bool,
    /// The most tokens to write, where that is said in a number.
    pub max_output_tokens: Option<u64>,
    /// The answer this request goes on from.
    pub previous_response_id: Option<String>,
    /// Whether the answer is kept; it is, unless the caller says no.
    pub store: bool,
    /// Whether the caller does not wait for the answer.
    pub background: bool,
}

impl Outline {
    /// Reads the few fields. Errors are 400 `invalid_request_error` and name the field.
    pub fn of(body: Node<'_>) -> Result<Outline, OpenAiError> {
        let text = |name: &str| text(name, body.given(name));
        let flag = |name: &str, default: bool| Ok(flag(name, body.given(name))?.unwrap_or(default));
        Ok(Outline {
            model: text("model")?,
            stream: flag("stream", false)?,
            max_output_tokens: body.given("max_output_tokens").and_then(Node::as_u64),
            previous_response_id: text("previous_response_id")?,
            store: flag("store", true)?,
            background: flag("background", false)?,
        })
    }
}
