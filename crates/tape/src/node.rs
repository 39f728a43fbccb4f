//! One value of a text, and what is asked of it.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use crate::{Entry, Kind};

/// A value in a text.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    text: &'a [u8],
    entries: &'a [Entry],
    entry: Entry,
    /// Its own place on the tape.
    at: usize,
}

const NOTHING: Entry = Entry { start: 0, end: 0, next: 0, kind: Kind::Null };

impl<'a> Node<'a> {
    pub(crate) fn new(text: &'a [u8], entries: &'a [Entry]) -> Node<'a> {
        Node { text, entries, entry: entries.first().copied().unwrap_or(NOTHING), at: 0 }
    }

    fn sibling(self, at: usize) -> Option<Node<'a>> {
        Some(Node { at, entry: *self.entries.get(at)?, ..self })
    }

    pub(crate) fn kind(self) -> Kind {
        self.entry.kind
    }

    /// Where it stands in the text: with quotes and brackets, without blanks around it.
    pub fn span(self) -> Range<usize> {
        self.entry.start as usize..self.entry.end as usize
    }

    /// Its own text.
    pub fn raw(self) -> &'a [u8] {
        self.text.get(self.span()).unwrap_or_default()
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.entry.kind == Kind::Null
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.entry.kind == Kind::Object
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        self.entry.kind == Kind::List
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        matches!(self.entry.kind, Kind::Plain | Kind::Escaped)
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        self.entry.kind == Kind::Number
    }

    /// `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.entry.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// A number without sign, point and exponent that is below 2⁶⁴.
    pub fn as_u64(self) -> Option<u64> {
        if !self.is_number() {
            return None;
        }
        std::str::from_utf8(self.raw()).ok()?.parse().ok()
    }

    /// A string, without its quotes and escapes.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.entry.kind {
            Kind::Plain => std::str::from_utf8(self.inner()).ok().map(Cow::Borrowed),
            Kind::Escaped => serde_json::from_slice(self.raw()).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// What stands between quotes or brackets.
    pub(crate) fn inner(self) -> &'a [u8] {
        let Range { start, end } = self.span();
        self.text.get(start + 1..end.saturating_sub(1)).unwrap_or_default()
    }

    /// Whether the string of an entry is `name`.
    #[inline]
    fn is(self, known: &Entry, name: &str) -> bool {
        let (start, end) = (known.start as usize + 1, known.end as usize - 1);
        if known.kind != Kind::Plain {
            return Node { entry: *known, ..self }.as_str().is_some_and(|text| text == name);
        }
        end - start == name.len() && self.text.get(start..end) == Some(name.as_bytes())
    }

    /// The values of a list; none of anything else.
    pub fn items(self) -> Items<'a> {
        let end = if self.is_list() { self.entry.next as usize } else { 0 };
        Items { node: self, next: self.at + 1, end }
    }

    /// The members of an object, each with its name, which is a string; none of anything else.
    pub fn members(self) -> Members<'a> {
        let end = if self.is_object() { self.entry.next as usize } else { 0 };
        Members { node: self, next: self.at + 1, end }
    }

    /// The member of an object by its name.
    pub fn get(self, name: &str) -> Option<Node<'a>> {
        let end = if self.is_object() { self.entry.next as usize } else { 0 };
        let mut next = self.at + 1;
        while next < end {
            let (known, entry) = (self.entries.get(next)?, *self.entries.get(next + 1)?);
            if self.is(known, name) {
                return Some(Node { at: next + 1, entry, ..self });
            }
            next = entry.next as usize;
        }
        None
    }

    /// Several members of an object at once, where `null` is nothing.
    pub fn pick<const N: usize>(self, names: [&str; N]) -> [Option<Node<'a>>; N] {
        // No member is at the first place.
        let mut places = [0; N];
        let end = if self.is_object() { self.entry.next as usize } else { 0 };
        let mut next = self.at + 1;
        while next < end {
            let (Some(known), Some(entry)) = (self.entries.get(next), self.entries.get(next + 1)) else { break };
            for (place, name) in places.iter_mut().zip(names) {
                if *place == 0 && self.is(known, name) {
                    *place = next + 1;
                    break;
                }
            }
            next = entry.next as usize;
        }
        places.map(|at| if at == 0 { None } else { self.sibling(at).filter(|value| !value.is_null()) })
    }

    /// The same of one, where `null` is nothing.
    pub fn given(self, name: &str) -> Option<Node<'a>> {
        self.get(name).filter(|value| !value.is_null())
    }

    /// The value, built; `null` for one that no parser would read.
    pub fn to_value(self) -> Value {
        serde_json::from_slice(self.raw()).unwrap_or_default()
    }
}

/// The values of a list.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    node: Node<'a>,
    next: usize,
    end: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let item = self.node.sibling(self.next)?;
        self.next = item.entry.next as usize;
        Some(item)
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    node: Node<'a>,
    next: usize,
    end: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Node<'a>, Node<'a>);

    fn next(&mut self) -> Option<(Node<'a>, Node<'a>)> {
        if self.next >= self.end {
            return None;
        }
        let (name, value) = (self.node.sibling(self.next)?, self.node.sibling(self.next + 1)?);
        self.next = value.entry.next as usize;
        Some((name, value))
    }
}
