//! A request cut down to what a plain text model can do, with everything else refused by name.

use serde_json::Value;

use super::{ChatRequest, Content, Message, Part, Role};
use crate::openai::error::OpenAiError;

/// The code of a wish that the model behind the deployment cannot fulfil.
const UNSUPPORTED: &str = "unsupported_parameter";

/// A conversation of plain text, as a chat template takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlainChat {
    /// Roles and texts in order.
    pub messages: Vec<PlainMessage>,
}

/// One message of plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainMessage {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What is said.
    pub content: String,
}

impl PlainChat {
    /// The plain text of a request, or the first wish of it that a text model cannot fulfil. Nothing is dropped in silence.
    pub fn from_request(request: &ChatRequest) -> Result<PlainChat, OpenAiError> {
        if request.n > 1 {
            return Err(unsupported("n", "one answer per request: `n` must be 1"));
        }
        for (name, value) in &request.rest {
            refuse_field(name, value)?;
        }
        let messages = request.messages.iter().enumerate().map(|(index, message)| plain(index, message));
        Ok(PlainChat { messages: messages.collect::<Result<_, _>>()? })
    }
}

/// Fields that would change the answer and cannot be honoured. Others (`user`, `store`, `metadata` …) change nothing here.
fn refuse_field(name: &str, value: &Value) -> Result<(), OpenAiError> {
    match name {
        "tools" | "functions" if is_empty(value) => Ok(()),
        "tools" | "functions" => Err(unsupported(name, "no tools")),
        "logprobs" if value == &Value::Bool(false) || value.is_null() => Ok(()),
        "logprobs" => Err(unsupported(name, "no log probabilities")),
        "logit_bias" if is_empty(value) => Ok(()),
        "logit_bias" => Err(unsupported(name, "no logit bias")),
        "audio" if value.is_null() => Ok(()),
        "audio" => Err(unsupported(name, "no audio")),
        "modalities" if value.is_null() || value == &serde_json::json!(["text"]) => Ok(()),
        "modalities" => Err(unsupported(name, "text only")),
        "response_format" if value.is_null() || value.get("type").and_then(Value::as_str) == Some("text") => Ok(()),
        "response_format" => Err(unsupported(name, "text only")),
        _ => Ok(()),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn plain(index: usize, message: &Message) -> Result<PlainMessage, OpenAiError> {
    let param = format!("messages[{index}]");
    let role = match message.role {
        // Chat templates know one word for instructions.
        Role::System | Role::Developer => Role::System.as_str(),
        Role::User => Role::User.as_str(),
        Role::Assistant => Role::Assistant.as_str(),
        Role::Tool | Role::Function => {
            return Err(unsupported(&format!("{param}.role"), "no tools"));
        }
    };
    for field in ["tool_calls", "function_call"] {
        if message.rest.get(field).is_some_and(|calls| !is_empty(calls)) {
            return Err(unsupported(&format!("{param}.{field}"), "no tools"));
        }
    }
    Ok(PlainMessage { role, content: plain_content(&param, &message.content)? })
}

fn plain_content(param: &str, content: &Content) -> Result<String, OpenAiError> {
    match content {
        Content::None => Ok(String::new()),
        Content::Text(text) => Ok(text.clone()),
        Content::Parts(parts) => {
            let mut out = String::new();
            for (index, part) in parts.iter().enumerate() {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Other { kind, .. } => {
                        let param = format!("{param}.content[{index}]");
                        return Err(unsupported(&param, &format!("text parts only, not `{kind}`")));
                    }
                }
            }
            Ok(out)
        }
    }
}

fn unsupported(param: &str, what: &str) -> OpenAiError {
    OpenAiError::invalid(UNSUPPORTED, param, format!("`{param}` is not supported by the embedded model: {what}"))
}
