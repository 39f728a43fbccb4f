//! The error body of the Anthropic dialect.

use serde_json::{Map, Value, json};

use crate::exchange::Failure;

/// Statuses and the types of their errors. 529 is the service's own: too many requests by all callers together.
const KINDS: [(u16, &str); 12] = [
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (503, "overloaded_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

/// The type of an error of that status.
pub fn kind_of(status: u16) -> &'static str {
    let known = KINDS.iter().find(|(known, _)| *known == status).map(|(_, kind)| *kind);
    known.unwrap_or(if (400..500).contains(&status) { "invalid_request_error" } else { "api_error" })
}

/// The status of an error of that type; for an error inside a stream, whose own status was good.
pub fn status_of(kind: &str) -> Option<u16> {
    match kind {
        "overloaded_error" => Some(529),
        kind => KINDS.iter().find(|(_, known)| *known == kind).map(|(status, _)| *status),
    }
}

/// The type for another family's code: itself where it is one, else by its status where it is a number.
pub(super) fn kind_of_code(code: &str) -> &'static str {
    let itself = KINDS.iter().find(|(_, kind)| *kind == code).map(|(_, kind)| *kind);
    itself.or_else(|| code.parse().ok().map(kind_of)).unwrap_or(match code {
        "rate_limit_exceeded" | "insufficient_quota" => "rate_limit_error",
        "context_length_exceeded" | "content_filter" => "invalid_request_error",
        _ => "api_error",
    })
}

/// An error as Anthropic clients read it: `{"type": "error", "error": {"type", "message"}, "request_id"}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AnthropicError {
    /// HTTP status.
    pub status: u16,
    /// What is wrong, for a person.
    pub message: String,
    /// By which the service finds the request again.
    pub request_id: Option<String>,
}

impl AnthropicError {
    /// The body on the wire; the type follows from the status.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("error"));
        body.insert("error".to_owned(), json!({"type": kind_of(self.status), "message": self.message}));
        if let Some(id) = &self.request_id {
            body.insert("request_id".to_owned(), json!(id));
        }
        Value::Object(body)
    }
}

impl From<Failure> for AnthropicError {
    fn from(failure: Failure) -> AnthropicError {
        AnthropicError { status: failure.status, message: failure.message, request_id: None }
    }
}
