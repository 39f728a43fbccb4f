//! After a crash: the last file may end in part of a record, which nobody was told of. It is cut off, and said.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::segment::{json_of, numbers, path_of};

/// As the data folder.
const FOLDER_MODE: u32 = 0o700;

/// What opening a journal found in its last file and did to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last file, which is written from here on.
    pub file: PathBuf,
    /// Whole records in it.
    pub records: u64,
    /// Bytes after the last whole record that were cut off; 0 after a clean end.
    pub cut_bytes: u64,
    /// Lines before the last whole record that do not match their checksum: damage, left where it is.
    pub damaged_lines: u64,
    pub(super) number: u64,
    pub(super) bytes: u64,
}

pub(super) fn recover(dir: &Path) -> Result<Recovery, JournalError> {
    recover_in(dir)
        .map_err(|error| JournalError::Unreadable { path: dir.display().to_string(), reason: error.to_string() })
}

fn recover_in(dir: &Path) -> io::Result<Recovery> {
    if !dir.is_dir() {
        DirBuilder::new().mode(FOLDER_MODE).create(dir)?;
    }
    let number = numbers(dir)?.pop().unwrap_or(1);
    let file = path_of(dir, number);
    let mut recovery = Recovery { file: file.clone(), records: 0, cut_bytes: 0, damaged_lines: 0, number, bytes: 0 };
    let end = match File::open(&file) {
        Ok(open) => scan(open, &mut recovery)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    if end > recovery.bytes {
        recovery.cut_bytes = end - recovery.bytes;
        let open = OpenOptions::new().write(true).open(&file)?;
        open.set_len(recovery.bytes)?;
        open.sync_all()?;
    } else if end > 0 {
        // Written by a process that was killed before it could see its last records to the disk.
        File::open(&file)?.sync_all()?;
    }
    Ok(recovery)
}

/// Counts the records and returns where the file ends.
fn scan(file: File, recovery: &mut Recovery) -> io::Result<u64> {
    let mut reader = BufReader::new(file);
    let (mut end, mut bad, mut line) = (0_u64, 0_u64, Vec::new());
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)?;
        if bytes == 0 {
            return Ok(end);
        }
        end += bytes as u64;
        if line.ends_with(b"\n") && json_of(&line).is_some() {
            recovery.records += 1;
            recovery.bytes = end;
            recovery.damaged_lines += std::mem::take(&mut bad);
        } else {
            bad += 1;
        }
    }
}
