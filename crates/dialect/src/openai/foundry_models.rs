//! What the routes `/models/*` do differently: unknown fields by the header's word, their own errors, `info`.

use serde_json::{Value, json};
use tape::Node;

use super::error::OpenAiError;
use crate::exchange::echo;

/// The header that says what becomes of fields that the API does not know.
pub const EXTRA_PARAMETERS: &str = "extra-parameters";

/// Fields of a chat request that this API knows.
pub const CHAT_FIELDS: [&str; 13] = [
    "frequency_penalty",
    "max_tokens",
    "messages",
    "model",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "stream",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
];

/// Fields of an embeddings request that this API knows.
pub const EMBEDDINGS_FIELDS: [&str; 5] = ["dimensions", "encoding_format", "input", "input_type", "model"];

/// What becomes of fields that the API does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtraParameters {
    /// The request is refused; so it is without the header.
    #[default]
    Error,
    /// They are left out.
    Drop,
    /// They are handed on to the model.
    PassThrough,
}

const RULES: [(&str, ExtraParameters); 3] = [
    ("error", ExtraParameters::Error),
    ("drop", ExtraParameters::Drop),
    ("pass-through", ExtraParameters::PassThrough),
];

impl ExtraParameters {
    /// Reads the header, whatever its case.
    pub fn of(header: Option<&str>) -> Result<ExtraParameters, OpenAiError> {
        let Some(text) = header.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(ExtraParameters::default());
        };
        let found = RULES.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, rule)| *rule).ok_or_else(|| {
            let message = format!(
                "invalid header `{EXTRA_PARAMETERS}`: expected `error`, `drop` or `pass-through`, but got `{}`",
                echo(text)
            );
            OpenAiError::invalid("invalid_header", EXTRA_PARAMETERS, message)
        })
    }

    /// Does so to a body of which `known` fields are known: what is left of it, where fields are left out. A refusal is a 400 that
    /// names the first unknown one.
    pub fn apply(self, body: Node<'_>, known: &[&str]) -> Result<Option<Value>, OpenAiError> {
        let is_known = |name: &str| known.contains(&name);
        match self {
            ExtraParameters::PassThrough => Ok(None),
            ExtraParameters::Drop => {
                let mut left = body.to_value();
                if let Some(fields) = left.as_object_mut() {
                    fields.retain(|name, _| is_known(name));
                }
                Ok(Some(left))
            }
            ExtraParameters::Error => {
                let mut names = body.members().filter_map(|(name, _)| name.as_str());
                let Some(name) = names.find(|name| !is_known(name)) else { return Ok(None) };
                let name = echo(&name);
                let message = format!(
                    "`{name}` is not known to this API; send the header `{EXTRA_PARAMETERS}: pass-through` to hand it to the \
                     model, or `drop` to leave it out"
                );
                Err(OpenAiError::invalid("unknown_parameter", name, message))
            }
        }
    }
}

/// An error of these routes: `{"error": {"code", "message", "details"}}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    /// HTTP status.
    pub status: u16,
    /// `unknown_model` or `no_model_name`.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
}

impl ModelError {
    /// There is no deployment of this name.
    pub fn unknown_model(name: &str) -> ModelError {
        ModelError { status: 404, code: "unknown_model", message: format!("Unknown model: {}", echo(name)) }
    }

    /// The request names no model.
    pub fn no_model_name() -> ModelError {
        let message = "no model name: send it as `model` in the body, or in the header `x-ms-model-mesh-model-name`";
        ModelError { status: 400, code: "no_model_name", message: message.to_owned() }
    }

    /// The body on the wire.
    pub fn to_json(&self) -> Value {
        json!({"error": {"code": self.code, "message": self.message, "details": self.message}})
    }
}

/// What a model does, in the words of `info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelType {
    /// Chat.
    ChatCompletion,
    /// Embeddings.
    Embeddings,
    /// Text that goes on.
    TextGeneration,
}

/// `GET /models/info`: the model behind a deployment.
pub fn info(model_name: &str, model_type: ModelType, provider: &str) -> Value {
    let model_type = match model_type {
        ModelType::ChatCompletion => "chat_completion",
        ModelType::Embeddings => "embeddings",
        ModelType::TextGeneration => "text_generation",
    };
    json!({"model_name": model_name, "model_type": model_type, "model_provider_name": provider})
}
