//! What a route speaks: a protocol, and the form of its errors.

use access::Failure;
use dialect::anthropic::AnthropicError;

use crate::protocol::Protocol;

/// A surface of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// OpenAI and Azure OpenAI.
    OpenAi(Protocol),
    /// Foundry Models, `/models/*`.
    Models(Protocol),
    /// Anthropic, `/anthropic/*`.
    Anthropic,
}

impl Surface {
    /// What its requests and answers are.
    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Surface::OpenAi(protocol) | Surface::Models(protocol) => protocol,
            Surface::Anthropic => Protocol::Messages,
        }
    }

    /// The operation's name in the text of a 429.
    pub(crate) fn operation(self) -> &'static str {
        match self.protocol() {
            Protocol::Chat => "ChatCompletions_Create",
            Protocol::Completions => "Completions_Create",
            Protocol::Embeddings => "Embeddings_Create",
            Protocol::Responses => "Responses_Create",
            Protocol::Messages => "Messages_Create",
        }
    }

    /// A failure in the form that this surface's clients read.
    pub(crate) fn failure(self, failure: Failure) -> Failure {
        if self != Surface::Anthropic {
            return failure;
        }
        let said = failure.body.pointer("/error/message").or_else(|| failure.body.get("message"));
        let message = said.and_then(serde_json::Value::as_str).unwrap_or("the request failed").to_owned();
        let status = failure.status.as_u16();
        let info = failure.body.pointer("/error/additionalInfo").cloned();
        let mut body = AnthropicError { status, message, request_id: None }.to_json();
        if let (Some(info), Some(error)) = (info, body.get_mut("error").and_then(serde_json::Value::as_object_mut)) {
            error.insert("additionalInfo".to_owned(), info);
        }
        Failure { body, ..failure }
    }
}
