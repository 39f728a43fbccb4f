//! The body of a chat completion request.

mod message;
mod plain;

use serde_json::{Map, Value};

pub use message::{Content, Message, Part, Role};
pub use plain::{PlainChat, PlainMessage};

use super::error::OpenAiError;
use super::field::{decimal, flag, integer, missing, take, text, wrong_type, wrong_value};

/// At most this many stop sequences (the service's own limit).
pub const MAX_STOP_SEQUENCES: usize = 4;
/// Temperatures go from 0, always the likeliest token, to this (the service's own limit).
pub const MAX_TEMPERATURE: f64 = 2.0;
/// Presence and frequency penalties lie between minus this and this (the service's own limit).
pub const MAX_PENALTY: f64 = 2.0;
/// The most answers one request may ask for (the service's own limit).
pub const MAX_CHOICES: i64 = 128;
/// The longest conversation in one request (the service's own limit).
pub const MAX_MESSAGES: usize = 2048;
/// Any model's context is far below; it keeps the number within `u32`.
const MAX_TOKENS: i64 = u32::MAX as i64;

/// A chat completion request: the fields this project reads, and the `rest` as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The deployment, where the path does not name it.
    pub model: Option<String>,
    /// The conversation so far; never empty.
    pub messages: Vec<Message>,
    /// `max_completion_tokens`, else `max_tokens`: the most tokens to write, at least 1.
    pub max_tokens: Option<u32>,
    /// 0 to [`MAX_TEMPERATURE`].
    pub temperature: Option<f64>,
    /// 0 to 1.
    pub top_p: Option<f64>,
    /// Makes sampling repeatable.
    pub seed: Option<i64>,
    /// −[`MAX_PENALTY`] to [`MAX_PENALTY`].
    pub presence_penalty: Option<f64>,
    /// −[`MAX_PENALTY`] to [`MAX_PENALTY`].
    pub frequency_penalty: Option<f64>,
    /// At most [`MAX_STOP_SEQUENCES`], none empty.
    pub stop: Vec<String>,
    /// How many answers, 1 to [`MAX_CHOICES`].
    pub n: u32,
    /// Whether the answer is wanted as a stream of events.
    pub stream: bool,
    /// Whether the stream shall close with a chunk that carries the usage.
    pub include_usage: bool,
    /// Fields that are not read here, in the order they came.
    pub rest: Map<String, Value>,
}

impl ChatRequest {
    /// Reads a body. Errors are 400 `invalid_request_error` and name the field.
    pub fn parse(body: Value) -> Result<ChatRequest, OpenAiError> {
        let mut fields = match body {
            Value::Object(fields) => fields,
            other => return Err(wrong_type("body", "an object", &other)),
        };
        let messages = messages(&mut fields)?;
        let stream = flag(&mut fields, "stream", "stream")?;
        Ok(ChatRequest {
            model: text(&mut fields, "model", "model")?,
            messages,
            max_tokens: max_tokens(&mut fields)?,
            temperature: decimal(&mut fields, "temperature", 0.0, MAX_TEMPERATURE)?,
            top_p: decimal(&mut fields, "top_p", 0.0, 1.0)?,
            seed: integer(&mut fields, "seed", i64::MIN, i64::MAX)?,
            presence_penalty: decimal(&mut fields, "presence_penalty", -MAX_PENALTY, MAX_PENALTY)?,
            frequency_penalty: decimal(&mut fields, "frequency_penalty", -MAX_PENALTY, MAX_PENALTY)?,
            stop: stop(&mut fields)?,
            n: integer(&mut fields, "n", 1, MAX_CHOICES)?.and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            stream,
            include_usage: include_usage(&mut fields, stream)?,
            rest: fields,
        })
    }
}

fn messages(fields: &mut Map<String, Value>) -> Result<Vec<Message>, OpenAiError> {
    let list = match take(fields, "messages") {
        None => return Err(missing("messages")),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong_type("messages", "an array of messages", &other)),
    };
    if list.is_empty() {
        return Err(OpenAiError::invalid(
            "empty_array",
            "messages",
            "invalid `messages`: expected at least one message, but got none",
        ));
    }
    if list.len() > MAX_MESSAGES {
        let message = format!("invalid `messages`: expected at most {MAX_MESSAGES} messages, but got {}", list.len());
        return Err(OpenAiError::invalid("array_above_max_length", "messages", message));
    }
    list.into_iter()
        .enumerate()
        .map(|(index, message)| Message::parse(&format!("messages[{index}]"), message))
        .collect()
}

fn max_tokens(fields: &mut Map<String, Value>) -> Result<Option<u32>, OpenAiError> {
    let old = integer(fields, "max_tokens", 1, MAX_TOKENS)?;
    let new = integer(fields, "max_completion_tokens", 1, MAX_TOKENS)?;
    if old.is_some() && new.is_some() {
        let message = "`max_tokens` and `max_completion_tokens` say the same thing: send one of them";
        return Err(wrong_value("max_tokens", message));
    }
    Ok(new.or(old).and_then(|limit| u32::try_from(limit).ok()))
}

fn stop(fields: &mut Map<String, Value>) -> Result<Vec<String>, OpenAiError> {
    let list = match take(fields, "stop") {
        None => return Ok(Vec::new()),
        Some(Value::String(one)) => vec![Value::String(one)],
        Some(Value::Array(list)) => list,
        Some(other) => {
            return Err(wrong_type("stop", "a string or an array of strings", &other));
        }
    };
    if list.len() > MAX_STOP_SEQUENCES {
        let message =
            format!("invalid `stop`: expected at most {MAX_STOP_SEQUENCES} sequences, but got {}", list.len());
        return Err(OpenAiError::invalid("array_above_max_length", "stop", message));
    }
    list.into_iter().enumerate().map(|(index, item)| stop_sequence(index, item)).collect()
}

fn stop_sequence(index: usize, item: Value) -> Result<String, OpenAiError> {
    let param = format!("stop[{index}]");
    match item {
        Value::String(text) if text.is_empty() => {
            Err(wrong_value(&param, format!("invalid `{param}`: a stop sequence cannot be empty")))
        }
        Value::String(text) => Ok(text),
        other => Err(wrong_type(&param, "a string", &other)),
    }
}

fn include_usage(fields: &mut Map<String, Value>, stream: bool) -> Result<bool, OpenAiError> {
    match take(fields, "stream_options") {
        None => Ok(false),
        Some(Value::Object(_)) if !stream => {
            Err(wrong_value("stream_options", "`stream_options` is only allowed when `stream` is true"))
        }
        Some(Value::Object(mut options)) => flag(&mut options, "stream_options.include_usage", "include_usage"),
        Some(other) => Err(wrong_type("stream_options", "an object", &other)),
    }
}

#[cfg(test)]
mod tests;
