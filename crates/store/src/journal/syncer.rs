//! The one thread that waits for the disk: what was written while it waited goes there together.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::segment::Shelf;
use super::writer::{Waiter, Writer};

/// The longest that a record is written and not on its way to the disk: what a power cut may take with it.
const GATHER: Duration = Duration::from_millis(2);
/// Between two attempts to write what a failing disk refused.
const RETRY: Duration = Duration::from_millis(200);

/// A writer, and the thread that follows it.
pub(super) struct Shared<S: Shelf> {
    state: Mutex<State<S>>,
    told: Condvar,
}

struct State<S: Shelf> {
    writer: Writer<S>,
    /// The thread sleeps until it is told.
    is_idle: bool,
    is_closing: bool,
    is_closed: bool,
}

impl<S: Shelf> Shared<S> {
    pub(super) fn new(writer: Writer<S>) -> Shared<S> {
        let state = State { writer, is_idle: false, is_closing: false, is_closed: false };
        Shared { state: Mutex::new(state), told: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a record; a waiter is told when it is on the disk.
    pub(super) fn write(&self, line: &[u8], waiter: Option<Waiter>) -> std::io::Result<()> {
        let mut state = self.lock();
        if state.is_closing {
            return Err(std::io::Error::other("it is closed"));
        }
        let is_awaited = waiter.is_some();
        state.writer.write(line, waiter)?;
        // A thread that gathers looks by itself, and soon.
        let tell = is_awaited || std::mem::take(&mut state.is_idle);
        drop(state);
        if tell {
            self.told.notify_all();
        }
        Ok(())
    }

    /// Takes no record any more; the thread ends once all is on the disk.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closing = true;
        self.told.notify_all();
        while !state.is_closed {
            state = self.told.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the thread without waiting for it.
    pub(super) fn abandon(&self) {
        self.lock().is_closing = true;
        self.told.notify_all();
    }

    /// The thread.
    pub(super) fn run(&self) {
        let mut state = self.lock();
        loop {
            if state.writer.is_owing() {
                let last_try = state.is_closing;
                state.writer.pay();
                if last_try {
                    break;
                }
                state = self.told.wait_timeout(state, RETRY).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            if !state.writer.has_open() {
                if state.is_closing {
                    break;
                }
                state.is_idle = true;
                state = self.told.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if !state.writer.is_awaited() && !state.is_closing {
                state = self.told.wait_timeout(state, GATHER).unwrap_or_else(PoisonError::into_inner).0;
            }
            let Some(group) = state.writer.take_group() else { continue };
            drop(state);
            let outcome = group.sync();
            state = self.lock();
            state.writer.settle(group, outcome);
        }
        state.is_closed = true;
        drop(state);
        self.told.notify_all();
    }
}
