//! Reading along: from another process, while the server writes and goes on to the next file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::JournalError;
use super::segment::{json_of, numbers, path_of};
use crate::folder::journal_folder;

/// How many lines are returned at once: bounded memory, however long the journal.
const LINES_AT_ONCE: usize = 1024;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TailItem {
    /// A record, as its JSON text.
    Record(String),
    /// A line that does not match its checksum.
    Damaged {
        /// The file that it is in.
        file: PathBuf,
        /// Where it begins, in bytes from the beginning of the file.
        offset: u64,
    },
}

/// A place in the journal that moves on as records are read.
#[derive(Debug)]
pub struct Tail {
    dir: PathBuf,
    number: Option<u64>,
    /// After the last whole line that was returned.
    offset: u64,
}

impl Tail {
    /// From the first record there is. The folder is the data folder.
    pub fn from_start(data_dir: &Path) -> Result<Tail, JournalError> {
        let dir = journal_folder(data_dir);
        let number = numbers(&dir).map_err(|error| unreadable(&dir, &error))?.first().copied();
        Ok(Tail { dir, number, offset: 0 })
    }

    /// From the next record that is written. The folder is the data folder.
    pub fn from_end(data_dir: &Path) -> Result<Tail, JournalError> {
        let mut tail = Tail::from_start(data_dir)?;
        if let Some(last) = numbers(&tail.dir).map_err(|error| unreadable(&tail.dir, &error))?.pop() {
            tail.number = Some(last);
            while !tail.read()?.is_empty() {}
        }
        Ok(tail)
    }

    /// What has come since the last call, at most a thousand lines; nothing when all has been read.
    pub fn read(&mut self) -> Result<Vec<TailItem>, JournalError> {
        self.read_on().map_err(|error| unreadable(&self.dir, &error))
    }

    fn read_on(&mut self) -> io::Result<Vec<TailItem>> {
        loop {
            let Some(number) = self.number else {
                self.number = numbers(&self.dir)?.first().copied();
                if self.number.is_none() {
                    return Ok(Vec::new());
                }
                continue;
            };
            // Looked up before the file is read: once there is a next file, this one is complete.
            let next = numbers(&self.dir)?.into_iter().find(|other| *other > number);
            let items = self.read_file(&path_of(&self.dir, number), next.is_some())?;
            if !items.is_empty() || next.is_none() {
                return Ok(items);
            }
            self.number = next;
            self.offset = 0;
        }
    }

    /// Whole lines after the offset. An unfinished line at the end is being written, unless the file is complete.
    fn read_file(&mut self, path: &Path, is_complete: bool) -> io::Result<Vec<TailItem>> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            // The file is made with its first record.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // Shorter than what was read: a group that failed was cut off again.
        self.offset = self.offset.min(file.metadata()?.len());
        file.seek(SeekFrom::Start(self.offset))?;
        let mut reader = BufReader::new(file);
        let mut items = Vec::new();
        while items.len() < LINES_AT_ONCE {
            let mut line = Vec::new();
            let bytes = reader.read_until(b'\n', &mut line)?;
            if bytes == 0 || !(line.ends_with(b"\n") || is_complete) {
                break;
            }
            items.push(match json_of(&line) {
                Some(json) => TailItem::Record(json.to_owned()),
                None => TailItem::Damaged { file: path.to_owned(), offset: self.offset },
            });
            self.offset += bytes as u64;
        }
        Ok(items)
    }
}

fn unreadable(dir: &Path, error: &io::Error) -> JournalError {
    JournalError::Unreadable { path: dir.display().to_string(), reason: error.to_string() }
}
