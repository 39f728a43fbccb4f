//! What does a JSON text say, and where in it?
//!
//! A text is gone over once, and each value leaves one short entry on a tape: what it is, where it stands, which comes behind it.
//! Fields are then read from the text itself, and nothing is built of what nobody asks for.
//!
//! Invariant: a text that is on a tape without doubt is one that `serde_json` accepts, with each name once in its object; a property
//! in `tests/it` holds it.

mod compact;
mod node;
mod reader;

use std::cell::Cell;

use serde_json::Value;

pub use node::{Items, Members, Node};

/// A JSON text and the tape of its values. `B` holds the bytes, and is not changed.
#[derive(Clone, Debug, Default)]
pub struct Tape<B> {
    bytes: B,
    entries: Vec<Entry>,
    is_doubtful: bool,
}

/// What is said of one value: of a member of an object, its name goes before it as one of its own.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where it stands in the text, quotes and brackets included.
    start: u32,
    end: u32,
    /// The entry behind it and everything in it.
    next: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    False,
    True,
    Number,
    /// A string that stands as it is between its quotes.
    Plain,
    /// A string with escapes.
    Escaped,
    List,
    Object,
}

impl<B: AsRef<[u8]>> Tape<B> {
    /// Reads a text, in which a name that stands twice in one object is a doubt. `None` for what is not JSON, is nested deeper than
    /// `depth_limit` or has more than 4 GB; why, a parser tells.
    pub fn of(bytes: B, depth_limit: usize) -> Option<Tape<B>> {
        Tape::read(bytes, depth_limit, true)
    }

    /// Reads a text of any depth without asking whether a name stands twice: the first one counts.
    pub fn skim(bytes: B) -> Option<Tape<B>> {
        Tape::read(bytes, usize::MAX, false)
    }

    fn read(bytes: B, depth_limit: usize, asks_names: bool) -> Option<Tape<B>> {
        let (entries, is_doubtful) = reader::read(bytes.as_ref(), depth_limit, asks_names, Vec::new())?;
        Some(Tape { bytes, entries, is_doubtful })
    }

    /// Whether something is left to a parser to decide: a number that may be too large, half a character in an escape, an object of
    /// many names, or a name that stands twice.
    pub fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// The text.
    pub fn bytes(&self) -> &B {
        &self.bytes
    }

    /// The value that the text is.
    pub fn root(&self) -> Node<'_> {
        Node::new(self.bytes.as_ref(), &self.entries)
    }
}

/// Looks at a text as [`Tape::skim`] reads it, on a tape that its thread keeps for the next one. `None` for what is not JSON.
pub fn glance<R>(text: &[u8], look: impl FnOnce(Node<'_>) -> R) -> Option<R> {
    let (mut entries, _) = reader::read(text, usize::MAX, false, ENTRIES.take())?;
    let seen = look(Node::new(text, &entries));
    if entries.capacity() <= ENTRIES_KEPT {
        entries.clear();
        ENTRIES.set(entries);
    }
    Some(seen)
}

/// What most answers and all events of a stream have room in; a thread keeps no longer list.
const ENTRIES_KEPT: usize = 1024;

thread_local! {
    static ENTRIES: Cell<Vec<Entry>> = const { Cell::new(Vec::new()) };
}

impl Tape<Vec<u8>> {
    /// The text of a value, without blanks.
    pub fn of_value(value: &Value) -> Option<Tape<Vec<u8>>> {
        Tape::skim(value.to_string().into_bytes())
    }
}
