//! Why a request was not admitted, and when it would be.

use std::fmt;
use std::sync::Arc;

use crate::Window;

/// What of a limit was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Its tokens.
    Tokens,
    /// Its requests.
    Requests,
    /// The caller's share of the tokens, which others ask for as well.
    Share,
}

/// A refusal. Of several limits that refuse, the one that refuses longest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Text(self))]
pub struct Exceeded {
    /// The limit's name.
    pub name: Arc<str>,
    /// What of it was used up.
    pub which: Which,
    /// What it admits in a window: tokens or requests; of a share, the tokens of the share.
    pub limit: u64,
    /// Its window.
    pub per: Window,
    /// After so many milliseconds the same request is admitted, if nobody else comes. `None` where it never is: it costs more
    /// than a whole window has.
    pub retry_after_ms: Option<u64>,
}

impl Exceeded {
    /// Whether the request can never be admitted.
    pub fn is_never(&self) -> bool {
        self.retry_after_ms.is_none()
    }

    /// Whole seconds to wait, rounded up and at least one, as the `Retry-After` header has them; `None` for never.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|wait_ms| wait_ms.div_ceil(1000).max(1))
    }

    /// The one of two refusals that lasts longer.
    pub(crate) fn longer(self, other: Exceeded) -> Exceeded {
        let wait = |refusal: &Exceeded| refusal.retry_after_ms.unwrap_or(u64::MAX);
        if wait(&other) > wait(&self) { other } else { self }
    }
}

struct Text<'a>(&'a Exceeded);

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exceeded { name, which, limit, per, .. } = self.0;
        match which {
            Which::Tokens => write!(out, "`{name}` admits {limit} tokens per {per}")?,
            Which::Requests => write!(out, "`{name}` admits {limit} requests per {per}")?,
            Which::Share => {
                write!(out, "`{name}` is used by several callers, and a share of it is {limit} tokens per {per}")?;
            }
        }
        match self.0.retry_after_s() {
            Some(seconds) => write!(out, "; try again in {seconds} s"),
            None => {
                write!(out, "; one request of this size is more: send less, lower its `max_tokens` or raise the limit")
            }
        }
    }
}
