//! Events, written as those of a streamed message.

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::answer;
use super::usage;
use crate::exchange::{AnswerContext, Event, Finish, Tokens};
use crate::sse;

/// Writes events in the order the protocol wants: the message's start, one block after the other, why it ended with the usage,
/// the stop. The end waits for [`Event::End`], because the usage may come after the reason.
#[derive(Debug)]
pub struct EventWriter {
    context: AnswerContext,
    is_started: bool,
    /// The number of the next block.
    next: usize,
    open: Option<Open>,
    finish: Option<(Finish, Option<String>)>,
    usage: Option<Tokens>,
}

/// The block that is being written.
#[derive(Clone, Copy, Debug)]
struct Open {
    part: usize,
    index: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    ToolUse,
}

type Written = Result<(), serde_json::Error>;

impl EventWriter {
    /// A writer for one answer.
    pub fn new(context: AnswerContext) -> EventWriter {
        EventWriter { context, is_started: false, next: 0, open: None, finish: None, usage: None }
    }

    /// The bytes of an event; empty where this protocol says nothing, or says it later.
    pub fn write(&mut self, event: &Event) -> Result<Bytes, serde_json::Error> {
        let mut out = BytesMut::new();
        match event {
            Event::Error { code, message } => {
                let error = json!({"type": super::error::kind_of_code(code), "message": message});
                put(&mut out, "error", &json!({"type": "error", "error": error}))?;
            }
            Event::Started { usage, .. } => {
                self.usage = *usage;
                self.start(&mut out)?;
            }
            Event::Usage(tokens) => self.usage = Some(*tokens),
            Event::Finished { finish, stop_sequence } => self.finish = Some((finish.clone(), stop_sequence.clone())),
            Event::Text { part, delta } | Event::Refusal { part, delta } => {
                self.begin(*part, Kind::Text, json!({"type": "text", "text": ""}), &mut out)?;
                self.delta(json!({"type": "text_delta", "text": delta}), &mut out)?;
            }
            Event::Reasoning { part, delta } => {
                self.begin(*part, Kind::Thinking, empty_thought(), &mut out)?;
                self.delta(json!({"type": "thinking_delta", "thinking": delta}), &mut out)?;
            }
            Event::ReasoningSealed { part, signature, encrypted } => {
                self.seal(*part, signature.as_deref(), encrypted.as_deref(), &mut out)?;
            }
            Event::ToolCall { part, id, name } => {
                let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
                self.close(&mut out)?;
                self.begin(*part, Kind::ToolUse, block, &mut out)?;
            }
            Event::ToolArguments { part, delta } => {
                if self.open.is_some_and(|open| open.part == *part && open.kind == Kind::ToolUse) {
                    self.delta(json!({"type": "input_json_delta", "partial_json": delta}), &mut out)?;
                }
            }
            Event::PartDone { part } => {
                if self.open.is_some_and(|open| open.part == *part) {
                    self.close(&mut out)?;
                }
            }
            Event::End => self.end(&mut out)?,
        }
        Ok(out.freeze())
    }

    fn start(&mut self, out: &mut BytesMut) -> Written {
        if std::mem::replace(&mut self.is_started, true) {
            return Ok(());
        }
        let message = json!({
            "id": self.context.id,
            "type": "message",
            "role": "assistant",
            "model": self.context.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": usage::write(&self.usage.unwrap_or_default()),
        });
        put(out, "message_start", &json!({"type": "message_start", "message": message}))
    }

    /// Makes a block of this kind the open one, unless the part's block is open already.
    fn begin(&mut self, part: usize, kind: Kind, block: Value, out: &mut BytesMut) -> Written {
        if self.open.is_some_and(|open| open.part == part && open.kind == kind) {
            return Ok(());
        }
        self.start(out)?;
        self.close(out)?;
        let index = self.next;
        self.next += 1;
        self.open = Some(Open { part, index, kind });
        let start = json!({"type": "content_block_start", "index": index, "content_block": block});
        put(out, "content_block_start", &start)
    }

    fn delta(&self, delta: Value, out: &mut BytesMut) -> Written {
        let index = self.open.map(|open| open.index);
        put(out, "content_block_delta", &json!({"type": "content_block_delta", "index": index, "delta": delta}))
    }

    fn close(&mut self, out: &mut BytesMut) -> Written {
        let Some(Open { index, .. }) = self.open.take() else { return Ok(()) };
        put(out, "content_block_stop", &json!({"type": "content_block_stop", "index": index}))
    }

    /// A signature belongs to the open thought; the form that only the provider reads is a block of its own.
    fn seal(&mut self, part: usize, signature: Option<&str>, encrypted: Option<&str>, out: &mut BytesMut) -> Written {
        if let Some(signature) = signature {
            self.begin(part, Kind::Thinking, empty_thought(), out)?;
            self.delta(json!({"type": "signature_delta", "signature": signature}), out)?;
        }
        if let Some(data) = encrypted {
            self.close(out)?;
            self.begin(part, Kind::Thinking, json!({"type": "redacted_thinking", "data": data}), out)?;
            self.close(out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut BytesMut) -> Written {
        self.start(out)?;
        self.close(out)?;
        let (finish, stop_sequence) = self.finish.take().unwrap_or((Finish::Stop, None));
        let reason = answer::finish_word(&finish, stop_sequence.as_deref());
        let delta = json!({
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": stop_sequence},
            "usage": usage::write(&self.usage.unwrap_or_default()),
        });
        put(out, "message_delta", &delta)?;
        put(out, "message_stop", &json!({"type": "message_stop"}))
    }
}

fn empty_thought() -> Value {
    json!({"type": "thinking", "thinking": "", "signature": ""})
}

fn put(out: &mut BytesMut, name: &str, event: &Value) -> Written {
    out.extend_from_slice(&sse::event(Some(name), event)?);
    Ok(())
}
