//! The one thread that writes: what has come in while the disk was busy goes to it together.

use std::io;
use std::sync::mpsc::Receiver;

use tokio::sync::oneshot;

use super::JournalError;
use super::segment::{AppendFile, Shelf};

/// One group is at most this much, so that a group never takes long to be on the disk.
const GROUP_BYTES_MAX: usize = 1024 * 1024;
/// A file of this size is followed by the next one: small enough to copy, to search and to scan at a start.
const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A line, and who waits for it.
pub(super) struct Append {
    pub(super) line: Vec<u8>,
    pub(super) done: oneshot::Sender<Result<(), JournalError>>,
}

/// What the thread is told.
pub(super) enum Message {
    Append(Append),
    Close(oneshot::Sender<()>),
}

/// The file that is written, and how much of it is known to be on the disk.
pub(super) struct Writer<S: Shelf> {
    shelf: S,
    number: u64,
    synced_bytes: u64,
    segment_bytes_max: u64,
    file: Option<S::File>,
    /// The file may have bytes after `synced_bytes`, of a group that failed.
    is_dirty: bool,
}

impl<S: Shelf> Writer<S> {
    pub(super) fn new(shelf: S, number: u64, synced_bytes: u64) -> Writer<S> {
        Writer { shelf, number, synced_bytes, segment_bytes_max: SEGMENT_BYTES_MAX, file: None, is_dirty: false }
    }

    #[cfg(test)]
    pub(super) fn with_segment_bytes_max(mut self, bytes: u64) -> Writer<S> {
        self.segment_bytes_max = bytes;
        self
    }

    /// Serves until told to close, or until nobody can append any more. No timer: a lone record does not wait for others,
    /// and many gather while the group before them is being synced.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            let mut group = Vec::new();
            let mut bytes = Vec::new();
            let mut next = Some(first);
            let mut closing = None;
            while let Some(message) = next {
                match message {
                    Message::Append(append) => {
                        bytes.extend_from_slice(&append.line);
                        group.push(append.done);
                    }
                    Message::Close(done) => closing = Some(done),
                }
                let is_open = closing.is_none() && bytes.len() < GROUP_BYTES_MAX;
                next = if is_open { messages.try_recv().ok() } else { None };
            }
            self.serve(&bytes, group);
            if let Some(done) = closing {
                let _ = done.send(());
                return;
            }
        }
    }

    fn serve(&mut self, bytes: &[u8], group: Vec<oneshot::Sender<Result<(), JournalError>>>) {
        if group.is_empty() {
            return;
        }
        let outcome = self.commit(bytes).map_err(|error| JournalError::Unavailable(error.to_string()));
        for done in group {
            // Whoever stopped waiting has a record all the same.
            let _ = done.send(outcome.clone());
        }
    }

    /// Writes a group. When it fails, nothing of it stays: it is cut off now, or before the next group.
    pub(super) fn commit(&mut self, bytes: &[u8]) -> io::Result<()> {
        let outcome = self.try_commit(bytes);
        if outcome.is_err()
            && let Some(mut file) = self.file.take()
            && file.cut(self.synced_bytes).is_ok()
        {
            self.is_dirty = false;
        }
        outcome
    }

    fn try_commit(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.ready()?;
        self.is_dirty = true;
        let written = file.append(bytes).and_then(|()| file.sync());
        self.file = Some(file);
        written?;
        self.is_dirty = false;
        self.synced_bytes += bytes.len() as u64;
        Ok(())
    }

    /// The file to append to: clean, and with room.
    fn ready(&mut self) -> io::Result<S::File> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.shelf.open(self.number)?,
        };
        if self.is_dirty {
            file.cut(self.synced_bytes)?;
            self.is_dirty = false;
        }
        if self.synced_bytes < self.segment_bytes_max {
            return Ok(file);
        }
        let next = self.shelf.open(self.number + 1)?;
        self.number += 1;
        self.synced_bytes = 0;
        Ok(next)
    }
}
