//! Server-sent events: what a streamed reply is made of.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::memchr2_iter;
use serde::Serialize;

/// The media type of a stream of events.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// The last event of a stream of the chat dialect.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// One event without a name: `data: {json}` and the empty line that ends it.
///
/// JSON text holds no raw line break, so one `data:` line always carries it whole.
pub fn data(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    event(None, value)
}

/// One event, with its name where the dialect names its events.
pub fn event(name: Option<&str>, value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut out = Vec::with_capacity(256);
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut out, value)?;
    out.extend_from_slice(b"\n\n");
    Ok(Bytes::from(out))
}

/// Cuts a stream of bytes into events, each with the empty line that ends it, as it was sent.
#[derive(Debug, Default)]
pub struct Splitter {
    kept: BytesMut,
    /// How much of `kept` has been looked at without finding an end.
    seen: usize,
}

impl Splitter {
    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }

    /// The next complete event.
    pub fn next_event(&mut self) -> Option<Bytes> {
        let Some(end) = event_end(&self.kept, self.seen) else {
            // The end of a line may be cut anywhere in its up to four bytes.
            self.seen = self.kept.len().saturating_sub(3);
            return None;
        };
        self.seen = 0;
        Some(self.kept.split_to(end).freeze())
    }

    /// Bytes of an event that has not ended.
    pub fn pending(&self) -> usize {
        self.kept.len()
    }

    /// What is left when the stream ends: an event without its empty line.
    pub fn rest(self) -> Bytes {
        self.kept.freeze()
    }
}

/// Behind the first empty line at or after `from`. Lines end in `\n`, `\r\n` or `\r`.
fn event_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr2_iter(b'\n', b'\r', rest).find_map(|at| {
        let length = match rest.get(at..)? {
            [b'\r', b'\n', b'\r', b'\n', ..] => 4,
            [b'\n', b'\r', b'\n', ..] => 3,
            [b'\n', b'\n', ..] | [b'\r', b'\r', ..] => 2,
            _ => return None,
        };
        Some(from + at + length)
    })
}

/// The data of an event: its `data:` lines, joined by line breaks; `None` where it has none (a comment, a retry hint).
pub fn data_of(event: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut start = 0;
    let ends = memchr2_iter(b'\n', b'\r', event).chain([event.len()]);
    let mut lines = ends.filter_map(|end| {
        let line = event.get(std::mem::replace(&mut start, end + 1)..end)?;
        let rest = line.strip_prefix(b"data:")?;
        Some(rest.strip_prefix(b" ").unwrap_or(rest))
    });
    let first = lines.next()?;
    let Some(second) = lines.next() else { return Some(first.into()) };
    let mut joined = [first, b"\n", second].concat();
    for line in lines {
        joined.push(b'\n');
        joined.extend_from_slice(line);
    }
    Some(joined.into())
}

#[cfg(test)]
mod tests;
