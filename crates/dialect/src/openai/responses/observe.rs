//! What an answer that is handed on says about itself: its name, usage, how it ended, how much was written.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::response::read_usage;
use crate::Usage;
use crate::openai::Seen;
use crate::openai::observe::{LONGEST_WORD, is_something, length};

/// What was seen of an answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The provider's name for the answer.
    pub id: Option<String>,
    /// The provider's own count.
    pub usage: Option<Usage>,
    /// `completed`, `incomplete`, `failed`, `cancelled`, `in_progress`, `queued`.
    pub status: Option<String>,
    /// Why it is incomplete.
    pub incomplete_reason: Option<String>,
    /// The code (or type) of an error, never its text.
    pub error: Option<String>,
    /// Bytes written so far: text, thinking, refusals, arguments.
    pub text_bytes: u64,
}

/// An event, as far as it is read: most are deltas, and only their length matters.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    code: Option<&'a RawValue>,
}

/// A response object, as far as it is read.
#[derive(Deserialize)]
struct ResponseOnWire<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    usage: Option<Value>,
    #[serde(default)]
    incomplete_details: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(borrow, default)]
    output: Option<&'a RawValue>,
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        if data == b"[DONE]" {
            return Seen::Done;
        }
        let Ok(wire) = serde_json::from_slice::<Wire<'_>>(data) else { return Seen::Chunk };
        let kind = wire.kind.as_deref().unwrap_or_default();
        if kind.ends_with(".delta") {
            self.text_bytes += wire.delta.map_or(0, |delta| length(delta.get()));
            return Seen::Chunk;
        }
        if let Some(response) = wire.response {
            self.response(response.get().as_bytes(), false);
        }
        if let Some(error) = wire.error.filter(|error| is_something(error)) {
            self.error = Some(code_of(&serde_json::from_str(error.get()).unwrap_or(Value::Null)));
            return Seen::Error;
        }
        match kind {
            "error" => {
                let code = wire.code.and_then(|code| serde_json::from_str::<String>(code.get()).ok());
                self.error = Some(cut(code.as_deref().unwrap_or("error")));
                Seen::Error
            }
            "response.failed" => {
                self.error.get_or_insert_with(|| "error".to_owned());
                Seen::Error
            }
            "response.completed" | "response.incomplete" => Seen::Done,
            _ => Seen::Chunk,
        }
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        self.response(body, true);
    }

    fn response(&mut self, body: &[u8], is_whole: bool) {
        let Ok(wire) = serde_json::from_slice::<ResponseOnWire<'_>>(body) else { return };
        self.id = wire.id.or(self.id.take());
        self.status = wire.status.as_deref().map(cut).or(self.status.take());
        self.usage = wire.usage.as_ref().and_then(read_usage).map(Usage::from).or(self.usage);
        let reason = wire.incomplete_details.as_ref().and_then(|details| details.get("reason")?.as_str());
        self.incomplete_reason = reason.map(cut).or(self.incomplete_reason.take());
        if let Some(error) = wire.error.filter(|error| !error.is_null()) {
            self.error = Some(code_of(&error));
        }
        if let (true, Some(output)) = (is_whole, wire.output) {
            let items: Value = serde_json::from_str(output.get()).unwrap_or(Value::Null);
            super::texts::of_items(&items, &mut |text| self.text_bytes += text.len() as u64);
        }
    }

    /// The provider's count, else our estimate for a prompt of `prompt_tokens`; and whether it is an estimate.
    pub fn settled(&self, prompt_tokens: u64) -> (Usage, bool) {
        Usage::settled(self.usage, prompt_tokens, self.text_bytes)
    }
}

/// Code or type; the message may repeat a prompt and is not kept.
fn code_of(error: &Value) -> String {
    let word = |name: &str| error.get(name).filter(|word| !word.is_null());
    match word("code").or(word("type")) {
        Some(Value::String(word)) => cut(word),
        Some(Value::Number(number)) => number.to_string(),
        _ => "error".to_owned(),
    }
}

fn cut(word: &str) -> String {
    word.chars().take(LONGEST_WORD).collect()
}
