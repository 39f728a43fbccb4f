//! What a request holds of its limits until it is known what it used.

use std::sync::OnceLock;
use std::time::Instant;

use metering::Reservation;

/// A reservation on its way to being settled. Dropped before that, the client went away: the prompt was paid.
#[derive(Debug)]
pub(crate) struct Spending {
    reservation: Option<Reservation>,
    prompt_tokens: u64,
    is_sent: bool,
}

impl Spending {
    pub(crate) fn new(reservation: Option<Reservation>, prompt_tokens: u64) -> Spending {
        Spending { reservation, prompt_tokens, is_sent: false }
    }

    /// The prompt's tokens, as estimated before it was sent.
    pub(crate) fn prompt_tokens(&self) -> u64 {
        self.prompt_tokens
    }

    /// From here on the provider may charge for the prompt.
    pub(crate) fn sent(&mut self) {
        self.is_sent = true;
    }

    /// Nothing was used: the provider refused, or was not reached.
    pub(crate) fn nothing(&mut self) {
        self.settle(0);
    }

    /// What was used in the end, prompt and answer together.
    pub(crate) fn settle(&mut self, tokens: u64) {
        let Some(reservation) = self.reservation.take() else { return };
        let settled = reservation.settle(now_ms(), tokens);
        if settled.overdraft_tokens > 0 {
            tracing::debug!(tokens = settled.overdraft_tokens, "an answer used more than was reserved for it");
        }
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        self.settle(if self.is_sent { self.prompt_tokens } else { 0 });
    }
}

/// The time that limits go by, milliseconds since 1970: the wall's at the first look, and from there on a clock that nobody sets.
pub(crate) fn now_ms() -> u64 {
    static START: OnceLock<(u64, Instant)> = OnceLock::new();
    let (wall_ms, start) =
        START.get_or_init(|| (u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0), Instant::now()));
    wall_ms.saturating_add(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}
