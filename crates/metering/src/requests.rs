//! Requests per minute, spread over it.
//!
//! Below 600 a minute any ten seconds hold a sixth of the limit, from there on any second a sixtieth. A share that is no whole
//! number is rounded up, so that a slow deployment need not wait for its first request; what the rounding adds, the minute's
//! own count takes back. Either way no 60 seconds hold more than the limit, and a client that comes steadily, up to a hundred
//! times a second, can use all of it.

use crate::sliding::Sliding;

/// Slices of the counts: the limit is used up to a hundredth.
pub(crate) const SLICES: u32 = 100;
/// The period of the limit, milliseconds.
pub(crate) const MINUTE_MS: u64 = 60_000;
/// From so many requests per minute on they are spread by the second.
const FAST: u64 = 600;
/// The slice of a slow limit, milliseconds.
const SLOW_SLICE_MS: u64 = 10_000;
/// The slice of a fast limit, milliseconds.
const FAST_SLICE_MS: u64 = 1_000;

#[derive(Debug)]
pub(crate) struct Requests {
    per_minute: u64,
    minute: Sliding,
    slice: Sliding,
    /// Until then the minute's count holds though the slices alone would do: the limit was changed within it.
    changed_until_ms: u64,
}

impl Requests {
    pub(crate) fn new(per_minute: u64) -> Requests {
        let slice = Sliding::new(slice_ms(per_minute), SLICES);
        Requests { per_minute, minute: Sliding::new(MINUTE_MS, SLICES), slice, changed_until_ms: 0 }
    }

    /// The new limit, with what was used under the old one. Where the slices change their length, the new one begins with
    /// what the last old one held.
    pub(crate) fn set_limit(&mut self, now_ms: u64, per_minute: u64) {
        self.advance(now_ms);
        (self.per_minute, self.changed_until_ms) = (per_minute, now_ms + MINUTE_MS);
        if self.slice.period_ms() != slice_ms(per_minute) {
            let held = self.slice.total();
            self.slice = Sliding::new(slice_ms(per_minute), SLICES);
            self.slice.advance(now_ms);
            self.slice.charge(now_ms, held);
        }
    }

    pub(crate) fn limit(&self) -> u64 {
        self.per_minute
    }

    pub(crate) fn advance(&mut self, now_ms: u64) {
        self.minute.advance(now_ms);
        self.slice.advance(now_ms);
    }

    pub(crate) fn charge(&mut self, now_ms: u64) {
        self.minute.charge(now_ms, 1);
        self.slice.charge(now_ms, 1);
    }

    /// Milliseconds until one more request is admitted, zero where it is now; `None` where it never is.
    pub(crate) fn wait_ms(&self, now_ms: u64) -> Option<u64> {
        let of_slice = self.slice.falls_to_ms(now_ms, self.share().checked_sub(1)?);
        let of_minute = self.minute.falls_to_ms(now_ms, self.per_minute.checked_sub(1)?);
        let of_minute = match self.is_rounded() {
            true => of_minute,
            false => of_minute.min(self.changed_until_ms.saturating_sub(now_ms)),
        };
        Some(of_slice.max(of_minute))
    }

    /// Requests left of the minute; none while the slice is full.
    pub(crate) fn remaining(&self, now_ms: u64) -> u64 {
        match self.wait_ms(now_ms) {
            // The minute's count lets go a little late; one is left, or the wait would not be over.
            Some(0) => self.per_minute.saturating_sub(self.minute.total()).max(1),
            _ => 0,
        }
    }

    /// Milliseconds until nothing is charged any more.
    pub(crate) fn reset_ms(&self, now_ms: u64) -> u64 {
        self.minute.falls_to_ms(now_ms, 0)
    }

    fn slices_per_minute(&self) -> u64 {
        MINUTE_MS / self.slice.period_ms()
    }

    /// Requests of one slice.
    fn share(&self) -> u64 {
        self.per_minute.div_ceil(self.slices_per_minute())
    }

    /// Whether the slices together would admit more than the minute.
    fn is_rounded(&self) -> bool {
        !self.per_minute.is_multiple_of(self.slices_per_minute())
    }
}

fn slice_ms(per_minute: u64) -> u64 {
    if per_minute < FAST { SLOW_SLICE_MS } else { FAST_SLICE_MS }
}

#[cfg(test)]
mod tests;
