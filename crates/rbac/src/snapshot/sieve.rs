//! Which of many holders may be the caller or one of its groups: asked of all of them at once.

use std::ops::Range;

use super::entry::Entry;

/// Sixteen words, four of the processor's registers. Of twenty groups and thirty holders, every other time two meet here by
/// chance.
const WORDS: usize = 16;

/// A set of principals, seen through 1024 bits: two may share one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks([u64; WORDS]);

/// The marks of the holders at one scope, and where the entries of each word's holders start.
#[derive(Clone, Copy)]
pub(crate) struct Sieve {
    marks: Marks,
    starts: [u8; WORDS],
}

/// The word that a principal's bit is in. Numbers follow each other, so they need no hash to be spread.
pub(super) fn word_of(principal: u32) -> usize {
    (principal / u64::BITS) as usize % WORDS
}

impl Marks {
    /// Those of some principals.
    pub(super) fn of(principals: impl Iterator<Item = u32>) -> Marks {
        let mut marks = Marks::default();
        for principal in principals {
            if let Some(word) = marks.0.get_mut(word_of(principal)) {
                *word |= 1 << (principal % u64::BITS);
            }
        }
        marks
    }

    /// Might the principal be one of them?
    #[inline]
    pub(super) fn has(&self, principal: u32) -> bool {
        self.0.get(word_of(principal)).is_some_and(|word| (word >> (principal % u64::BITS)) & 1 == 1)
    }

    /// The words in which both have a mark, one bit for each.
    #[inline]
    fn shared(&self, other: &Marks) -> u32 {
        let words = self.0.iter().zip(&other.0).enumerate();
        words.fold(0, |shared, (at, (one, other))| shared | (u32::from(one & other != 0) << at))
    }
}

impl Sieve {
    /// Of entries in their order, no more than 255.
    pub(super) fn of(entries: &[Entry]) -> Sieve {
        let start = |word: usize| entries.partition_point(|entry| word_of(entry.principal) < word) as u8;
        Sieve { marks: Marks::of(entries.iter().map(|entry| entry.principal)), starts: std::array::from_fn(start) }
    }

    /// Where the entries are that may be those of one of the marked, in ranges; there are `len` entries.
    #[inline]
    pub(super) fn ranges(&self, marks: &Marks, len: usize) -> impl Iterator<Item = Range<usize>> {
        let mut words = self.marks.shared(marks);
        let start = move |word: usize| self.starts.get(word).map_or(len, |start| usize::from(*start));
        std::iter::from_fn(move || {
            let word = (words != 0).then(|| words.trailing_zeros() as usize)?;
            words &= words - 1;
            Some(start(word)..start(word + 1))
        })
    }
}
