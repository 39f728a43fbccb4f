//! A limit with its count: of a deployment (tokens and requests of any minute), or of callers (a calendar's window).
//!
//! A request reserves the most it can cost before it is sent and settles with what it did cost. A minute slides (see
//! `sliding`): no 60 seconds hold more tokens, reserved or settled, than the limit, wherever they begin. What was reserved and
//! not used comes back while the charge is in its window; later nobody gets it. What was used beyond the reservation is
//! charged at the moment it is known, so that less is admitted next.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exceeded::{Exceeded, Which};
use crate::fair_share::{Above, FairShare};
use crate::requests::{MINUTE_MS, Requests, SLICES};
use crate::reservation::{Reservation, reserve_all};
use crate::sliding::Sliding;
use crate::window_limit::{Ledger, Unit, Used};
use crate::{Claim, Limit, Rate, Subject, Window};

/// The most that a request can cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Tokens of the prompt, counted or never less than the count.
    pub prompt_tokens: u64,
    /// Tokens that the answer may have: `max_tokens`, or what the model can write.
    pub output_tokens_cap: u64,
}

impl Cost {
    /// Both together.
    pub fn tokens(self) -> u64 {
        self.prompt_tokens.saturating_add(self.output_tokens_cap)
    }
}

/// One number of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// What a window has.
    pub limit: u64,
    /// What could be had now.
    pub remaining: u64,
    /// Whole seconds, rounded up, until all of it could be had if nobody came.
    pub reset_s: u64,
}

/// How a limit stands, for the `x-ratelimit-*` headers; `None` for what it does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its tokens.
    pub tokens: Option<Gauge>,
    /// Its requests.
    pub requests: Option<Gauge>,
}

/// A limit and what is used of it. Time is given in milliseconds since 1970 and is not to go back; where it does, the meter
/// stands still until it is made up.
pub struct Meter {
    id: u64,
    name: Arc<str>,
    state: Mutex<State>,
}

/// Meters are locked in the order of their numbers, so that no two requests wait for each other.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Meter {
    /// The meter of a deployment, shared fairly among its callers. The name is for refusals.
    pub fn of_rate(name: impl Into<Arc<str>>, rate: Rate) -> Arc<Meter> {
        let requests = Requests::new(rate.requests_per_minute);
        let tokens = Sliding::new(MINUTE_MS, SLICES);
        let kind = RateCount { tokens_limit: rate.tokens_per_minute, tokens, requests, shares: FairShare::default() };
        Meter::new(name.into(), Count::Rate(Box::new(kind)))
    }

    /// The meter of a limit in calendar windows. The name is for refusals.
    pub fn of_limit(name: impl Into<Arc<str>>, limit: Limit) -> Arc<Meter> {
        Meter::new(name.into(), Count::Ledger(Ledger::new(limit)))
    }

    fn new(name: Arc<str>, count: Count) -> Arc<Meter> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Arc::new(Meter { id, name, state: Mutex::new(State { clock_ms: 0, count }) })
    }

    /// The name that refusals have.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Reserves at this meter alone.
    pub fn reserve(self: &Arc<Self>, now_ms: u64, subject: &Subject, cost: Cost) -> Result<Reservation, Exceeded> {
        reserve_all(&[Claim { meter: self, subject }], now_ms, cost)
    }

    /// How the limit stands for this caller.
    pub fn standing(&self, now_ms: u64, subject: &Subject) -> Standing {
        let state = self.at(now_ms);
        match &state.count {
            Count::Rate(rate) => rate.standing(state.clock_ms),
            Count::Ledger(ledger) => {
                let (limit, used) = (ledger.limit(), ledger.used(subject));
                let reset_ms = if used == 0 { 0 } else { ledger.reset_ms(state.clock_ms) };
                let gauge = Some(Gauge::of(limit.amount, limit.amount.saturating_sub(used), reset_ms));
                match limit.unit {
                    Unit::Tokens => Standing { tokens: gauge, requests: None },
                    Unit::Requests => Standing { tokens: None, requests: gauge },
                }
            }
        }
    }

    /// A new rate from now on; what was used stays used. Nothing happens to a meter of another kind.
    pub fn set_rate(&self, now_ms: u64, rate: Rate) {
        let mut state = self.at(now_ms);
        let now_ms = state.clock_ms;
        if let Count::Rate(count) = &mut state.count {
            count.tokens_limit = rate.tokens_per_minute;
            count.requests.set_limit(now_ms, rate.requests_per_minute);
        }
    }

    /// A new limit from now on. What was used stays used where the same is counted in the same window; otherwise the count
    /// begins anew. Nothing happens to a meter of another kind.
    pub fn set_limit(&self, now_ms: u64, limit: Limit) {
        let mut state = self.at(now_ms);
        if let Count::Ledger(ledger) = &mut state.count {
            ledger.set_limit(limit);
        }
    }

    /// What is used in the present window, to be written down; `None` of a deployment's meter, which a minute empties.
    pub fn used(&self, now_ms: u64) -> Option<Used> {
        match &self.at(now_ms).count {
            Count::Rate(_) => None,
            Count::Ledger(ledger) => Some(ledger.state()),
        }
    }

    /// Counts again what was counted before a restart, in rising order of time: a settled request and its tokens.
    pub fn replay(&self, at_ms: u64, subject: &Subject, tokens: u64) {
        let mut state = self.at(at_ms);
        let now_ms = state.clock_ms;
        match &mut state.count {
            Count::Rate(rate) => rate.charge(now_ms, subject, tokens),
            // What was used before the present window is past, in whatever order it is told.
            Count::Ledger(ledger) if ledger.holds(at_ms) => {
                ledger.charge(subject, ledger.amount(tokens));
            }
            Count::Ledger(_) => {}
        }
    }

    /// The state as of a moment, and nobody else's until it is dropped.
    pub(crate) fn at(&self, now_ms: u64) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; and if so, a count is still a count.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(now_ms);
        state
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Meter").field(&self.name).finish()
    }
}

