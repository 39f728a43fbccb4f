//! How many answers are written at the same time, and how many requests wait for their turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use access::Failure;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::too_many_requests;

/// What a refused client is told to wait, seconds: about the time of a short answer.
const RETRY_AFTER_S: u64 = 2;

/// How much is done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Answers written at the same time. Each keeps its own cache of keys and values in memory.
    pub slots: usize,
    /// Requests that wait for a slot; more are refused with 429.
    pub queue: usize,
}

impl Default for Limits {
    /// Two slots: one long answer does not block every short one, and more would only share the same processor.
    /// Thirty-two waiting: at a few seconds each, more would wait longer than clients do.
    fn default() -> Limits {
        Limits { slots: 2, queue: 32 }
    }
}

/// The slots of all embedded models together; they share one processor.
pub(crate) struct Slots {
    limits: Limits,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to write one answer. Dropping it lets the next request in.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(limits: Limits) -> Slots {
        Slots { limits, free: Arc::new(Semaphore::new(limits.slots)), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a slot in the order of arrival; refuses at once when too many wait already. A caller who goes away leaves the queue.
    pub(crate) async fn admit(&self) -> Result<Slot, Failure> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Slot { _permit: permit });
        }
        let _place = self.queue()?;
        match Arc::clone(&self.free).acquire_owned().await {
            Ok(permit) => Ok(Slot { _permit: permit }),
            // Never closed; said as busy rather than as a panic.
            Err(_) => Err(self.busy()),
        }
    }

    fn queue(&self) -> Result<Place<'_>, Failure> {
        let enter = |waiting: usize| (waiting < self.limits.queue).then_some(waiting + 1);
        match self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter) {
            Ok(_) => Ok(Place { waiting: &self.waiting }),
            Err(_) => Err(self.busy()),
        }
    }

    fn busy(&self) -> Failure {
        too_many_requests(self.limits.slots, self.limits.queue, RETRY_AFTER_S)
    }
}

/// A place in the queue, given back when the wait ends, however it ends.
struct Place<'a> {
    waiting: &'a AtomicUsize,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
