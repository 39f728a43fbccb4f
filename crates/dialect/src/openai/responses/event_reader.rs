//! A streamed answer, read.

use std::collections::HashMap;

use serde_json::Value;

use super::answer::{cut, finish_of, read_error};
use super::item::BETWEEN_SUMMARIES;
use super::response::read_usage;
use super::seal;
use crate::exchange::{Event, Frame, Frames, unreadable};

/// Reads the events of one answer, from bytes that may be cut anywhere.
#[derive(Default)]
pub struct EventReader {
    frames: Frames,
    seen: Seen,
}

/// What was seen of the answer so far.
#[derive(Default)]
struct Seen {
    /// Parts of the exchange form by their place in the output; a thought has one, a message one for each content.
    parts: HashMap<(u64, u64), Part>,
    has_calls: bool,
    has_refusal: bool,
    out: Vec<Event>,
}

/// A part that is being read.
struct Part {
    index: usize,
    kind: Kind,
    /// Bytes of it that came so far.
    said: usize,
    /// Of a thought: the paragraph that came last, a summary's or its own.
    paragraph: Option<(bool, u64)>,
    is_done: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    Reasoning,
    Arguments,
}

impl EventReader {
    /// Takes what came and gives the events that it completes. After [`Event::End`] or [`Event::Error`] there are none.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let EventReader { frames, seen } = self;
        frames.push(bytes, |frame, events| seen.take(frame, events))
    }

    /// The bytes are over: an event without its empty line is still read, and an answer that has not come to its end broke
    /// off, which is an error.
    pub fn finish(&mut self) -> Vec<Event> {
        let EventReader { frames, seen } = self;
        let mut events = frames.rest(|frame, events| seen.take(frame, events));
        frames.close(false, &mut events);
        events
    }

    /// Bytes of an event that has not ended.
    pub fn pending(&self) -> usize {
        self.frames.pending()
    }
}

impl Seen {
    fn take(&mut self, frame: Frame, events: &mut Vec<Event>) {
        // `[DONE]` is another protocol's; here an answer says itself that it is whole.
        if let Frame::Value(event) = frame {
            self.event(&event);
            events.append(&mut self.out);
        }
    }

    fn fail(&mut self, code: impl Into<String>, message: impl Into<String>) {
        self.out.push(Event::Error { code: code.into(), message: message.into() });
    }

