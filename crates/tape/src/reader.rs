//! Going over a text once. It is written without recursion, so that no nesting is too deep for it.

use crate::{Entry, Kind};

/// Names of one object that are compared with each other; where there are more, a parser with a map decides sooner.
const NAMES_COMPARED: usize = 32;
/// Bytes of a number that is certainly in range: the largest has more digits.
const NUMBER_BYTES: usize = 300;
/// Room for entries that is made at first, at most; more is made when it is needed.
const FIRST_ENTRIES: usize = 1024;
/// Bytes of a text for each entry, about.
const BYTES_PER_ENTRY: usize = 8;

/// The entries of a text, and whether a doubt is left.
pub(crate) fn read(text: &[u8], depth_limit: usize, asks_names: bool) -> Option<(Vec<Entry>, bool)> {
    u32::try_from(text.len()).ok()?;
    if !text.is_ascii() {
        std::str::from_utf8(text).ok()?;
    }
    let room = (text.len() / BYTES_PER_ENTRY + BYTES_PER_ENTRY).min(FIRST_ENTRIES);
    let entries = Vec::with_capacity(room);
    let mut reader = Reader { text, at: 0, entries, open: Vec::new(), depth_limit, asks_names, is_doubtful: false };
    reader.whole()?;
    Some((reader.entries, reader.is_doubtful))
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    entries: Vec<Entry>,
    /// The lists and objects that are not closed, each by its entry.
    open: Vec<usize>,
    depth_limit: usize,
    asks_names: bool,
    is_doubtful: bool,
}

impl Reader<'_> {
    fn whole(&mut self) -> Option<()> {
        loop {
            let is_begun = self.value()?;
            if !is_begun && !self.behind_value()? {
                break;
            }
        }
        self.blanks();
        (self.at == self.text.len()).then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        // Most texts have none, and everything else is above the blank.
        while let Some(..=b' ') = self.peek() {
            if !matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
                return;
            }
            self.at += 1;
        }
    }

    /// The next byte that is no blank, taken.
    fn taken(&mut self) -> Option<u8> {
        self.blanks();
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Reads a value; `true` where it was only begun, as a list or an object, and its first value is next.
    fn value(&mut self) -> Option<bool> {
        self.blanks();
        let start = self.at;
        let kind = match self.peek()? {
            b'"' => self.string()?,
            b'{' => return self.begin(Kind::Object, b'}'),
            b'[' => return self.begin(Kind::List, b']'),
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => self.number()?,
        };
        self.push(start, kind);
        Some(false)
    }

    /// Notes a value that has nothing in it and ends here.
    fn push(&mut self, start: usize, kind: Kind) {
        let next = small(self.entries.len() + 1);
        self.entries.push(Entry { start: small(start), end: small(self.at), next, kind });
    }

    fn begin(&mut self, kind: Kind, close: u8) -> Option<bool> {
        if self.open.len() == self.depth_limit {
            return None;
        }
        let (start, own) = (self.at, self.entries.len());
        self.at += 1;
        self.push(start, kind);
        self.blanks();
        if self.peek()? == close {
            self.at += 1;
            self.close(own)?;
            return Some(false);
        }
        self.open.push(own);
        if kind == Kind::Object {
            self.name(own)?;
        }
        Some(true)
    }

    fn close(&mut self, own: usize) -> Option<()> {
        let (end, next) = (small(self.at), small(self.entries.len()));
        let entry = self.entries.get_mut(own)?;
        (entry.end, entry.next) = (end, next);
        Some(())
    }

    /// Goes on to where the next value begins; `false` where there is none.
    fn behind_value(&mut self) -> Option<bool> {
        while let Some(own) = self.open.last().copied() {
            let is_object = self.entries.get(own)?.kind == Kind::Object;
            match (self.taken()?, is_object) {
                (b',', true) => {
                    self.name(own)?;
                    return Some(true);
                }
                (b',', false) => return Some(true),
                (b'}', true) | (b']', false) => {
                    self.open.pop();
                    self.close(own)?;
                }
                _ => return None,
            }
        }
        Some(false)
    }

    /// Reads a name and its colon.
    fn name(&mut self, object: usize) -> Option<()> {
        self.blanks();
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        let kind = self.string()?;
        if self.asks_names && !self.is_doubtful {
            // The same name may be written in two ways.
            self.is_doubtful = kind == Kind::Escaped || self.may_be_known(object, start);
        }
        self.push(start, kind);
        (self.taken()? == b':').then_some(())
    }

    /// Whether the name that ends here stands in its object already, or there are too many to look.
    fn may_be_known(&self, object: usize, start: usize) -> bool {
        let name = self.text.get(start..self.at);
        let (mut next, length) = (object + 1, self.at - start);
        for _ in 0..NAMES_COMPARED {
            let Some(known) = self.entries.get(next) else { return false };
            let (from, to) = (known.start as usize, known.end as usize);
            if to - from == length && self.text.get(from..to) == name {
                return true;
            }
            let Some(value) = self.entries.get(next + 1) else { return false };
            next = value.next as usize;
        }
        true
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Option<Kind> {
        let end = self.at + word.len();
        if self.text.get(self.at..end)? != word {
            return None;
        }
        self.at = end;
        Some(kind)
    }

    /// Reads a string from its opening quote.
    fn string(&mut self) -> Option<Kind> {
        let (mut at, mut kind) = (self.at + 1, Kind::Plain);
        loop {
            at += plain(self.text.get(at..)?);
            match self.text.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return Some(kind);
                }
                b'\\' => {
                    kind = Kind::Escaped;
                    at += self.escape(at)?;
                }
                // A raw control character.
                _ => return None,
            }
        }
    }

    /// The length of an escape.
    fn escape(&mut self, at: usize) -> Option<usize> {
        match self.text.get(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
            b'u' => {
                let digits = self.text.get(at + 2..at + 6)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                // Halves of a character must come in pairs.
                self.is_doubtful |= matches!(digits, [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
                Some(6)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Kind> {
        let start = self.at;
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
            self.is_doubtful = true;
        }
        self.is_doubtful |= self.at - start > NUMBER_BYTES;
        Some(Kind::Number)
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// The length of a text is looked at before anything of it, so that nothing is cut off.
fn small(place: usize) -> u32 {
    place as u32
}

/// Bytes up to the first that ends a string or is not plain in it: a quote, a backslash, a control character. Eight are looked at
/// at once, as one number of eight small ones.
fn plain(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let (words, _) = text.as_chunks::<8>();
    for (count, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let below_blank = word.wrapping_sub(ONES * 0x20);
        let (quotes, slashes) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        // A borrow makes bytes behind the first one that is found look found too, and none before it.
        let found = (below_blank | quotes.wrapping_sub(ONES) | slashes.wrapping_sub(ONES)) & !word & HIGHS;
        if found != 0 {
            return count * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let seen = words.len() * 8;
    let rest = text.get(seen..).unwrap_or_default();
    seen + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len())
}
