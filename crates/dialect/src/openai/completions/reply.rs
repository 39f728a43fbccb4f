//! What a completion answers: one object, or a stream of the same.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::Usage;
use crate::exchange::{Answer, Event, Finish, Part, Tokens};
use crate::sse;

/// The parts that every object of one reply shares.
#[derive(Clone, Debug)]
pub struct CompletionReply {
    /// `cmpl-…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// The model's name, printed as the caller's deployment serves it.
    pub model: String,
    /// Names the software and model that answered.
    pub system_fingerprint: String,
    /// Whether the caller asked for the closing usage chunk (`stream_options.include_usage`).
    pub include_usage: bool,
}

impl CompletionReply {
    /// The whole answer: its text, and its refusal where it is one. This protocol knows neither thinking nor calls.
    pub fn whole(&self, answer: &Answer) -> Value {
        let text: String = answer.parts.iter().filter_map(said).collect();
        let mut whole = self.object(&json!([choice(&text, Some(finish_word(&answer.finish)))]));
        put(&mut whole, "usage", answer.usage.as_ref().map_or(Value::Null, usage));
        whole
    }

    fn object(&self, choices: &Value) -> Value {
        json!({
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.system_fingerprint,
            "choices": choices,
        })
    }

    /// A chunk of a stream. Who asked for usage gets `usage: null` on every chunk but the last.
    fn chunk(&self, choices: &Value, tokens: Option<&Tokens>) -> Result<Bytes, serde_json::Error> {
        let mut chunk = self.object(choices);
        if self.include_usage {
            put(&mut chunk, "usage", tokens.map_or(Value::Null, usage));
        }
        sse::data(&chunk)
    }
}

fn said(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) | Part::Refusal(text) => Some(text),
        _ => None,
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn choice(text: &str, finish: Option<&str>) -> Value {
    json!({"text": text, "index": 0, "logprobs": null, "finish_reason": finish})
}

fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::ToolCalls => "stop",
        Finish::Length => "length",
        Finish::ContentFilter | Finish::Refusal => "content_filter",
        Finish::Other(word) => word,
    }
}

fn usage(tokens: &Tokens) -> Value {
    Usage::from(*tokens).to_chat_json()
}

/// Writes the chunks of one answer.
pub struct EventWriter {
    reply: CompletionReply,
    usage: Option<Tokens>,
    is_ended: bool,
}

impl EventWriter {
    /// For this reply.
    pub fn new(reply: CompletionReply) -> EventWriter {
        EventWriter { reply, usage: None, is_ended: false }
    }

    /// The bytes of an event; sometimes none. After `[DONE]`, or an error, there are no more.
    pub fn write(&mut self, event: &Event) -> Result<Bytes, serde_json::Error> {
        if self.is_ended {
            return Ok(Bytes::new());
        }
        match event {
            Event::Text { delta, .. } | Event::Refusal { delta, .. } => {
                self.reply.chunk(&json!([choice(delta, None)]), None)
            }
            Event::Finished { finish, .. } => self.reply.chunk(&json!([choice("", Some(finish_word(finish)))]), None),
            Event::Error { code, message } => {
                self.is_ended = true;
                sse::data(&json!({"error": {"message": message, "type": "server_error", "param": null, "code": code}}))
            }
            Event::End => self.end(),
            Event::Usage(tokens) => {
                self.usage = Some(*tokens);
                Ok(Bytes::new())
            }
            Event::Started { usage, .. } => {
                self.usage = usage.or(self.usage);
                Ok(Bytes::new())
            }
            // This protocol has no words for these; the tokens they cost are counted.
            Event::Reasoning { .. }
            | Event::ReasoningSealed { .. }
            | Event::ToolCall { .. }
            | Event::ToolArguments { .. }
            | Event::PartDone { .. } => Ok(Bytes::new()),
        }
    }

    fn end(&mut self) -> Result<Bytes, serde_json::Error> {
        self.is_ended = true;
        let mut out = Vec::new();
        if self.reply.include_usage {
            out.extend_from_slice(&self.reply.chunk(&json!([]), self.usage.as_ref())?);
        }
        out.extend_from_slice(sse::DONE);
        Ok(Bytes::from(out))
    }
}
