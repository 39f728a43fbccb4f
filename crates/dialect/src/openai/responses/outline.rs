//! What a body says that decides its way; the provider judges the rest.

use serde_json::Value;

use crate::openai::OpenAiError;
use crate::openai::field::wrong_type;

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
    pub fn of(body: &Value) -> Result<Outline, OpenAiError> {
        let given = |name: &str| body.get(name).filter(|value| !value.is_null());
        let text = |name: &str| match given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong_type(name, "a string", other)),
        };
        let flag = |name: &str, default: bool| match given(name) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong_type(name, "a boolean", other)),
        };
        Ok(Outline {
            model: text("model")?,
            stream: flag("stream", false)?,
            max_output_tokens: given("max_output_tokens").and_then(Value::as_u64),
            previous_response_id: text("previous_response_id")?,
            store: flag("store", true)?,
            background: flag("background", false)?,
        })
    }
}
