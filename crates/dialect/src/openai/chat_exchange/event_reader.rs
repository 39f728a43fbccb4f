//! The chunks of a streamed completion, read into events.

use serde_json::Value;

use super::{answer, usage};
use crate::exchange::{Event, Frame, Frames, error_of, unreadable};

/// Reads a stream of chunks, cut anywhere.
#[derive(Debug, Default)]
pub struct EventReader {
    frames: Frames,
    said: Said,
}

/// What was said so far.
#[derive(Debug, Default)]
struct Said {
    is_started: bool,
    is_finished: bool,
    has_refusal: bool,
    /// The next part's number.
    next: usize,
    open: Option<Open>,
    calls: Vec<Call>,
}

/// The part that is being said.
#[derive(Debug)]
struct Open {
    part: usize,
    kind: Kind,
    /// Whether a call's arguments have begun.
    has_arguments: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
    /// By its place in `Said::calls`.
    Call(usize),
}

/// A call, by the names its provider gave it.
#[derive(Debug)]
struct Call {
    index: Option<u64>,
    id: String,
}

impl EventReader {
    /// Takes what came and gives the events that it completes. Nothing comes after an [`Event::Error`].
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let EventReader { frames, said } = self;
        frames.push(bytes, |frame, events| said.frame(&frame, events))
    }

    /// The bytes are over. A stream that said why it ended is whole without `[DONE]`; any other was cut, which is an error.
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
        let chunk = match frame {
            Frame::Value(chunk) => chunk,
            Frame::Done if self.is_finished => return events.push(Event::End),
            Frame::Done => return events.push(unreadable("the provider's stream ended without a reason".to_owned())),
        };
        if let Some(error) = error_of(chunk) {
            return events.push(error);
        }
        let choices = chunk.get("choices").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        self.start(chunk, !choices.is_empty(), events);
        // No request here asks for more than one answer.
        let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
        for choice in choices.iter().filter(is_first) {
            if let Some(delta) = choice.get("delta").filter(|_| !self.is_finished) {
                self.delta(delta, events);
            }
            if let Some(word) = choice.get("finish_reason").and_then(Value::as_str) {
                self.end(word, events);
            }
        }
        events.extend(usage::read(chunk.get("usage")).map(Event::Usage));
    }

    /// The first chunk may be about the prompt alone and name nothing.
    fn start(&mut self, chunk: &Value, says_something: bool, events: &mut Vec<Event>) {
        let text = |name: &str| chunk.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text("id");
        if !self.is_started && (says_something || !id.is_empty()) {
            self.is_started = true;
            events.push(Event::Started { id, model: text("model"), usage: None });
        }
    }

    fn delta(&mut self, delta: &Value, events: &mut Vec<Event>) {
        let text = |name: &str| delta.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(thought) = text("reasoning_content").or_else(|| text("reasoning")) {
            let part = self.part(Kind::Reasoning, events);
            events.push(Event::Reasoning { part, delta: thought.to_owned() });
        }
        if let Some(said) = text("content") {
            let part = self.part(Kind::Text, events);
            events.push(Event::Text { part, delta: said.to_owned() });
        }
        if let Some(words) = text("refusal") {
            self.has_refusal = true;
            let part = self.part(Kind::Refusal, events);
            events.push(Event::Refusal { part, delta: words.to_owned() });
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.call(call, events);
        }
    }

    /// The part of that kind: the open one, else a new one.
    fn part(&mut self, kind: Kind, events: &mut Vec<Event>) -> usize {
        if let Some(open) = self.open.as_ref().filter(|open| open.kind == kind) {
            return open.part;
        }
        self.close(events);
        let part = self.next;
        self.next += 1;
        self.open = Some(Open { part, kind, has_arguments: false });
        part
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        let Some(Open { part, kind, has_arguments }) = self.open.take() else { return };
        if matches!(kind, Kind::Call(_)) && !has_arguments {
            events.push(Event::ToolArguments { part, delta: "{}".to_owned() });
        }
        events.push(Event::PartDone { part });
    }

    fn call(&mut self, call: &Value, events: &mut Vec<Event>) {
        let index = call.get("index").and_then(Value::as_u64);
        let id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let name = call.pointer("/function/name").and_then(Value::as_str).filter(|name| !name.is_empty());
        let known = self.known(index, id, name);
        let at = known.unwrap_or(self.calls.len());
        if known.is_some() && self.open.as_ref().is_none_or(|open| open.kind != Kind::Call(at)) {
            // Parts come one after the other, and this one is done.
            return events.push(unreadable("the provider went back to a tool call that it had left".to_owned()));
        }
        if known.is_none() {
            let Some(name) = name else {
                return events.push(unreadable("the provider began a tool call without a name".to_owned()));
            };
            let id = id.map_or_else(|| answer::call_id(at), str::to_owned);
            self.calls.push(Call { index, id: id.clone() });
            let part = self.part(Kind::Call(at), events);
            events.push(Event::ToolCall { part, id, name: name.to_owned() });
        }
        let arguments = call.pointer("/function/arguments").and_then(Value::as_str).unwrap_or_default();
        if let Some(open) = self.open.as_mut().filter(|_| !arguments.is_empty()) {
            open.has_arguments = true;
            events.push(Event::ToolArguments { part: open.part, delta: arguments.to_owned() });
        }
    }

    /// The call a piece belongs to: by its index, unless a new id says that it is another; without an index by its id, else
    /// the last one.
    fn known(&self, index: Option<u64>, id: Option<&str>, name: Option<&str>) -> Option<usize> {
        let same_id = |call: &Call| id.is_none_or(|id| call.id == id);
        match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index && same_id(call)),
            None if id.is_none() && name.is_some() => None,
            None => self.calls.iter().rposition(same_id),
        }
    }

    fn end(&mut self, word: &str, events: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.is_finished, true) {
            self.close(events);
            let finish = answer::finish_of(Some(word), !self.calls.is_empty(), self.has_refusal);
            events.push(Event::Finished { finish, stop_sequence: None });
        }
    }
}
