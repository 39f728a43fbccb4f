//! The frame in which every protocol's events come: bytes cut anywhere into the data of whole events.

use serde_json::Value;

use super::{Event, Failure};
use crate::sse;

/// The code of a stream that broke off before its end.
const CUT: &str = "stream_cut";
/// The code of an event that cannot be made out.
pub(crate) const UNREADABLE: &str = "unreadable_event";
/// The data of the event that ends the streams of the OpenAI family.
const DONE: &[u8] = b"[DONE]";

/// What one event holds.
pub(crate) enum Frame {
    /// A JSON value.
    Value(Value),
    /// `[DONE]`
    Done,
}

/// Bytes in, frames out, until the stream is over.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    splitter: sse::Splitter,
    /// Whether [`Event::End`] or [`Event::Error`] was given.
    is_over: bool,
}

impl Frames {
    /// Takes what came and gives each frame to `read`, which adds events to the list.
    pub(crate) fn push(&mut self, bytes: &[u8], mut read: impl FnMut(Frame, &mut Vec<Event>)) -> Vec<Event> {
        let mut events = Vec::new();
        if self.is_over {
            return events;
        }
        self.splitter.push(bytes);
        while let Some(event) = self.splitter.next_event() {
            self.take(&event, &mut events, &mut read);
        }
        events
    }

    /// The bytes are over: reads what has no empty line behind it.
    pub(crate) fn rest(&mut self, mut read: impl FnMut(Frame, &mut Vec<Event>)) -> Vec<Event> {
        let mut events = Vec::new();
        let rest = std::mem::take(&mut self.splitter).rest();
        self.take(&rest, &mut events, &mut read);
        events
    }

    /// Adds the end, where there was none: a stream that is not whole was cut, which is an error.
    pub(crate) fn close(&mut self, is_whole: bool, events: &mut Vec<Event>) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        events.push(if is_whole {
            Event::End
        } else {
            Event::Error { code: CUT.to_owned(), message: "the provider's stream broke off".to_owned() }
        });
    }

    /// Bytes of an event that has not ended.
    pub(crate) fn pending(&self) -> usize {
        self.splitter.pending()
    }

    fn take(&mut self, event: &[u8], events: &mut Vec<Event>, read: &mut impl FnMut(Frame, &mut Vec<Event>)) {
        let Some(data) = sse::data_of(event).filter(|data| !self.is_over && !data.is_empty()) else { return };
        match frame(&data) {
            Ok(frame) => read(frame, events),
            Err(message) => events.push(unreadable(message)),
        }
        if let Some(last) = events.iter().position(|event| matches!(event, Event::End | Event::Error { .. })) {
            self.is_over = true;
            events.truncate(last + 1);
        }
    }
}

fn frame(data: &[u8]) -> Result<Frame, String> {
    if data == DONE {
        return Ok(Frame::Done);
    }
    serde_json::from_slice(data)
        .map(Frame::Value)
        .map_err(|error| format!("an event of the provider is no JSON: {error}"))
}

/// The error that an event is which cannot be made out.
pub(crate) fn unreadable(message: String) -> Event {
    Event::Error { code: UNREADABLE.to_owned(), message }
}

/// The error that an event brings, where it brings one.
pub(crate) fn error_of(value: &Value) -> Option<Event> {
    value.get("error").filter(|error| !error.is_null())?;
    let Failure { code, message, .. } = Failure::of(200, value);
    Some(Event::Error { code, message })
}
