//! A refusal or an error, in the envelope of its plane.

use arm::ArmError;
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::reply::Reply;

/// The result of a handler.
pub type HandlerResult = Result<Reply, Failure>;

/// An answer that says no, and why.
#[derive(Debug)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// The body, already in its plane's envelope.
    pub body: Value,
    /// Extra headers.
    pub headers: Vec<(&'static str, String)>,
    /// The reason as the journal keeps it.
    pub reason: String,
}

impl Failure {
    /// ARM's envelope: `{"error": {"code", "message", "target"?, "details"?, "additionalInfo"?}}`.
    pub fn arm(error: ArmError) -> Failure {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = format!("{}: {}", error.code.as_str(), error.message);
        Failure { status, body: error.to_json(), headers: Vec::new(), reason }
    }

    /// The data plane's envelope: `{"error": {"code", "message"}}`; `openai` shows `error.code`.
    pub fn data_plane(status: StatusCode, code: &str, message: impl Into<String>) -> Failure {
        let message = message.into();
        let reason = format!("{code}: {message}");
        Failure { status, body: json!({"error": {"code": code, "message": message}}), headers: Vec::new(), reason }
    }

    /// The data plane's flat form for a token that is not accepted: `{"statusCode", "message"}`.
    pub fn flat(status: StatusCode, message: impl Into<String>) -> Failure {
        let message = message.into();
        let body = json!({"statusCode": status.as_u16(), "message": message});
        Failure { status, body, headers: Vec::new(), reason: message }
    }

    /// Microsoft Graph's envelope: `{"error": {"code", "message", "innerError"}}`.
    pub fn graph(status: StatusCode, code: &str, message: impl Into<String>) -> Failure {
        let message = message.into();
        let reason = format!("{code}: {message}");
        let body = json!({"error": {"code": code, "message": message, "innerError": {}}});
        Failure { status, body, headers: Vec::new(), reason }
    }

    /// A ready body.
    pub fn json(status: StatusCode, body: Value, reason: impl Into<String>) -> Failure {
        Failure { status, body, headers: Vec::new(), reason: reason.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Failure {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds an entry to `error.additionalInfo`.
    #[must_use]
    pub fn with_info(mut self, info: Value) -> Failure {
        if let Some(error) = self.body.get_mut("error").and_then(Value::as_object_mut) {
            let list = error.entry("additionalInfo").or_insert_with(|| Value::Array(Vec::new()));
            if let Some(list) = list.as_array_mut() {
                list.push(info);
            }
        }
        self
    }

    /// Fills Graph's `innerError` with the ids by which the request is found again; other envelopes stay as they are.
    #[must_use]
    pub(crate) fn with_request_ids(
        mut self,
        id: Uuid,
        client_request_id: Option<&HeaderValue>,
        now: Timestamp,
    ) -> Failure {
        let given = client_request_id.and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let Some(inner) = self.body.pointer_mut("/error/innerError").and_then(Value::as_object_mut) {
            inner.insert("date".to_owned(), json!(now.strftime("%Y-%m-%dT%H:%M:%S").to_string()));
            inner.insert("request-id".to_owned(), json!(id));
            inner.insert("client-request-id".to_owned(), json!(given.unwrap_or_else(|| id.to_string())));
        }
        self
    }

    pub(crate) fn into_reply(self) -> Reply {
        self.headers.iter().fold(Reply::json(self.status, &self.body), |reply, (name, value)| {
            match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                (Ok(_), Ok(_)) => reply.with_header(name, value),
                _ => reply,
            }
        })
    }
}

impl From<ArmError> for Failure {
    fn from(error: ArmError) -> Failure {
        Failure::arm(error)
    }
}
