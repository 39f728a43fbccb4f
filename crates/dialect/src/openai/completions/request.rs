//! The body of a completion request.

use serde_json::Value;
use tape::Node;

use crate::exchange::{Fields, NotSupported, Part, Places, Protocol, Request, Role, Turn, Words, wrong_type};
use crate::openai::chat::{MAX_PENALTY, MAX_STOP_SEQUENCES, MAX_TEMPERATURE};
use crate::openai::{OpenAiError, passthrough};

/// Tokens written when the caller names no number (the service's default).
pub const DEFAULT_MAX_TOKENS: u64 = 16;

/// Reads a body into a request of one turn. What it cannot hold is refused by name, except for [`crate::exchange::LEFT_OUT`].
pub fn read_request(body: &Value) -> Result<Request, NotSupported> {
    let mut body = Fields::of(Protocol::Completions, "", body)?;
    let prompt = prompt(&mut body)?;
    let stream = body.flag("stream")?.unwrap_or(false);
    let request = Request {
        model: body.text("model")?.map(str::to_owned),
        turns: vec![Turn { role: Role::User, parts: vec![Part::Text(prompt)] }],
        max_output_tokens: Some(body.count("max_tokens", 1)?.unwrap_or(DEFAULT_MAX_TOKENS)),
        temperature: body.number("temperature", 0.0..=MAX_TEMPERATURE)?,
        top_p: body.number("top_p", 0.0..=1.0)?,
        stop: stop(&mut body)?,
        seed: seed(&mut body)?,
        presence_penalty: body.number("presence_penalty", -MAX_PENALTY..=MAX_PENALTY)?,
        frequency_penalty: body.number("frequency_penalty", -MAX_PENALTY..=MAX_PENALTY)?,
        user: body.text("user")?.map(str::to_owned),
        stream,
        include_usage: include_usage(&mut body, stream)?,
        places: Places { words: Words { turns: "prompt", ..Words::default() }, parts: vec![vec!["prompt".to_owned()]] },
        ..Request::default()
    };
    body.done()?;
    Ok(request)
}

/// One text. Several prompts would be several answers, and tokens are known to one model alone.
fn prompt(body: &mut Fields<'_>) -> Result<String, NotSupported> {
    match body.get("prompt") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(list)) => match list.as_slice() {
            [Value::String(text)] => Ok(text.clone()),
            [Value::String(_), ..] => {
                Err(NotSupported::new("prompt", format!("expected one prompt, but got {}", list.len())))
            }
            [Value::Number(_) | Value::Array(_), ..] => {
                Err(NotSupported::new("prompt", "expected a text, but got tokens"))
            }
            [] => Err(NotSupported::new("prompt", "expected one prompt, but got none")),
            [other, ..] => Err(wrong_type("prompt[0]", "a string", other)),
        },
        Some(other) => Err(wrong_type("prompt", "a string", other)),
        None => Err(body.missing("prompt", "a string")),
    }
}

fn seed(body: &mut Fields<'_>) -> Result<Option<i64>, NotSupported> {
    let Some(value) = body.get("seed") else { return Ok(None) };
    value.as_i64().map(Some).ok_or_else(|| wrong_type("seed", "a whole number", value))
}

fn stop(body: &mut Fields<'_>) -> Result<Vec<String>, NotSupported> {
    let texts = match body.get("stop") {
        None => return Ok(Vec::new()),
        Some(one @ Value::String(_)) => std::slice::from_ref(one),
        Some(Value::Array(list)) => list.as_slice(),
        Some(other) => return Err(wrong_type("stop", "a string or an array of strings", other)),
    };
    if texts.len() > MAX_STOP_SEQUENCES {
        let reason = format!("expected at most {MAX_STOP_SEQUENCES} texts, but got {}", texts.len());
        return Err(NotSupported::new("stop", reason));
    }
    let read = texts.iter().enumerate().map(|(at, text)| match text {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        other => Err(wrong_type(format!("stop[{at}]"), "a text that is not empty", other)),
    });
    read.collect()
}

fn include_usage(body: &mut Fields<'_>, stream: bool) -> Result<bool, NotSupported> {
    let Some(mut options) = body.inner("stream_options")? else { return Ok(false) };
    let is_wanted = options.flag("include_usage")?.unwrap_or(false);
    options.done()?;
    if stream {
        Ok(is_wanted)
    } else {
        Err(NotSupported::new("stream_options", "expected only where `stream` is true"))
    }
}

/// What a body says that decides its way; the provider judges the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Model, stream, usage and number of answers, which are said as in a chat request.
    pub common: passthrough::Outline,
    /// The most tokens to write for each answer.
    pub max_tokens: u64,
    /// How many prompts there are; each is answered.
    pub prompts: u64,
}

impl Outline {
    /// Reads the few fields. Errors are 400 `invalid_request_error` and name the field.
    pub fn of(body: Node<'_>) -> Result<Outline, OpenAiError> {
        let prompts = body.get("prompt").map(Node::items).into_iter().flatten();
        let are_tokens = prompts.clone().next().is_some_and(Node::is_number);
        let prompts = if are_tokens { 1 } else { prompts.count() as u64 };
        let max_tokens = body.get("max_tokens").and_then(Node::as_u64).unwrap_or(DEFAULT_MAX_TOKENS);
        Ok(Outline { common: passthrough::Outline::of(body)?, max_tokens, prompts: prompts.max(1) })
    }
}
