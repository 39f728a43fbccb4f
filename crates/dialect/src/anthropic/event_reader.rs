//! The events of a streamed message, read into the common form.

use serde_json::Value;

use super::answer;
use super::usage::Counts;
use crate::exchange::{Event, Frame, Frames, echo, error_of, unreadable};

/// Reads a stream of events, cut anywhere.
#[derive(Debug, Default)]
pub struct EventReader {
    frames: Frames,
    said: Said,
}

#[derive(Debug, Default)]
struct Said {
    is_finished: bool,
    counts: Counts,
    /// The part whose arguments have not begun.
    silent_call: Option<usize>,
}

impl EventReader {
    /// Takes what came and gives the events that it completes. Nothing comes after an [`Event::Error`].
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let EventReader { frames, said } = self;
        frames.push(bytes, |frame, events| said.frame(&frame, events))
    }

    /// The bytes are over. A stream that said why it ended is whole without its last event; any other was cut, which is an
    /// error.
    pub fn finish(&mut self) -> Vec<Event> {
        let EventReader { frames, said } = self;
        let mut events = frames.rest(|frame, events| said.frame(&frame, events));
        frames.close(said.is_finished, &mut events);
        events
    }

    /// Bytes of an event that has not ended.
    pub fn pending(&self) -> usize {
        self.frames.pending()
    }
}

impl Said {
    fn frame(&mut self, frame: &Frame, events: &mut Vec<Event>) {
        let Frame::Value(event) = frame else { return };
        if let Some(error) = error_of(event) {
            return events.push(error);
        }
        let part = event.get("index").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let part = part.unwrap_or(0);
        match event.get("type").and_then(Value::as_str).unwrap_or_default() {
            "message_start" => self.start(event.get("message").unwrap_or(&Value::Null), events),
            "content_block_start" => {
                self.block(part, event.get("content_block").unwrap_or(&Value::Null), events);
            }
            "content_block_delta" => self.delta(part, event.get("delta").unwrap_or(&Value::Null), events),
            "content_block_stop" => {
                if self.silent_call.take().is_some() {
                    events.push(Event::ToolArguments { part, delta: "{}".to_owned() });
                }
                events.push(Event::PartDone { part });
            }
            "message_delta" => self.end(event, events),
            "message_stop" if self.is_finished => events.push(Event::End),
            "message_stop" => events.push(unreadable("the provider's stream ended without a reason".to_owned())),
            // A ping, or an event of a later version, which says nothing that could be handed on.
            _ => {}
        }
    }

    fn start(&mut self, message: &Value, events: &mut Vec<Event>) {
        let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.counts.update(Counts::read(message.get("usage")).unwrap_or_default());
        events.push(Event::Started { id: text("id"), model: text("model"), usage: self.counts.tokens() });
    }

    fn block(&mut self, part: usize, block: &Value, events: &mut Vec<Event>) {
        let text = |name: &str| block.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = text("type");
        match kind.as_str() {
            "text" => push_text(events, text("text"), |delta| Event::Text { part, delta }),
            "thinking" => {
                push_text(events, text("thinking"), |delta| Event::Reasoning { part, delta });
                push_text(events, text("signature"), |signature| sealed(part, Some(signature), None));
            }
            "redacted_thinking" => events.push(sealed(part, None, Some(text("data")))),
            "tool_use" => {
                events.push(Event::ToolCall { part, id: text("id"), name: text("name") });
                match block.get("input").and_then(Value::as_object).filter(|input| !input.is_empty()) {
                    Some(_) => {
                        let delta = block.get("input").map(Value::to_string).unwrap_or_default();
                        events.push(Event::ToolArguments { part, delta });
                    }
                    None => self.silent_call = Some(part),
                }
            }
            other => {
                events.push(unreadable(format!("the provider began a block of the unknown kind `{}`", echo(other))));
            }
        }
    }

    fn delta(&mut self, part: usize, delta: &Value, events: &mut Vec<Event>) {
        let text = |name: &str| delta.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match delta.get("type").and_then(Value::as_str).unwrap_or_default() {
            "text_delta" => push_text(events, text("text"), |delta| Event::Text { part, delta }),
            "thinking_delta" => push_text(events, text("thinking"), |delta| Event::Reasoning { part, delta }),
            "signature_delta" => push_text(events, text("signature"), |signature| sealed(part, Some(signature), None)),
            "input_json_delta" => {
                let before = events.len();
                push_text(events, text("partial_json"), |delta| Event::ToolArguments { part, delta });
                if events.len() > before {
                    self.silent_call = None;
                }
            }
            // A citation of a document; no request here brings documents.
            _ => {}
        }
    }

    fn end(&mut self, event: &Value, events: &mut Vec<Event>) {
        self.counts.update(Counts::read(event.get("usage")).unwrap_or_default());
        events.extend(self.counts.tokens().map(Event::Usage));
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        if let (false, Some(word)) = (self.is_finished, text("/delta/stop_reason")) {
            self.is_finished = true;
            let stop_sequence = text("/delta/stop_sequence").map(str::to_owned);
            events.push(Event::Finished { finish: answer::finish(Some(word)), stop_sequence });
        }
    }
}

fn push_text(events: &mut Vec<Event>, text: String, event: impl FnOnce(String) -> Event) {
    if !text.is_empty() {
        events.push(event(text));
    }
}

fn sealed(part: usize, signature: Option<String>, encrypted: Option<String>) -> Event {
    Event::ReasoningSealed { part, signature, encrypted }
}
