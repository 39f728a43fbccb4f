//! Whether an upstream is asked at all: one that failed several times in a row rests, then is tried by one request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which an upstream rests: one is an accident, five are a pattern.
const FAILURES_TO_OPEN: u32 = 5;
/// The first rest; it doubles with each trial that fails.
const FIRST_REST: Duration = Duration::from_secs(2);
/// The longest rest: an upstream that is back is found within a minute.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// How much of a reason is kept.
const REASON_CHARS: usize = 200;

/// What became of a request, as far as the upstream is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// It answered, whatever it said to the caller.
    Good,
    /// It could not be reached, or answered that it is broken.
    Bad(String),
    /// It has enough to do, for so long.
    Busy(Duration),
}

/// An upstream rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resting {
    /// Why, for the journal and the operator.
    pub(crate) reason: String,
    /// Until it is tried again.
    pub(crate) remaining: Duration,
}

/// The memory of an upstream.
#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    rests: u32,
    until: Option<Instant>,
    reason: String,
    /// One request has been let through to try.
    is_trying: bool,
}

/// The right to ask. Dropped without a word, it says nothing about the upstream: its client went away.
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    is_trial: bool,
}

impl Breaker {
    /// Whether the upstream may be asked now. After a rest one request at a time tries.
    pub(crate) fn admit(&self, now: Instant) -> Result<Pass<'_>, Resting> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = state.until else { return Ok(Pass { breaker: self, is_trial: false }) };
        let remaining = until.saturating_duration_since(now);
        if !remaining.is_zero() || state.is_trying {
            return Err(Resting { reason: state.reason.clone(), remaining });
        }
        state.is_trying = true;
        Ok(Pass { breaker: self, is_trial: true })
    }
}

impl Pass<'_> {
    /// Tells how it went.
    pub(crate) fn report(self, health: &Health, now: Instant) {
        let mut state = self.breaker.0.lock().unwrap_or_else(PoisonError::into_inner);
        match health {
            Health::Good => *state = State { is_trying: state.is_trying && !self.is_trial, ..State::default() },
            Health::Busy(rest) => state.rest("it asked to be left alone (429)", (*rest).min(LONGEST_REST), now),
            Health::Bad(reason) => {
                state.failures += 1;
                // Of those that were under way when it opened, none says anything new.
                let rests_already = state.until.is_some() && !self.is_trial;
                if !rests_already && (self.is_trial || state.failures >= FAILURES_TO_OPEN) {
                    let rest = FIRST_REST.saturating_mul(1 << state.rests.min(10)).min(LONGEST_REST);
                    state.rests += 1;
                    state.rest(reason, rest, now);
                }
            }
        }
    }
}

impl State {
    fn rest(&mut self, reason: &str, rest: Duration, now: Instant) {
        self.reason = reason.chars().take(REASON_CHARS).collect();
        self.until = Some(now + rest);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_trial {
            self.breaker.0.lock().unwrap_or_else(PoisonError::into_inner).is_trying = false;
        }
    }
}

#[cfg(test)]
mod tests;
