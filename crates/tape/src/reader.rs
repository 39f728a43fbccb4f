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

/// The entries of a text, in a list that is empty, and whether a doubt is left.
pub(crate) fn read(
    text: &[u8],
    depth_limit: usize,
    asks_names: bool,
    mut entries: Vec<Entry>,
) -> Option<(Vec<Entry>, bool)> {
    u32::try_from(text.len()).ok()?;
    if !text.is_ascii() {
        std::str::from_utf8(text).ok()?;
    }
    entries.reserve((text.len() / BYTES_PER_ENTRY + BYTES_PER_ENTRY).min(FIRST_ENTRIES));
    let mut reader = Reader { text, entries, open: Vec::new(), depth_limit, asks_names, is_doubtful: false };
    let end = reader.whole()?;
    (blanks(text, end) == text.len()).then_some((reader.entries, reader.is_doubtful))
}

struct Reader<'a> {
    text: &'a [u8],
    entries: Vec<Entry>,
    /// The lists and objects that are not closed: the entry of each, and what closes it.
    open: Vec<(usize, u8)>,
    depth_limit: usize,
    asks_names: bool,
    is_doubtful: bool,
}

/// What stands at a place between values.
enum Step {
    /// The next value, there or behind blanks.
    Next(usize),
    /// The end of the whole value.
    Over(usize),
}

impl Reader<'_> {
    /// Reads the value that the text is, and tells where it ends.
    fn whole(&mut self) -> Option<usize> {
        let mut at = 0;
        loop {
            let start = blanks(self.text, at);
            let (end, kind) = self.value(start)?;
            let own = self.push(start, end, kind);
            let step = match kind {
                Kind::Object => self.begin(own, end, b'}')?,
                Kind::List => self.begin(own, end, b']')?,
                _ => self.behind(end)?,
            };
            match step {
                Step::Next(next) => at = next,
                Step::Over(end) => return Some(end),
            }
        }
    }

    /// What value begins at a place, and where it ends; of a list or an object, its bracket alone.
    fn value(&mut self, at: usize) -> Option<(usize, Kind)> {
        match *self.text.get(at)? {
            b'"' => self.string(at),
            b'{' => Some((at + 1, Kind::Object)),
            b'[' => Some((at + 1, Kind::List)),
            b't' => word(self.text, at, b"true", Kind::True),
            b'f' => word(self.text, at, b"false", Kind::False),
            b'n' => word(self.text, at, b"null", Kind::Null),
            _ => self.number(at),
        }
    }

    /// Notes a value, with nothing in it so far.
    fn push(&mut self, start: usize, end: usize, kind: Kind) -> usize {
        let own = self.entries.len();
        self.entries.push(Entry { start: small(start), end: small(end), next: small(own + 1), kind });
        own
    }

    /// Goes into a list or an object, or past one that is empty.
    fn begin(&mut self, own: usize, at: usize, close: u8) -> Option<Step> {
        if self.open.len() == self.depth_limit {
            return None;
        }
        let at = blanks(self.text, at);
        if *self.text.get(at)? == close {
            self.close(own, at + 1)?;
            return self.behind(at + 1);
        }
        self.open.push((own, close));
        if close == b'}' { self.name(own, at) } else { Some(Step::Next(at)) }
    }

    fn close(&mut self, own: usize, end: usize) -> Option<()> {
        let next = small(self.entries.len());
        let entry = self.entries.get_mut(own)?;
        (entry.end, entry.next) = (small(end), next);
        Some(())
    }

    /// Goes on from behind a value.
    fn behind(&mut self, mut at: usize) -> Option<Step> {
        while let Some((own, close)) = self.open.last().copied() {
            at = blanks(self.text, at);
            let byte = *self.text.get(at)?;
            at += 1;
            if byte == b',' {
                return if close == b'}' { self.name(own, at) } else { Some(Step::Next(at)) };
            }
            if byte != close {
                return None;
            }
            self.open.pop();
            self.close(own, at)?;
        }
        Some(Step::Over(at))
    }

    /// Reads a name and its colon.
    fn name(&mut self, object: usize, at: usize) -> Option<Step> {
        let start = blanks(self.text, at);
        if *self.text.get(start)? != b'"' {
            return None;
        }
        let (end, kind) = self.string(start)?;
        if self.asks_names && !self.is_doubtful {
            // The same name may be written in two ways.
            self.is_doubtful = kind == Kind::Escaped || self.may_be_known(object, start, end);
        }
        self.push(start, end, kind);
        let colon = blanks(self.text, end);
        (*self.text.get(colon)? == b':').then_some(Step::Next(colon + 1))
    }

    /// Whether a name stands in its object already, or there are too many to look.
    fn may_be_known(&self, object: usize, start: usize, end: usize) -> bool {
        let (mut next, length) = (object + 1, end - start);
        for _ in 0..NAMES_COMPARED {
            let Some(known) = self.entries.get(next) else { return false };
            let (from, to) = (known.start as usize, known.end as usize);
            if to - from == length && self.text.get(from..to) == self.text.get(start..end) {
                return true;
            }
            let Some(value) = self.entries.get(next + 1) else { return false };
            next = value.next as usize;
        }
        true
    }

    /// Reads a string from its opening quote.
    fn string(&mut self, at: usize) -> Option<(usize, Kind)> {
        let end = at + 1 + plain(self.text.get(at + 1..)?);
        match *self.text.get(end)? {
            b'"' => Some((end + 1, Kind::Plain)),
            _ => Some((self.escaped(end)?, Kind::Escaped)),
        }
    }

    /// Reads on from the first byte of a string that is not plain.
    fn escaped(&mut self, mut at: usize) -> Option<usize> {
        loop {
            match *self.text.get(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += self.escape(at)?,
                // A raw control character.
                _ => return None,
            }
            at += plain(self.text.get(at..)?);
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

    fn number(&mut self, start: usize) -> Option<(usize, Kind)> {
        let text = self.text;
        let first = start + usize::from(*text.get(start)? == b'-');
        let mut at = match *text.get(first)? {
            b'0' => first + 1,
            _ => digits(text, first)?,
        };
        if text.get(at) == Some(&b'.') {
            at = digits(text, at + 1)?;
        }
        if let Some(b'e' | b'E') = text.get(at) {
            let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
            at = digits(text, at + 1 + sign)?;
            self.is_doubtful = true;
        }
        self.is_doubtful |= at - start > NUMBER_BYTES;
        Some((at, Kind::Number))
    }
}

/// The first place from `at` on that is no blank.
#[inline]
fn blanks(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

fn word(text: &[u8], at: usize, word: &[u8], kind: Kind) -> Option<(usize, Kind)> {
    let end = at + word.len();
    (text.get(at..end)? == word).then_some((end, kind))
}

/// The place behind one digit or more.
#[inline]
fn digits(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    (at > start).then_some(at)
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
