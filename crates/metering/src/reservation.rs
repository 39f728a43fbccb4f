//! What a request holds of its limits until it is known what it used.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::meter::{Charged, Cost, Meter};
use crate::{Exceeded, Subject};

/// A meter and whom it counts.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The meter.
    pub meter: &'a Arc<Meter>,
    /// The caller, its group, its project …
    pub subject: &'a Subject,
}

#[derive(Debug)]
struct Hold {
    meter: Arc<Meter>,
    subject: Subject,
    charged: Charged,
}

/// Tokens and one request, charged at one or several meters. Whoever has it settles it once:
///
/// ```compile_fail,E0382
/// fn twice(reservation: metering::Reservation) {
///     reservation.settle(0, 1);
///     reservation.settle(0, 1);
/// }
/// ```
///
/// One that is dropped stays charged in full until its window ends: who does not say what was used has used it all.
#[derive(Debug)]
#[must_use = "a reservation that is not settled stays charged in full"]
pub struct Reservation {
    id: u64,
    tokens: u64,
    holds: Vec<Hold>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Reserved and not used. Given back to those meters whose window is still the one it was reserved in.
    pub unused_tokens: u64,
    /// Used beyond the reservation, by a provider that did not keep to the cap. Charged all the same.
    pub overdraft_tokens: u64,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Reservation {
    /// Its number in this process.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The tokens that are charged for it.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Puts the tokens that were used in place of the reserved ones, at every meter.
    pub fn settle(self, now_ms: u64, actual_tokens: u64) -> Settled {
        for hold in &self.holds {
            hold.meter.at(now_ms).settle(&hold.subject, hold.charged, actual_tokens);
        }
        Settled {
            unused_tokens: self.tokens.saturating_sub(actual_tokens),
            overdraft_tokens: actual_tokens.saturating_sub(self.tokens),
        }
    }

    /// Gives all tokens back: nothing was sent. The request stays counted, or failing would be free.
    pub fn release(self, now_ms: u64) -> Settled {
        self.settle(now_ms, 0)
    }
}

/// Reserves at all meters or at none; a meter that two claims name in the same way is charged once. Refused is what refuses
/// longest.
pub fn reserve_all(claims: &[Claim<'_>], now_ms: u64, cost: Cost) -> Result<Reservation, Exceeded> {
    let mut holds = Vec::new();
    match admit(claims, 0, now_ms, cost, None, &mut holds) {
        Some(refusal) => Err(refusal),
        None => Ok(Reservation { id: NEXT_ID.fetch_add(1, Ordering::Relaxed), tokens: cost.tokens(), holds }),
    }
}

/// Locks the meters in the order of their numbers, one within the other, asks each, and charges on the way back if none refused.
fn admit(
    claims: &[Claim<'_>],
    locked: u64,
    now_ms: u64,
    cost: Cost,
    mut refused: Option<Exceeded>,
    holds: &mut Vec<Hold>,
) -> Option<Exceeded> {
    let behind = claims.iter().map(|claim| claim.meter).filter(|meter| meter.id() > locked);
    let Some(meter) = behind.min_by_key(|meter| meter.id()) else { return refused };
    let mut state = meter.at(now_ms);
    let subjects = || claims.iter().filter(|claim| claim.meter.id() == meter.id()).map(|claim| claim.subject);
    let is_first = |state: &crate::meter::State, index: usize, subject: &Subject| {
        !subjects().take(index).any(|earlier| state.counts_as_one(earlier, subject))
    };
    for (index, subject) in subjects().enumerate() {
        if is_first(&state, index, subject)
            && let Some(refusal) = state.refusal(meter.shared_name(), subject, cost)
        {
            refused = Some(refused.map_or_else(|| refusal.clone(), |other| other.longer(refusal.clone())));
        }
    }
    refused = admit(claims, meter.id(), now_ms, cost, refused, holds);
    if refused.is_none() {
        for (index, subject) in subjects().enumerate() {
            if is_first(&state, index, subject) {
                let charged = state.charge(subject, cost);
                holds.push(Hold { meter: Arc::clone(meter), subject: subject.clone(), charged });
            }
        }
    }
    refused
}