    fn event(&mut self, event: &Value) {
        let (output, content) = (number(event, "output_index"), number(event, "content_index"));
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "response.created" => self.started(event),
            "response.output_item.added" => self.item_added(output, event),
            "response.output_text.delta" => self.add((output, content), Kind::Text, text(event, "delta")),
            "response.output_text.done" => self.complete((output, content), Kind::Text, text(event, "text")),
            "response.refusal.delta" => self.add((output, content), Kind::Refusal, text(event, "delta")),
            "response.refusal.done" => self.complete((output, content), Kind::Refusal, text(event, "refusal")),
            "response.function_call_arguments.delta" => self.add((output, 0), Kind::Arguments, text(event, "delta")),
            "response.reasoning_summary_text.delta" => {
                self.think(output, (true, number(event, "summary_index")), text(event, "delta"));
            }
            "response.reasoning_text.delta" => self.think(output, (false, content), text(event, "delta")),
            "response.content_part.done" => self.part_done((output, content)),
            "response.output_item.done" => self.item_done(output, event.get("item").unwrap_or(&Value::Null)),
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.concluded(kind, event.get("response").unwrap_or(&Value::Null));
            }
            "error" => {
                let (code, message) = read_error(event.get("error").filter(|error| error.is_object()).unwrap_or(event));
                self.fail(code, message);
            }
            // A provider in the middle may fail in the words of another protocol.
            "" if event.get("error").is_some_and(|error| !error.is_null()) => {
                let (code, message) = read_error(event.get("error").unwrap_or(&Value::Null));
                self.fail(code, message);
            }
            // Progress, padding and notes.
            _ => {}
        }
    }

    fn started(&mut self, event: &Value) {
        let response = event.get("response").unwrap_or(&Value::Null);
        let (id, model) = (text(response, "id").to_owned(), text(response, "model").to_owned());
        self.out.push(Event::Started { id, model, usage: None });
    }

    fn item_added(&mut self, output: u64, event: &Value) {
        let item = event.get("item").unwrap_or(&Value::Null);
        match text(item, "type") {
            "message" | "reasoning" | "" => {}
            "function_call" => self.call((output, 0), item),
            other => self.fail("unsupported_output", format!("the model's answer holds an item of type `{other}`")),
        }
    }

    fn call(&mut self, place: (u64, u64), item: &Value) {
        if self.parts.contains_key(&place) {
            return;
        }
        self.has_calls = true;
        let part = self.part(place, Kind::Arguments);
        let (id, name) = (text(item, "call_id").to_owned(), text(item, "name").to_owned());
        self.out.push(Event::ToolCall { part, id, name });
        self.add(place, Kind::Arguments, text(item, "arguments"));
    }

    /// The index of the part at a place; the next one where none is known yet.
    fn part(&mut self, place: (u64, u64), kind: Kind) -> usize {
        let next = self.parts.len();
        let part =
            self.parts.entry(place).or_insert(Part { index: next, kind, said: 0, paragraph: None, is_done: false });
        part.index
    }

    fn add(&mut self, place: (u64, u64), kind: Kind, delta: &str) {
        if delta.is_empty() {
            return;
        }
        if kind == Kind::Arguments && !self.parts.contains_key(&place) {
            return self.out.push(unreadable("arguments came before their call".to_owned()));
        }
        let part = self.part(place, kind);
        match self.parts.get_mut(&place) {
            Some(known) if known.kind == kind => known.said += delta.len(),
            _ => return self.out.push(unreadable("a part of the answer changes its kind".to_owned())),
        }
        let delta = delta.to_owned();
        self.has_refusal |= kind == Kind::Refusal;
        self.out.push(match kind {
            Kind::Text => Event::Text { part, delta },
            Kind::Refusal => Event::Refusal { part, delta },
            Kind::Reasoning => Event::Reasoning { part, delta },
            Kind::Arguments => Event::ToolArguments { part, delta },
        });
    }

    fn think(&mut self, output: u64, paragraph: (bool, u64), delta: &str) {
        if delta.is_empty() {
            return;
        }
        let place = (output, 0);
        self.part(place, Kind::Reasoning);
        let last = self.parts.get_mut(&place).and_then(|part| part.paragraph.replace(paragraph));
        if last.is_some_and(|last| last != paragraph) {
            self.add(place, Kind::Reasoning, BETWEEN_SUMMARIES);
        }
        self.add(place, Kind::Reasoning, delta);
    }

    /// Some providers say in the closing event what they did not say before.
    fn complete(&mut self, place: (u64, u64), kind: Kind, whole: &str) {
        let said = self.parts.get(&place).map_or(0, |part| part.said);
        self.add(place, kind, whole.get(said..).unwrap_or_default());
    }

    fn part_done(&mut self, place: (u64, u64)) {
        if let Some(part) = self.parts.get_mut(&place).filter(|part| !part.is_done) {
            part.is_done = true;
            let part = part.index;
            self.out.push(Event::PartDone { part });
        }
    }

    fn item_done(&mut self, output: u64, item: &Value) {
        match text(item, "type") {
            "function_call" => {
                self.call((output, 0), item);
                self.complete((output, 0), Kind::Arguments, text(item, "arguments"));
                self.part_done((output, 0));
            }
            "message" => self.message_done(output, item),
            "reasoning" => self.reasoning_done(output, item),
            _ => {}
        }
    }

    fn message_done(&mut self, output: u64, item: &Value) {
        let contents = item.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (at, content) in (0..).zip(contents) {
            match text(content, "type") {
                "refusal" => self.complete((output, at), Kind::Refusal, text(content, "refusal")),
                _ => self.complete((output, at), Kind::Text, text(content, "text")),
            }
            self.part_done((output, at));
        }
    }

    fn reasoning_done(&mut self, output: u64, item: &Value) {
        let place = (output, 0);
        if !self.parts.contains_key(&place) {
            for (field, is_summary) in [("summary", true), ("content", false)] {
                let paragraphs = item.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                for (at, paragraph) in (0..).zip(paragraphs) {
                    self.think(output, (is_summary, at), text(paragraph, "text"));
                }
            }
        }
        let sealed = text(item, "encrypted_content");
        if !sealed.is_empty() {
            let part = self.part(place, Kind::Reasoning);
            let (signature, encrypted) = seal::open(sealed);
            self.out.push(Event::ReasoningSealed { part, signature, encrypted });
        }
        self.part_done(place);
    }

    fn concluded(&mut self, kind: &str, response: &Value) {
        if let Some(usage) = response.get("usage").and_then(read_usage) {
            self.out.push(Event::Usage(usage));
        }
        let finish = match kind {
            "response.failed" => {
                let (code, message) = read_error(response.get("error").unwrap_or(&Value::Null));
                return self.fail(code, message);
            }
            "response.incomplete" => cut(response),
            _ => finish_of(self.has_calls, self.has_refusal),
        };
        self.out.push(Event::Finished { finish, stop_sequence: None });
        self.out.push(Event::End);
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}
