//! How many sign-ins are under way: a password is dear to check, and a crowd of strangers must not queue without end.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Sign-ins under way at once. Two are checked at a time, in well under a second each; the rest wait for seconds.
const SIGN_INS_AT_ONCE: usize = 32;

/// Counts the sign-ins under way.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    under_way: AtomicUsize,
}

/// A sign-in under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a>(&'a Waiting);

impl Waiting {
    /// A place, if there is one.
    pub(crate) fn enter(&self) -> Option<Turn<'_>> {
        let turn = Turn(self);
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        // Dropping the turn gives the place back.
        (before < SIGN_INS_AT_ONCE).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
