//! The body of an error, of either family.

use serde_json::Value;

/// Characters of a provider's message that are handed on.
const LONGEST_MESSAGE: usize = 2000;

/// What a provider said when it failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// HTTP status.
    pub status: u16,
    /// Its code, else its type, else the status.
    pub code: String,
    /// Its words; ours where it had none.
    pub message: String,
}

impl Failure {
    /// Reads `{"error": {"code" or "type", "message"}}`, `{"error": "…"}`, and the flat `{"code" or "statusCode", "message"}`.
    pub fn read(status: u16, body: &[u8]) -> Failure {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        Failure::of(status, &body)
    }

    /// The same of a body, or an event, that is already read.
    pub fn of(status: u16, body: &Value) -> Failure {
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let word = |name: &str| match error.get(name) {
            Some(Value::String(word)) if !word.is_empty() => Some(word.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let code = word("code").or_else(|| word("type")).or_else(|| word("statusCode"));
        let message = error.as_str().map(str::to_owned).or_else(|| word("message")).or_else(|| word("detail"));
        let message = message.unwrap_or_else(|| format!("the provider answered {status} and did not say why"));
        Failure {
            status,
            code: code.unwrap_or_else(|| status.to_string()),
            message: message.chars().take(LONGEST_MESSAGE).collect(),
        }
    }
}
