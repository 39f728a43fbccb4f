//! A value that whoever needs it first makes, and everybody who came meanwhile gets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The value, once it was made. What could not be made is tried again by whoever asks after that.
pub(crate) struct Lazy<T, E> {
    /// Attempts that have ended.
    ended: AtomicU64,
    last: Mutex<Option<Result<Arc<T>, E>>>,
}

/// When somebody asked: after how many attempts.
pub(crate) struct Ticket(u64);

impl<T, E: Clone> Lazy<T, E> {
    pub(crate) fn new() -> Lazy<T, E> {
        Lazy { ended: AtomicU64::new(0), last: Mutex::new(None) }
    }

    /// Asks for the value.
    pub(crate) fn ask(&self) -> Ticket {
        Ticket(self.ended.load(Ordering::Acquire))
    }

    /// The value, made now unless it is there. Waits for an attempt that is going on and shares its end, a failure too: ten who
    /// asked at once do not fail one after the other.
    pub(crate) fn get(&self, ticket: &Ticket, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let has_ended_since = self.ended.load(Ordering::Acquire) > ticket.0;
        match last.as_ref() {
            Some(Ok(value)) => return Ok(Arc::clone(value)),
            Some(Err(error)) if has_ended_since => return Err(error.clone()),
            _ => {}
        }
        let made = make().map(Arc::new);
        *last = Some(made.clone());
        self.ended.fetch_add(1, Ordering::Release);
        made
    }
}

#[cfg(test)]
mod tests;
