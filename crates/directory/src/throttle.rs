//! The memory of failed sign-ins: guessing a secret gets slow, and remembering costs a bounded amount.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

/// Wrong secrets that one client may try from one address within a window. A person's typing errors stay below it.
const FAILURES_PER_WINDOW: u32 = 20;
/// Wrong passwords for one sign-in name from one address within a window.
const FAILURES_PER_NAME: u32 = 10;
/// Wrong passwords from one address within a window, whatever the names: an office behind one address types wrong too.
const FAILURES_PER_ADDRESS: u32 = 100;
/// Length of the window, seconds: twenty guesses a minute find no secret of 256 bits, nor any sensible password.
const WINDOW_S: i64 = 60;
/// Clients remembered at once; about 64 bytes each. Beyond it the oldest are forgotten first.
const REMEMBERED_CLIENTS: usize = 8192;

/// As who somebody shows themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// An application, by the id that it claims; nil when it is none.
    Client(Uuid),
    /// A person, by the key of the name that they claim.
    Name(u64),
    /// Anybody who types a password.
    Anyone,
    /// Anybody who types the code of a device.
    UserCode,
}

/// Somebody as they show themselves, and where they call from. Without the address, anybody could lock anybody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claimant {
    who: Who,
    /// The other end of the connection; of IPv6 the network, since a machine has a whole one.
    address: IpAddr,
}

impl Claimant {
    /// `who`, calling from `address`.
    pub(crate) fn new(who: Who, address: IpAddr) -> Claimant {
        let network = |address: Ipv6Addr| match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        };
        let address = match address {
            IpAddr::V6(address) if !address.is_loopback() => network(address),
            other => other,
        };
        Claimant { who, address }
    }

    fn limit(&self) -> u32 {
        match self.who {
            Who::Client(_) | Who::UserCode => FAILURES_PER_WINDOW,
            Who::Name(_) => FAILURES_PER_NAME,
            Who::Anyone => FAILURES_PER_ADDRESS,
        }
    }
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
    names: RandomState,
}

impl Throttle {
    /// The key of a name: of one size whatever the name, and not to be foreseen. Two names of one key would share a count.
    pub(crate) fn key(&self, name: &str) -> u64 {
        self.names.hash_one(name)
    }

    /// Seconds to wait, if this claimant has failed too often.
    pub(crate) fn wait_s(&self, claimant: Claimant, now: Timestamp) -> Option<i64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(&claimant)?;
        let left_s = known.since_s.saturating_add(WINDOW_S).saturating_sub(now.as_second());
        (known.count >= claimant.limit() && left_s > 0).then_some(left_s)
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

    /// Takes one failure back: it was noted before it was known not to be one.
    pub(crate) fn not_failed(&self, claimant: Claimant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = failures.get_mut(&claimant) {
            known.count = known.count.saturating_sub(1);
        }
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
