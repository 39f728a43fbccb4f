//! Events, written as the chunks of a streamed completion.

use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value, json};

use super::answer;
use crate::exchange::{AnswerContext, Event, Tokens};
use crate::{Usage, sse};

/// Writes chunks in their order: the role, what is said, why it ended, the usage where it was asked for, `[DONE]`.
#[derive(Debug)]
pub struct EventWriter {
    context: AnswerContext,
    include_usage: bool,
    is_started: bool,
    has_refusal: bool,
    /// The parts that are tool calls, in the order of their indices.
    calls: Vec<usize>,
    usage: Option<Tokens>,
}

impl EventWriter {
    /// A writer for a caller who wants the closing usage chunk, or not.
    pub fn new(context: AnswerContext, include_usage: bool) -> EventWriter {
        EventWriter { context, include_usage, is_started: false, has_refusal: false, calls: Vec::new(), usage: None }
    }

    /// The bytes of an event; empty where this protocol says nothing, or says it later.
    pub fn write(&mut self, event: &Event) -> Result<Bytes, serde_json::Error> {
        let mut out = BytesMut::new();
        if !self.is_started && !matches!(event, Event::Error { .. }) {
            self.is_started = true;
            out.extend_from_slice(&self.chunk(json!({"role": "assistant", "content": "", "refusal": null}), None)?);
        }
        match event {
            Event::Started { usage, .. } => self.usage = *usage,
            Event::Usage(tokens) => self.usage = Some(*tokens),
            Event::Text { delta, .. } => out.extend_from_slice(&self.chunk(json!({"content": delta}), None)?),
            Event::Reasoning { delta, .. } => {
                out.extend_from_slice(&self.chunk(json!({"reasoning_content": delta}), None)?);
            }
            Event::Refusal { delta, .. } => {
                self.has_refusal = true;
                out.extend_from_slice(&self.chunk(json!({"refusal": delta}), None)?);
            }
            Event::ToolCall { part, id, name } => {
                self.calls.push(*part);
                let function = json!({"name": name, "arguments": ""});
                let call = json!({"index": self.calls.len() - 1, "id": id, "type": "function", "function": function});
                out.extend_from_slice(&self.chunk(json!({"tool_calls": [call]}), None)?);
            }
            Event::ToolArguments { part, delta } => {
                let index = self.calls.iter().rposition(|call| call == part).unwrap_or(0);
                let call = json!({"index": index, "function": {"arguments": delta}});
                out.extend_from_slice(&self.chunk(json!({"tool_calls": [call]}), None)?);
            }
            Event::Finished { finish, .. } => {
                let word = answer::finish_word(finish, self.has_refusal);
                out.extend_from_slice(&self.chunk(json!({}), Some(word))?);
            }
            Event::Error { code, message } => {
                let error = json!({"message": message, "type": "server_error", "param": null, "code": code});
                out.extend_from_slice(&sse::data(&json!({"error": error}))?);
            }
            Event::End => {
                if let Some(tokens) = self.usage.filter(|_| self.include_usage) {
                    let usage = Usage::from(tokens).to_chat_json();
                    out.extend_from_slice(&sse::data(&self.object(json!([]), usage))?);
                }
                out.extend_from_slice(sse::DONE);
            }
            // A seal is for who thought; a part's end shows by the next one's beginning.
            Event::ReasoningSealed { .. } | Event::PartDone { .. } => {}
        }
        Ok(out.freeze())
    }

    fn chunk(&self, delta: Value, finish: Option<&str>) -> Result<Bytes, serde_json::Error> {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        sse::data(&self.object(json!([choice]), Value::Null))
    }

    fn object(&self, choices: Value, usage: Value) -> Map<String, Value> {
        let mut chunk = Map::new();
        chunk.insert("id".to_owned(), json!(self.context.id));
        chunk.insert("object".to_owned(), json!("chat.completion.chunk"));
        chunk.insert("created".to_owned(), json!(self.context.created));
        chunk.insert("model".to_owned(), json!(self.context.model));
        chunk.insert("choices".to_owned(), choices);
        // Who asked for usage gets `null` on every other chunk; who did not never sees the field.
        if self.include_usage {
            chunk.insert("usage".to_owned(), usage);
        }
        chunk
    }
}
