//! Records of requests that end at the same moment go to the kernel in one piece: whoever has a record lets everybody who is ready
//! add theirs, and then the first of them writes all.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::JournalError;

/// What became of the records that were written in one piece.
type Outcome = OnceLock<Result<(), JournalError>>;

/// Lines that wait to be written.
#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    outcome: Arc<Outcome>,
}

/// Where lines meet. `write` brings whole lines to the kernel, or none of them.
pub(super) struct Together<W> {
    pending: Mutex<Pending>,
    write: W,
}

impl<W: Fn(&[u8]) -> Result<(), JournalError>> Together<W> {
    pub(super) fn new(write: W) -> Together<W> {
        Together { pending: Mutex::default(), write }
    }

    /// Adds a line. It is written with those of everybody else who is ready, when its turn is awaited or dropped.
    pub(super) fn add(&self, line: &[u8]) -> Turn<'_, W> {
        let mut pending = self.lock();
        pending.lines.extend_from_slice(line);
        Turn { together: self, outcome: Arc::clone(&pending.outcome) }
    }

    /// Writes what waits. The lock is held meanwhile, so that whoever comes next finds what became of it.
    fn flush(&self) {
        let mut pending = self.lock();
        if pending.lines.is_empty() {
            return;
        }
        let _ = pending.outcome.set((self.write)(&pending.lines));
        pending.outcome = Arc::default();
        pending.lines.clear();
        pending.lines.shrink_to(LINES_BYTES_KEPT);
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room that is kept for the next lines: about forty of them.
const LINES_BYTES_KEPT: usize = 64 * 1024;

/// A line that waits.
pub(super) struct Turn<'a, W: Fn(&[u8]) -> Result<(), JournalError>> {
    together: &'a Together<W>,
    outcome: Arc<Outcome>,
}

impl<W: Fn(&[u8]) -> Result<(), JournalError>> Turn<'_, W> {
    /// Writes it, with what waits beside it, unless somebody has.
    fn take(&self) {
        if self.outcome.get().is_none() {
            self.together.flush();
        }
    }

    /// Lets others add theirs, and tells what became of it.
    pub(super) async fn done(self) -> Result<(), JournalError> {
        tokio::task::yield_now().await;
        self.take();
        let lost = || Err(JournalError::Unavailable("the record was not written".to_owned()));
        self.outcome.get().cloned().unwrap_or_else(lost)
    }
}

impl<W: Fn(&[u8]) -> Result<(), JournalError>> Drop for Turn<'_, W> {
    fn drop(&mut self) {
        self.take();
    }
}

#[cfg(test)]
mod tests;
