//! Finding a record again by its decision's id: file after file, the newest first, a line in memory at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use uuid::Uuid;

use super::segment::{json_of, numbers, path_of};
use super::{Journal, JournalError, Record};
use crate::folder::journal_folder;

/// How much of a file is read at once: searching is as fast as reading then.
const READ_BYTES: usize = 256 * 1024;

impl Journal {
    /// The record of a decision in the journal of a data folder, also while a server writes it; none when it is not there.
    /// Reads the disk until it is found: call it where waiting holds nobody up.
    pub fn find(data_dir: &Path, decision_id: Uuid) -> Result<Option<Record>, JournalError> {
        let dir = journal_folder(data_dir);
        let files = numbers(&dir).map_err(|error| unreadable(&dir, &error.to_string()))?;
        for number in files.into_iter().rev() {
            let path = path_of(&dir, number);
            let found = match File::open(&path) {
                Ok(file) => find_in(file, decision_id),
                // The file is made with its first record.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => Err(error),
            };
            if let Some(record) = found.map_err(|error| unreadable(&path, &error.to_string()))? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }
}

/// The newest record of the decision in one file. A line that names it and does not match its checksum is an error: to
/// say that there is no such decision would be wrong.
fn find_in(file: File, decision_id: Uuid) -> io::Result<Option<Record>> {
    let needle = format!("\"decisionId\":\"{decision_id}\"");
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    let (mut line, mut offset, mut found) = (Vec::new(), 0_u64, None);
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)?;
        // What has no end yet is being written.
        if bytes == 0 || !line.ends_with(b"\n") {
            return Ok(found);
        }
        if String::from_utf8_lossy(&line).contains(&needle) {
            let record = json_of(&line).and_then(|json| serde_json::from_str::<Record>(json).ok());
            let damaged = || io::Error::other(format!("the record at byte {offset} does not match its checksum"));
            found = Some(record.ok_or_else(damaged)?);
        }
        offset += bytes as u64;
    }
}

fn unreadable(path: &Path, reason: &str) -> JournalError {
    JournalError::Unreadable { path: path.display().to_string(), reason: reason.to_owned() }
}
