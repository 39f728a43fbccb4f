//! What was charged in the last minute, or in any other period that slides with the clock.
//!
//! The period is cut into slices, each with the moment of its last charge: a slice leaves a whole period after that moment,
//! never before. So no stretch of a period's length holds more than was checked, wherever it begins; what comes slowly leaves
//! to the millisecond, and what comes densely leaves at most a slice late, which costs that part of the limit.

#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    amount: u64,
    last_ms: u64,
}

/// Charges of a sliding period. Time is given in milliseconds and must not go back.
#[derive(Debug)]
pub(crate) struct Sliding {
    slice_ms: u64,
    total: u64,
    /// Number of the first slice that may hold something; slices are numbered from the epoch.
    oldest: u64,
    /// Number of the last slice that was charged.
    newest: u64,
    slices: Box<[Slice]>,
}

impl Sliding {
    /// Nothing charged. The period is a multiple of `slices` milliseconds.
    pub(crate) fn new(period_ms: u64, slices: u32) -> Sliding {
        let slice_ms = (period_ms / u64::from(slices)).max(1);
        // One more can be alive: the one that the period began in.
        let slices = vec![Slice::default(); slices as usize + 1].into_boxed_slice();
        Sliding { slice_ms, total: 0, oldest: 0, newest: 0, slices }
    }

    /// How long a charge stays.
    pub(crate) fn period_ms(&self) -> u64 {
        self.slice_ms * (self.slices.len() as u64 - 1)
    }

    /// What is charged, as of the last [`Self::advance`].
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Lets go of what is a period old.
    pub(crate) fn advance(&mut self, now_ms: u64) {
        let current = now_ms / self.slice_ms;
        if current.saturating_sub(self.newest) > self.slices.len() as u64 {
            // Nothing was charged for longer than a period.
            if self.oldest <= self.newest {
                self.slices.fill(Slice::default());
            }
            (self.total, self.oldest) = (0, current);
            return;
        }
        let period_ms = self.period_ms();
        while self.oldest < current {
            let Some(slice) = slot(&mut self.slices, self.oldest) else { return };
            if slice.amount > 0 && slice.last_ms + period_ms > now_ms {
                return;
            }
            self.total -= slice.amount;
            *slice = Slice::default();
            self.oldest += 1;
        }
    }

    /// Charges at a moment that was advanced to.
    pub(crate) fn charge(&mut self, now_ms: u64, amount: u64) {
        let number = now_ms / self.slice_ms;
        if amount > 0
            && let Some(slice) = slot(&mut self.slices, number)
        {
            // Amounts beyond 64 bits are kept out by the limit they were checked against; an overdraft is not.
            let amount = amount.min(u64::MAX - self.total);
            slice.amount += amount;
            slice.last_ms = now_ms;
            self.total += amount;
            self.newest = number;
        }
    }

    /// Gives back what was charged at that moment, if it is still in the period; otherwise nobody gets it.
    pub(crate) fn refund(&mut self, charged_ms: u64, amount: u64) {
        let number = charged_ms / self.slice_ms;
        if number < self.oldest {
            return;
        }
        if let Some(slice) = slot(&mut self.slices, number) {
            let amount = amount.min(slice.amount);
            slice.amount -= amount;
            self.total -= amount;
        }
    }

    /// Milliseconds until at most `amount` is left, if nothing is added.
    pub(crate) fn falls_to_ms(&self, now_ms: u64, amount: u64) -> u64 {
        if self.total <= amount {
            return 0;
        }
        let at =
            |number: u64| self.slices.get((number % self.slices.len() as u64) as usize).copied().unwrap_or_default();
        let mut charged = (self.oldest..=self.newest).map(at).filter(|slice| slice.amount > 0);
        if amount == 0 {
            // When the last goes, found from its end.
            return charged.next_back().map_or(0, |slice| (slice.last_ms + self.period_ms()).saturating_sub(now_ms));
        }
        let (mut left, mut at_ms) = (self.total, now_ms);
        for slice in charged {
            if left <= amount {
                break;
            }
            left -= slice.amount;
            at_ms = slice.last_ms + self.period_ms();
        }
        at_ms.saturating_sub(now_ms)
    }
}

fn slot(slices: &mut [Slice], number: u64) -> Option<&mut Slice> {
    let place = number % slices.len().max(1) as u64;
    slices.get_mut(place as usize)
}

#[cfg(test)]
mod tests;
