//! The JSON of a journal line, as `serde_json` writes it, without what it does for every value: it looks for something to escape
//! byte by byte, and a record has some thirty texts of which none has any.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::record::ConditionInputs;

const PRINTER: DateTimePrinter = DateTimePrinter::new();

/// What can stand in a record.
pub(super) trait Json {
    /// Adds it to `out`, byte for byte as `serde_json` has it.
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl Json for str {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if needs_escape(self.as_bytes()) {
            return serde_json::to_writer(out, self);
        }
        out.reserve(self.len() + 2);
        out.push(b'"');
        out.extend_from_slice(self.as_bytes());
        out.push(b'"');
        Ok(())
    }
}

impl Json for String {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.as_str().write(out)
    }
}

impl Json for Arc<str> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        str::write(self, out)
    }
}

impl Json for Cow<'static, str> {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        str::write(self, out)
    }
}

impl Json for Uuid {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        // Between quotes.
        let mut text = [b'"'; Hyphenated::LENGTH + 2];
        if let Some(inside) = text.get_mut(1..=Hyphenated::LENGTH) {
            self.as_hyphenated().encode_lower(inside);
        }
        out.extend_from_slice(&text);
        Ok(())
    }
}

impl Json for u64 {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
        Ok(())
    }
}

impl Json for u16 {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        u64::from(*self).write(out)
    }
}

impl Json for bool {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
        Ok(())
    }
}

impl Json for Timestamp {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.push(b'"');
        PRINTER.print_timestamp(self, &mut *out).map_err(serde::ser::Error::custom)?;
        out.push(b'"');
        Ok(())
    }
}

/// Rare: only where a condition had a say.
impl Json for ConditionInputs {
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(out, self)
    }
}

/// Whether something in a text cannot stand in JSON as it is.
fn needs_escape(text: &[u8]) -> bool {
    // What is left after whole words is looked at together with some of what was before it.
    let found = if let Some(last) = text.last_chunk() {
        text.as_chunks()
            .0
            .iter()
            .fold(escaped(u64::from_ne_bytes(*last)), |found, word| found | escaped(u64::from_ne_bytes(*word)))
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        escaped(u64::from(u32::from_ne_bytes(*first)) << u32::BITS | u64::from(u32::from_ne_bytes(*last)))
    } else {
        text.iter().fold(0, |found, byte| found | escaped(each(*byte)))
    };
    found & each(0x80) != 0
}

/// Eight bytes at once: the highest bit of a byte tells that it, or one before it, must be escaped.
fn escaped(word: u64) -> u64 {
    // A byte that is less borrows; one that had its highest bit is no ASCII.
    let less = |word: u64, than: u8| word.wrapping_sub(each(than));
    (less(word, b' ') | less(word ^ each(b'"'), 1) | less(word ^ each(b'\\'), 1)) & !word
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; size_of::<u64>()])
}