impl Gauge {
    fn of(limit: u64, remaining: u64, reset_ms: u64) -> Gauge {
        Gauge { limit, remaining, reset_s: reset_ms.div_ceil(1000) }
    }
}

/// What a meter counts, at a moment.
#[derive(Debug)]
pub(crate) struct State {
    clock_ms: u64,
    count: Count,
}

#[derive(Debug)]
enum Count {
    Rate(Box<RateCount>),
    Ledger(Ledger),
}

/// What was charged, to find it again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charged {
    /// When; of a calendar's window, its begin.
    at_ms: u64,
    /// Tokens; none where requests are counted.
    tokens: u64,
}

impl State {
    fn advance(&mut self, now_ms: u64) {
        self.clock_ms = self.clock_ms.max(now_ms);
        match &mut self.count {
            Count::Rate(rate) => {
                rate.tokens.advance(self.clock_ms);
                rate.requests.advance(self.clock_ms);
            }
            Count::Ledger(ledger) => ledger.advance(self.clock_ms),
        }
    }

    /// Whether both are counted together here, so that a request is charged once for them.
    pub(crate) fn counts_as_one(&self, one: &Subject, other: &Subject) -> bool {
        match &self.count {
            Count::Rate(_) => true,
            Count::Ledger(ledger) => ledger.account(one) == ledger.account(other),
        }
    }

    /// Why this is not admitted now; `None` where it is.
    pub(crate) fn refusal(&mut self, name: &Arc<str>, subject: &Subject, cost: Cost) -> Option<Exceeded> {
        let (which, limit, per, retry_after_ms) = match &mut self.count {
            Count::Rate(rate) => {
                let (which, limit, wait_ms) = rate.refusal(self.clock_ms, subject, cost.tokens())?;
                (which, limit, Window::Minute, wait_ms)
            }
            Count::Ledger(ledger) => {
                let wait_ms = ledger.wait_ms(self.clock_ms, subject, ledger.amount(cost.tokens()));
                if wait_ms == Some(0) {
                    return None;
                }
                let limit = ledger.limit();
                let which = match limit.unit {
                    Unit::Tokens => Which::Tokens,
                    Unit::Requests => Which::Requests,
                };
                (which, limit.amount, limit.window, wait_ms)
            }
        };
        Some(Exceeded { name: Arc::clone(name), which, limit, per, retry_after_ms })
    }

