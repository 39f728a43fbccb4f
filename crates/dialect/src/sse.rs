//! Server-sent events: what a streamed reply is made of.

use bytes::Bytes;
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
