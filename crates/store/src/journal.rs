//! The journal: one record per request, on the disk before its reply is complete.
//!
//! A file holds one line per record: the CRC-32 of the JSON in eight hexadecimal digits, a space, the JSON. Files are
//! numbered; the one with the highest number is written.

mod find;
mod record;
mod recover;
mod segment;
mod tail;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use tokio::sync::oneshot;

pub use record::{ConditionInputs, Record};
pub use recover::Recovery;
pub use tail::{Tail, TailItem};

use segment::{Folder, line};
use writer::{Append, Message, Writer};

/// Records that wait for the disk. More than this means that the disk has stopped: new requests are refused (503), none is
/// served unrecorded.
const WAITING_RECORDS_MAX: usize = 8192;
/// A record is a line of facts about a request, never its contents; what is larger is a mistake.
const RECORD_BYTES_MAX: usize = 256 * 1024;

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

/// The journal of an open store.
#[derive(Debug)]
pub struct Journal {
    queue: SyncSender<Message>,
    recovery: Recovery,
}

impl Journal {
    /// Opens the journal in a folder, which is made if it is missing; cuts off what a crash has left of a last record.
    pub(crate) fn open(dir: &Path) -> Result<Journal, JournalError> {
        let recovery = recover::recover(dir)?;
        let writer = Writer::new(Folder::new(dir), recovery.number, recovery.bytes);
        let (queue, messages) = sync_channel(WAITING_RECORDS_MAX);
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&messages))
            .map_err(|error| JournalError::Unavailable(error.to_string()))?;
        Ok(Journal { queue, recovery })
    }

    /// Appends a record; it is on the disk when this returns.
    pub async fn append(&self, record: Record) -> Result<(), JournalError> {
        let line = line(&record)?;
        if line.len() > RECORD_BYTES_MAX {
            return Err(JournalError::TooLarge { bytes: line.len(), limit: RECORD_BYTES_MAX });
        }
        let (done, synced) = oneshot::channel();
        self.queue.try_send(Message::Append(Append { line, done })).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::Unavailable("too many records wait for the disk".to_owned()),
            TrySendError::Disconnected(_) => closed(),
        })?;
        synced.await.map_err(|_| closed())?
    }

    /// What opening it had to repair.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Follows the journal of a data folder from its first record, also while a server writes it.
    pub fn tail(data_dir: &Path) -> Result<Tail, JournalError> {
        Tail::from_start(data_dir)
    }

    /// Writes what is waiting and ends the writer.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        let mut message = Message::Close(done);
        // A full queue empties at the speed of the disk.
        while let Err(TrySendError::Full(back)) = self.queue.try_send(message) {
            message = back;
            tokio::task::yield_now().await;
        }
        // An error means that the writer is gone already.
        let _ = closed.await;
    }
}

fn closed() -> JournalError {
    JournalError::Unavailable("it is closed".to_owned())
}
