//! What an answer that is handed on says about itself: usage, why it ended, how much was written, an error.

use std::borrow::Cow;

use tape::Node;

use super::usage::Counts;
use crate::Usage;
use crate::openai::Seen;
use crate::openai::observe::{LONGEST_WORD, error_word, length, object};

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

/// An event, or a whole message, as far as it is read. Everything is optional: a provider's extension is no reason to fail.
struct Wire<'a> {
    kind: Option<Cow<'a, str>>,
    /// Of the message, then of the event.
    counts: [Option<Counts>; 2],
    text_bytes: u64,
    finish: Option<Cow<'a, str>>,
    error: Option<Node<'a>>,
}

impl<'a> Wire<'a> {
    /// `None` where what is read is of another type than it should be, so that nothing of it can be trusted.
    fn read(event: Node<'a>) -> Option<Wire<'a>> {
        let [message, delta, block, content, error] =
            event.pick(["message", "delta", "content_block", "content", "error"]);
        let (message, delta, block) = (object(message)?, object(delta)?, object(block)?);
        let blocks = content.map(Node::items).into_iter().flatten();
        let mut text_bytes = 0;
        for piece in blocks.chain(delta).chain(block) {
            text_bytes += written(piece)?;
        }
        let finish = [delta, message, Some(event)].map(|of| of.map_or(Some(None), |of| text(of, "stop_reason")));
        let [of_delta, of_message, own] = finish;
        let finish = of_delta?.or(of_message?).or(own?);
        let counts = [message.map_or(Some(None), counts)?, counts(event)?];
        let is_whole = event.is_object() && content.is_none_or(Node::is_list);
        is_whole.then_some(Wire { kind: text(event, "type")?, counts, text_bytes, finish, error })
    }
}

/// A member that is text or nothing; `None` where it is something else.
fn text<'a>(of: Node<'a>, name: &str) -> Option<Option<Cow<'a, str>>> {
    match of.given(name) {
        Some(value) => value.as_str().map(Some),
        None => Some(None),
    }
}

/// The counts beside a message or an event, or none; `None` where they are no counts.
fn counts(of: Node<'_>) -> Option<Option<Counts>> {
    match of.given("usage") {
        Some(usage) => serde_json::from_slice(usage.raw()).ok().map(Some),
        None => Some(None),
    }
}

/// Bytes that a block says, a delta of one, or the delta of the message; `None` where it is none of these.
fn written(piece: Node<'_>) -> Option<u64> {
    text(piece, "stop_reason").filter(|_| piece.is_object())?;
    let all = piece.pick(["text", "thinking", "partial_json", "input"]);
    Some(all.into_iter().flatten().map(length).sum())
}

impl Observed {
    /// Takes the data of one event.
    pub fn event(&mut self, data: &[u8]) -> Seen {
        let seen = tape::glance(data, |event| {
            let wire = Wire::read(event)?;
            self.take(&wire);
            Some(match wire.kind.as_deref() {
                Some("error") => Seen::Error,
                Some("message_stop") => Seen::Done,
                _ => Seen::Chunk,
            })
        });
        seen.flatten().unwrap_or(Seen::Chunk)
    }

    /// Takes a whole answer, or the body of an error.
    pub fn whole(&mut self, body: &[u8]) {
        tape::glance(body, |answer| {
            if let Some(wire) = Wire::read(answer) {
                self.take(&wire);
            }
        });
    }

    fn take(&mut self, wire: &Wire<'_>) {
        for counts in wire.counts.into_iter().flatten() {
            self.counts.get_or_insert_default().update(counts);
        }
        self.text_bytes += wire.text_bytes;
        if let Some(finish) = &wire.finish {
            self.finish = Some(finish.chars().take(LONGEST_WORD).collect());
        }
        self.error = wire.error.map(error_word).or(self.error.take());
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
