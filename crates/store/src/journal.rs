//! The journal: one record per request, written before its reply is complete.
//!
//! Written is with the kernel: it outlives this process, however it ends. A thread brings what was written to the disk in
//! groups, at most two milliseconds later; who must know it there waits for it ([`Journal::append`]).
//!
//! A file holds one line per record: the CRC-32 of the JSON in eight hexadecimal digits, a space, the JSON. Files are
//! numbered; the one with the highest number is written.

mod fields;
mod find;
mod json;
mod record;
mod recover;
mod segment;
mod syncer;
mod tail;
mod together;
mod writer;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

pub use record::{ConditionInputs, Record};
pub use recover::Recovery;
pub use tail::{Tail, TailItem};

use segment::{Folder, write_line};
use syncer::Shared;
use together::{Together, Turn};
use writer::Writer;

/// A record is a line of facts about a request, never its contents; what is larger is a mistake.
const RECORD_BYTES_MAX: usize = 256 * 1024;
/// Most lines fit; a thread keeps no more of a larger one.
const LINE_BYTES_KEPT: usize = 8 * 1024;

thread_local! {
    /// Where a thread writes its lines, so that each begins with room.
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Why a record is not in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The disk is full or fails, or the store is closed. The request must not be served; a later one may be.
    #[error("the journal cannot be written: {0}")]
    Unavailable(String),
    /// The record is larger than any honest record.
    #[error("the record has {bytes} bytes, {limit} are the limit")]
    TooLarge {
        /// The size of the record.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The files cannot be read.
    #[error("the journal `{path}` cannot be read: {reason}")]
    Unreadable {
        /// The folder or file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

/// How far a record is when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// With the kernel: the death of the server does not lose it; a power cut within the next two milliseconds may. Records of
    /// requests that end at the same moment are written in one piece.
    Kernel,
    /// On the disk.
    Disk,
}

/// A record that is being written. It is written too where this is dropped.
#[must_use]
pub struct Writing<'a>(Begun<'a>);

enum Begun<'a> {
    Beside(Turn<'a, Box<Append>>),
    Synced(oneshot::Receiver<Result<(), JournalError>>),
}

impl Writing<'_> {
    /// Resolves once it is as far as it was asked to be.
    pub async fn done(self) -> Result<(), JournalError> {
        match self.0 {
            Begun::Beside(turn) => turn.done().await,
            Begun::Synced(synced) => synced.await.map_err(|_| JournalError::Unavailable("it is closed".to_owned()))?,
        }
    }
}

/// Brings whole lines to the kernel.
type Append = dyn Fn(&[u8]) -> Result<(), JournalError> + Send + Sync;

/// The journal of an open store.
pub struct Journal {
    shared: Arc<Shared<Folder>>,
    together: Together<Box<Append>>,
    recovery: Recovery,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("recovery", &self.recovery).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal in a folder, which is made if it is missing; cuts off what a crash has left of a last record.
    pub(crate) fn open(dir: &Path) -> Result<Journal, JournalError> {
        let recovery = recover::recover(dir)?;
        let writer = Writer::new(Folder::new(dir), recovery.number, recovery.bytes);
        let shared = Arc::new(Shared::new(writer));
        let followed = Arc::clone(&shared);
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || followed.run())
            .map_err(|error| JournalError::Unavailable(error.to_string()))?;
        let written = Arc::clone(&shared);
        let append: Box<Append> =
            Box::new(move |lines| written.write(lines, None).map_err(|error| unavailable(&error)));
        Ok(Journal { shared, together: Together::new(append), recovery })
    }

    /// Appends a record; it is on the disk when this returns.
    pub async fn append(&self, record: &Record) -> Result<(), JournalError> {
        self.begin(record, Durability::Disk)?.done().await
    }

    /// Begins to write a record, which is not read any more once this returns. A disk that is full or behind is an error.
    pub fn begin(&self, record: &Record, durability: Durability) -> Result<Writing<'_>, JournalError> {
        let line = Line::of(record)?;
        Ok(Writing(match durability {
            Durability::Kernel => Begun::Beside(self.together.add(&line.0)),
            Durability::Disk => {
                let (done, synced) = oneshot::channel();
                self.shared.write(&line.0, Some(done)).map_err(|error| unavailable(&error))?;
                Begun::Synced(synced)
            }
        }))
    }

    /// What opening it had to repair.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Follows the journal of a data folder from its first record, also while a server writes it.
    pub fn tail(data_dir: &Path) -> Result<Tail, JournalError> {
        Tail::from_start(data_dir)
    }

    /// Brings what is written to the disk and ends the thread.
    pub(crate) async fn close(&self) {
        let shared = Arc::clone(&self.shared);
        // An error means that the runtime ends; the thread writes on without it.
        let _ = tokio::task::spawn_blocking(move || shared.close()).await;
    }
}

fn unavailable(error: &std::io::Error) -> JournalError {
    JournalError::Unavailable(error.to_string())
}

/// A record's line, in the room that its thread keeps for them.
struct Line(Vec<u8>);

impl Line {
    fn of(record: &Record) -> Result<Line, JournalError> {
        let mut line = Line(LINE.take());
        write_line(&mut line.0, record)?;
        match line.0.len() {
            0..=RECORD_BYTES_MAX => Ok(line),
            bytes => Err(JournalError::TooLarge { bytes, limit: RECORD_BYTES_MAX }),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.0);
        if line.capacity() <= LINE_BYTES_KEPT {
            LINE.set(line);
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}
