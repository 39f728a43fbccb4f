//! How many tokens a text has.

use tiktoken_rs::tokenizer::{Tokenizer as Known, get_tokenizer};
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

/// Longest text that is given to the tokenizer at once: its regular expression gives up on very long runs of blanks, and a
/// long word costs more than its length.
const PIECE_BYTES: usize = 4096;
/// Bytes of a token on the average of English text and code.
const ASCII_BYTES_PER_TOKEN: u64 = 4;

/// A published tokenizer of OpenAI's models. Read from the program at its first use (a tenth of a second, some 25 to 35 MB)
/// and kept for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokenizer {
    /// Of gpt-4o, gpt-4.1, gpt-5, the reasoning models and gpt-oss.
    O200k,
    /// Of gpt-4, gpt-3.5 and the text embeddings.
    Cl100k,
}

impl Tokenizer {
    /// The tokenizer of a model, by its name with or without version, compared without case; `None` where none is published.
    pub fn of_model(name: &str) -> Option<Tokenizer> {
        match get_tokenizer(&name.to_ascii_lowercase())? {
            Known::O200kBase | Known::O200kHarmony => Some(Tokenizer::O200k),
            Known::Cl100kBase => Some(Tokenizer::Cl100k),
            Known::P50kBase | Known::R50kBase | Known::P50kEdit | Known::Gpt2 => None,
        }
    }

    /// Tokens of a text; what looks like a control token is text. Exact for a text that has a word every four thousand bytes;
    /// in a longer run the count may be off by a token at each cut.
    pub fn count(self, text: &str) -> u64 {
        let (bpe, mut left, mut count) = (self.bpe(), text, 0_u64);
        while !left.is_empty() {
            let (piece, rest) = left.split_at_checked(cut(left)).unwrap_or((left, ""));
            count += bpe.count_ordinary(piece) as u64;
            left = rest;
        }
        count
    }

    fn bpe(self) -> &'static CoreBPE {
        match self {
            Tokenizer::O200k => o200k_base_singleton(),
            Tokenizer::Cl100k => cl100k_base_singleton(),
        }
    }
}

/// Where to cut a text: nowhere if it is short, otherwise at the last blank that follows a word, where the tokenizer itself
/// always begins anew; in a run without one, at the end of a character.
fn cut(text: &str) -> usize {
    if text.len() <= PIECE_BYTES {
        return text.len();
    }
    let end = text.floor_char_boundary(PIECE_BYTES);
    let head = text.get(..end).unwrap_or(text);
    let follows_word = |at: &usize| {
        head.get(..*at).and_then(|before| before.chars().next_back()).is_some_and(|last| !last.is_whitespace())
    };
    head.rmatch_indices(' ').map(|(at, _)| at).find(follows_word).unwrap_or(end)
}

/// More tokens than a text of so many bytes can have, whatever its tokenizer: each token stands for a byte at least. There is
/// no smaller bound: rare characters do take a token for each byte.
pub fn upper_bound(text_bytes: u64) -> u64 {
    text_bytes
}

/// About how many tokens a text has, where its tokenizer is not known: a quarter of its ASCII bytes, and one for each other
/// character. May be below the count.
pub fn estimate(text: &str) -> u64 {
    if text.is_ascii() {
        return (text.len() as u64).div_ceil(ASCII_BYTES_PER_TOKEN);
    }
    let ascii = text.bytes().filter(u8::is_ascii).count() as u64;
    let others = text.chars().filter(|character| !character.is_ascii()).count() as u64;
    ascii.div_ceil(ASCII_BYTES_PER_TOKEN) + others
}

#[cfg(test)]
mod tests;