    /// Charges what was not refused.
    pub(crate) fn charge(&mut self, subject: &Subject, cost: Cost) -> Charged {
        let tokens = cost.tokens();
        match &mut self.count {
            Count::Rate(rate) => {
                rate.charge(self.clock_ms, subject, tokens);
                Charged { at_ms: self.clock_ms, tokens }
            }
            Count::Ledger(ledger) => {
                let at_ms = ledger.charge(subject, ledger.amount(tokens));
                Charged { at_ms, tokens: if ledger.limit().unit == Unit::Tokens { tokens } else { 0 } }
            }
        }
    }

    /// Puts what was used in place of what was charged.
    pub(crate) fn settle(&mut self, subject: &Subject, charged: Charged, actual_tokens: u64) {
        let unused = charged.tokens.saturating_sub(actual_tokens);
        let more = actual_tokens.saturating_sub(charged.tokens);
        match &mut self.count {
            Count::Rate(rate) => {
                rate.tokens.refund(charged.at_ms, unused);
                rate.shares.refund(self.clock_ms, charged.at_ms, subject, unused);
                if more > 0 {
                    rate.tokens.charge(self.clock_ms, more);
                    rate.shares.charge(self.clock_ms, subject, more);
                }
            }
            Count::Ledger(ledger) if ledger.limit().unit == Unit::Tokens => {
                ledger.refund(charged.at_ms, subject, unused);
                ledger.charge(subject, more);
            }
            Count::Ledger(_) => {}
        }
    }
}

/// A deployment's minute.
#[derive(Debug)]
struct RateCount {
    tokens_limit: u64,
    tokens: Sliding,
    requests: Requests,
    shares: FairShare,
}

impl RateCount {
    /// What refuses, its limit, and for how long; of several, what refuses longest.
    fn refusal(&mut self, now_ms: u64, subject: &Subject, tokens: u64) -> Option<(Which, u64, Option<u64>)> {
        let limit = self.tokens_limit;
        let Some(room) = limit.checked_sub(tokens) else { return Some((Which::Tokens, limit, None)) };
        let Some(requests_ms) = self.requests.wait_ms(now_ms) else {
            return Some((Which::Requests, self.requests.limit(), None));
        };
        let tokens_ms = self.tokens.falls_to_ms(now_ms, room);
        if self.shares.allows(now_ms, subject, tokens, limit) && tokens_ms == 0 && requests_ms == 0 {
            return None;
        }
        let share = self.shares.refuse(now_ms, subject, tokens, limit);
        let share = share.map(|Above { share, wait_ms }| (Which::Share, share, wait_ms));
        let all = [(Which::Tokens, limit, tokens_ms), (Which::Requests, self.requests.limit(), requests_ms)];
        let longest = all.into_iter().chain(share).max_by_key(|(_, _, wait_ms)| *wait_ms);
        longest.filter(|(_, _, wait_ms)| *wait_ms > 0).map(|(which, limit, wait_ms)| (which, limit, Some(wait_ms)))
    }

    fn charge(&mut self, now_ms: u64, subject: &Subject, tokens: u64) {
        self.tokens.charge(now_ms, tokens);
        self.requests.charge(now_ms);
        self.shares.charge(now_ms, subject, tokens);
    }

    fn standing(&self, now_ms: u64) -> Standing {
        let left = self.tokens_limit.saturating_sub(self.tokens.total());
        let (requests, remaining) = (self.requests.limit(), self.requests.remaining(now_ms));
        Standing {
            tokens: Some(Gauge::of(self.tokens_limit, left, self.tokens.falls_to_ms(now_ms, 0))),
            requests: Some(Gauge::of(requests, remaining, self.requests.reset_ms(now_ms))),
        }
    }
}
