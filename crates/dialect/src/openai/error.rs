//! The error body of the OpenAI dialect.

use serde_json::{Map, Value, json};

/// The `type` of an error that the caller can mend.
const INVALID_REQUEST: &str = "invalid_request_error";

/// An error as OpenAI clients read it: `{"error": {"message", "type", "param", "code"}}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OpenAiError {
    /// HTTP status.
    pub status: u16,
    /// Machine-readable reason, such as `invalid_type`.
    pub code: String,
    /// What is wrong, for a person.
    pub message: String,
    /// The field at fault, such as `messages[0].role`.
    pub param: Option<String>,
    /// The class of the error; absent in the short form `{"code", "message"}` that Azure OpenAI uses for its own errors.
    pub kind: Option<&'static str>,
}

impl OpenAiError {
    /// A request that the caller must change: 400 `invalid_request_error`, naming the field.
    pub fn invalid(code: &str, param: impl Into<String>, message: impl Into<String>) -> OpenAiError {
        OpenAiError {
            status: 400,
            code: code.to_owned(),
            message: message.into(),
            param: Some(param.into()),
            kind: Some(INVALID_REQUEST),
        }
    }

    /// The short form `{"code", "message"}`, as for an unknown deployment or a throttled call.
    pub fn short(status: u16, code: &str, message: impl Into<String>) -> OpenAiError {
        OpenAiError { status, code: code.to_owned(), message: message.into(), param: None, kind: None }
    }

    /// The body on the wire.
    pub fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(kind) = self.kind {
            error.insert("type".to_owned(), json!(kind));
            error.insert("param".to_owned(), json!(self.param));
        }
        json!({ "error": error })
    }
}
