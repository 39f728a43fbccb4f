//! What an answer that is handed on says about itself: usage, why it ended, how much was written, an error.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Counts;
use crate::Usage;
use crate::openai::Seen;
use crate::openai::observe::{LONGEST_WORD, error_word, is_something, length};

/// What was seen of an answer so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    counts: Option<Counts>,
    /// Why it ended, in the provider's word.
    pub finish: Option<String>,
    /// Bytes of text, thinking and arguments written so far.
    pub text_bytes: u64,
    /// The error inside an answer whose status was good: its type, never its text.
    pub error: Option<String>,
}

/// An event, or a whole message. Everything is optional: a provider's extension is no reason to fail.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    delta: Option<Piece<'a>>,
    #[serde(borrow, default)]
    content_block: Option<Piece<'a>>,
    #[serde(borrow, default)]
    content: Option<Vec<Piece<'a>>>,
    #[serde(borrow, default)]
    stop_reason: Option<Cow<'a, str>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(borrow, default)]
    stop_reason: Option<Cow<'a, str>>,
}

/// A block, a delta of one, or the delta of the message.
#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow, default)]
    partial_json: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stop_reason: Option<Cow<'a, str>>,
}

impl Piece<'_> {
    fn bytes(&self) -> u64 {
        let all = [self.text, self.thinking, self.partial_json, self.input];
        all.into_iter().flatten().filter(|raw| is_something(raw)).map(|raw| length(raw.get())).sum()
    }
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        let Ok(wire) = serde_json::from_slice::<Wire<'_>>(data) else { return Seen::Chunk };
        self.take(&wire);
        match wire.kind.as_deref() {
            Some("error") => Seen::Error,
            Some("message_stop") => Seen::Done,
            _ => Seen::Chunk,
        }
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        if let Ok(wire) = serde_json::from_slice::<Wire<'_>>(body) {
            self.take(&wire);
        }
    }

    fn take(&mut self, wire: &Wire<'_>) {
        let usages = [wire.message.as_ref().and_then(|message| message.usage), wire.usage];
        for counts in usages.into_iter().flatten() {
            self.counts.get_or_insert_default().update(counts);
        }
        let pieces = wire.content.iter().flatten().chain(&wire.delta).chain(&wire.content_block);
        self.text_bytes += pieces.map(Piece::bytes).sum::<u64>();
        let of_message = wire.message.as_ref().and_then(|message| message.stop_reason.as_ref());
        let of_delta = wire.delta.as_ref().and_then(|delta| delta.stop_reason.as_ref());
        if let Some(finish) = of_delta.or(of_message).or(wire.stop_reason.as_ref()) {
            self.finish = Some(finish.chars().take(LONGEST_WORD).collect());
        }
        if let Some(error) = wire.error.filter(|error| is_something(error)) {
            self.error = Some(error_word(error));
        }
    }

    /// The provider's own count; of a stream that broke off, what its start said.
    pub fn usage(&self) -> Option<Usage> {
        self.counts.and_then(Counts::tokens).map(Usage::from)
    }

    /// The provider's count, else our estimate for a prompt of `prompt_tokens`; and whether it is an estimate. A stream that
    /// broke off has its prompt counted and its answer estimated.
    pub fn settled(&self, prompt_tokens: u64) -> (Usage, bool) {
        match self.usage() {
            Some(usage) if self.finish.is_none() => {
                let (written, is_estimated) = Usage::settled(None, usage.prompt_tokens, self.text_bytes);
                let completion_tokens = written.completion_tokens.max(usage.completion_tokens);
                (Usage { completion_tokens, ..usage }, is_estimated)
            }
            usage => Usage::settled(usage, prompt_tokens, self.text_bytes),
        }
    }
}

#[cfg(test)]
mod tests;
