//! One request and what came back, with the time of each token.

use std::time::Instant;

use anyhow::{Context, Result};
use memchr::memmem;

use crate::mock::WORD;
use crate::wire::{Duplex, Wire};

/// A connection of the load. Its room is used again for each answer.
pub(crate) struct Connection {
    wire: Wire,
    body: Vec<u8>,
    tokens: Vec<Instant>,
}

/// What came back.
pub(crate) struct Answer<'a> {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: &'a [u8],
    /// When each token of the mock's stream came.
    pub(crate) tokens: &'a [Instant],
}

impl Connection {
    pub(crate) fn new(stream: Box<dyn Duplex>) -> Connection {
        Connection { wire: Wire::new(stream), body: Vec::new(), tokens: Vec::new() }
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.body.clear();
        self.tokens.clear();
        self.wire.write(request).await?;
        let head = self.wire.head().await?.context("the connection was closed before an answer")?;
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        let status = status.and_then(|digits| digits.parse().ok()).context("no status")?;
        let mut searched = 0;
        while let Some(piece) = self.wire.piece().await? {
            self.body.extend_from_slice(piece);
            // A piece may hold several tokens, or a part of one.
            while let Some(at) = memmem::find(&self.body[searched..], WORD.as_bytes()) {
                self.tokens.push(Instant::now());
                searched += at + WORD.len();
            }
        }
        Ok(Answer { status, body: &self.body, tokens: &self.tokens })
    }
}

impl Answer<'_> {
    /// The body as text, for messages.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.body)
    }
}
