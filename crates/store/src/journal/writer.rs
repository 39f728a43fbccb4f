//! What is written and what is on the disk: two ends of one file, and the group of records between them.

use std::io;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::JournalError;
use super::segment::{AppendFile, Shelf};

/// A file of this size is followed by the next one: small enough to copy, to search and to scan at a start.
const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Written and not yet on the disk: far more than two milliseconds bring, so it means that the disk has stopped.
const UNSYNCED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Room that is kept for the next group: what some milliseconds bring. A slow disk makes larger groups, whose room is given back.
const SPARE_BYTES_MAX: usize = 128 * 1024;

/// Told once the record is on the disk, or that it will not be.
pub(super) type Waiter = oneshot::Sender<Result<(), JournalError>>;

/// The file that is written.
pub(super) struct Writer<S: Shelf> {
    shelf: S,
    number: u64,
    /// Where the last whole record ends.
    written_bytes: u64,
    segment_bytes_max: u64,
    file: Option<Arc<S::File>>,
    /// The file may have part of a record after `written_bytes`.
    is_dirty: bool,
    /// Written since the last group was taken.
    open: Records,
    /// The room of a group that is on the disk, for the next one.
    spare: Vec<u8>,
    /// Acknowledged, and in no file: a sync failed and the next file could not be written either. Nothing is taken until they are.
    owed: Vec<u8>,
}

/// Records between the two ends, kept until they are on the disk: should it refuse them, they go to the next file.
#[derive(Default)]
struct Records {
    /// Of requests that were answered once their record was written.
    acknowledged: Vec<u8>,
    /// Of requests that wait.
    waiting: Vec<(Vec<u8>, Waiter)>,
}

impl Records {
    fn is_empty(&self) -> bool {
        self.acknowledged.is_empty() && self.waiting.is_empty()
    }

    fn tell(self, outcome: &Result<(), JournalError>) {
        for (_, waiter) in self.waiting {
            // Whoever stopped waiting has a record all the same.
            let _ = waiter.send(outcome.clone());
        }
    }
}

/// Records on their way to the disk.
pub(super) struct Group<F> {
    file: Arc<F>,
    number: u64,
    /// Where the group begins in its file.
    from_bytes: u64,
    records: Records,
}

impl<F: AppendFile> Group<F> {
    /// Waits for the disk; no lock is held meanwhile.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

impl<S: Shelf> Writer<S> {
    pub(super) fn new(shelf: S, number: u64, written_bytes: u64) -> Writer<S> {
        Writer {
            shelf,
            number,
            written_bytes,
            segment_bytes_max: SEGMENT_BYTES_MAX,
            file: None,
            is_dirty: false,
            open: Records::default(),
            spare: Vec::new(),
            owed: Vec::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn with_segment_bytes_max(mut self, bytes: u64) -> Writer<S> {
        self.segment_bytes_max = bytes;
        self
    }

    /// Whether a group waits to be taken.
    pub(super) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether somebody waits for the group.
    pub(super) fn is_awaited(&self) -> bool {
        !self.open.waiting.is_empty()
    }

    /// Whether records that were acknowledged wait for a file to go to.
    pub(super) fn is_owing(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Writes a record whole, or nothing of it. It survives the death of this process from here on.
    pub(super) fn write(&mut self, line: &[u8], waiter: Option<Waiter>) -> io::Result<()> {
        if self.is_owing() || self.open.acknowledged.len() + line.len() > UNSYNCED_BYTES_MAX {
            return Err(io::Error::other("the disk does not take what was written before"));
        }
        let file = self.ready()?;
        self.is_dirty = true;
        if let Err(error) = file.append(line) {
            self.is_dirty = file.cut(self.written_bytes).is_err();
            return Err(error);
        }
        self.is_dirty = false;
        self.written_bytes += line.len() as u64;
        match waiter {
            Some(waiter) => self.open.waiting.push((line.to_owned(), waiter)),
            None => self.open.acknowledged.extend_from_slice(line),
        }
        Ok(())
    }

    /// Takes what has been written since the last time; a full file ends with it.
    pub(super) fn take_group(&mut self) -> Option<Group<S::File>> {
        if self.open.is_empty() {
            return None;
        }
        let file = Arc::clone(self.file.as_ref()?);
        let next = Records { acknowledged: std::mem::take(&mut self.spare), waiting: Vec::new() };
        let records = std::mem::replace(&mut self.open, next);
        let bytes = records.acknowledged.len() + records.waiting.iter().map(|(line, _)| line.len()).sum::<usize>();
        let from_bytes = self.written_bytes.saturating_sub(bytes as u64);
        let group = Group { file, number: self.number, from_bytes, records };
        if self.written_bytes >= self.segment_bytes_max {
            self.next_file();
        }
        Some(group)
    }

    /// What became of a group. One that the disk refused goes to the next file, with all that was written since.
    pub(super) fn settle(&mut self, group: Group<S::File>, outcome: io::Result<()>) {
        let Err(error) = outcome else { return self.settle_well(group.records) };
        tracing::error!(%error, "the journal's file cannot be synced; its last records go to the next file");
        let Group { file, number, from_bytes, mut records } = group;
        if number == self.number {
            self.next_file();
            let later = std::mem::take(&mut self.open);
            records.acknowledged.extend(later.acknowledged);
            records.waiting.extend(later.waiting);
        }
        let mut all = records.acknowledged.clone();
        records.waiting.iter().for_each(|(line, _)| all.extend_from_slice(line));
        match self.write_elsewhere(&all) {
            Ok(()) => {
                // Twice in the journal is better than never; an error leaves them twice.
                let _ = file.cut(from_bytes);
                records.tell(&Ok(()));
            }
            Err(error) => {
                self.owed = std::mem::take(&mut records.acknowledged);
                records.tell(&Err(JournalError::Unavailable(error.to_string())));
            }
        }
    }

    fn settle_well(&mut self, mut records: Records) {
        let mut room = std::mem::take(&mut records.acknowledged);
        records.tell(&Ok(()));
        if room.capacity() <= SPARE_BYTES_MAX {
            room.clear();
            self.spare = room;
        }
    }

    /// Tries again to put down what is owed.
    pub(super) fn pay(&mut self) {
        let owed = std::mem::take(&mut self.owed);
        if self.write_elsewhere(&owed).is_err() {
            self.owed = owed;
        }
    }

    /// Writes and syncs records at the end of the current file, which nobody else writes meanwhile.
    fn write_elsewhere(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.ready()?;
        self.is_dirty = true;
        file.append(bytes).and_then(|()| file.sync())?;
        self.is_dirty = false;
        self.written_bytes += bytes.len() as u64;
        Ok(())
    }

    fn next_file(&mut self) {
        self.number += 1;
        self.written_bytes = 0;
        self.file = None;
        self.is_dirty = false;
    }

    /// The file to append to, clean.
    fn ready(&mut self) -> io::Result<Arc<S::File>> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::new(self.shelf.open(self.number)?),
        };
        self.file = Some(Arc::clone(&file));
        if self.is_dirty {
            file.cut(self.written_bytes)?;
            self.is_dirty = false;
        }
        Ok(file)
    }
}
