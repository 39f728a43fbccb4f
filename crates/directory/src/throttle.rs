//! The memory of failed sign-ins: guessing a secret gets slow, and remembering costs a bounded amount.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

/// Wrong secrets that one client may try from one address within a window. A person's typing errors stay below it.
const FAILURES_PER_WINDOW: u32 = 20;
/// Length of the window, seconds: twenty guesses a minute find no secret of 256 bits, nor any sensible password.
const WINDOW_S: i64 = 60;
/// Clients remembered at once; about 64 bytes each. Beyond it the oldest are forgotten first.
const REMEMBERED_CLIENTS: usize = 8192;

/// A client as it shows itself: the id it claims, and where it calls from. Without the address, anybody could lock
/// anybody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claimant {
    /// The claimed application id; nil when it is none.
    pub(crate) client: Uuid,
    /// The other end of the connection.
    pub(crate) address: IpAddr,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    since_s: i64,
    count: u32,
}

/// Counts failed sign-ins.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<Claimant, Failures>>,
}

impl Throttle {
    /// Seconds to wait, if this claimant has failed too often.
    pub(crate) fn wait_s(&self, claimant: Claimant, now: Timestamp) -> Option<i64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(&claimant)?;
        let left_s = known.since_s.saturating_add(WINDOW_S).saturating_sub(now.as_second());
        (known.count >= FAILURES_PER_WINDOW && left_s > 0).then_some(left_s)
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, claimant: Claimant, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_CLIENTS && !failures.contains_key(&claimant) {
            forget(&mut failures, now.as_second());
        }
        let known = failures.entry(claimant).or_insert(Failures { since_s: now.as_second(), count: 0 });
        if known.since_s.saturating_add(WINDOW_S) <= now.as_second() {
            *known = Failures { since_s: now.as_second(), count: 0 };
        }
        known.count = known.count.saturating_add(1);
    }

    /// Forgets the failures of a claimant who proved who it is.
    pub(crate) fn succeeded(&self, claimant: Claimant) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&claimant);
    }
}

/// Drops what is over; if that is not enough, the older half, so that making room is rare.
fn forget(failures: &mut HashMap<Claimant, Failures>, now_s: i64) {
    failures.retain(|_, known| known.since_s.saturating_add(WINDOW_S) > now_s);
    if failures.len() < REMEMBERED_CLIENTS {
        return;
    }
    let mut starts: Vec<i64> = failures.values().map(|known| known.since_s).collect();
    let middle = starts.len() / 2;
    let (_, median, _) = starts.select_nth_unstable(middle);
    let median = *median;
    failures.retain(|_, known| known.since_s > median);
}

#[cfg(test)]
mod tests;
