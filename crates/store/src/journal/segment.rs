//! The files of the journal: their names, their lines, and the little that is done to them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::folder::sync_folder;
use crate::journal::{JournalError, Record, fields};

/// Who called what is for the operator's eyes.
const FILE_MODE: u32 = 0o600;
/// The length of a checksum and the space after it.
const PREFIX_BYTES: usize = 9;
const EXTENSION: &str = "log";

/// Where the writer gets its files from; a test gives it a disk that is full.
pub(super) trait Shelf {
    type File: AppendFile;
    /// Opens the file with that number for appending, making it if it is missing.
    fn open(&mut self, number: u64) -> io::Result<Self::File>;
}

/// What the writer does to a file.
pub(super) trait AppendFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything is on the disk.
    fn sync(&self) -> io::Result<()>;
    fn cut(&self, bytes: u64) -> io::Result<()>;
}

/// The journal's folder on the real disk.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(dir: &Path) -> Folder {
        Folder(dir.to_owned())
    }
}

impl Shelf for Folder {
    type File = File;

    fn open(&mut self, number: u64) -> io::Result<File> {
        let path = path_of(&self.0, number);
        let is_new = !path.exists();
        let file = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path)?;
        if is_new {
            sync_folder(&self.0)?;
        }
        Ok(file)
    }
}

impl AppendFile for File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        file.write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.sync_data()
    }
}

/// The file with a number; ten digits keep them in order.
pub(super) fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:010}.{EXTENSION}"))
}

/// The numbers of all files in the folder, in order.
pub(super) fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            numbers.extend(path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A record as a line of the file, in place of what `line` held.
pub(super) fn write_line(line: &mut Vec<u8>, record: &Record) -> Result<(), JournalError> {
    line.clear();
    line.extend_from_slice(b"00000000 ");
    fields::write(line, record).map_err(|error| JournalError::Unavailable(error.to_string()))?;
    let (prefix, json) = line.split_at_mut(PREFIX_BYTES);
    let checksum = crc32fast::hash(json);
    // The highest digit first.
    prefix.iter_mut().zip((0..u32::BITS).step_by(4).rev()).for_each(|(digit, shift)| *digit = hex(checksum >> shift));
    line.push(b'\n');
    Ok(())
}

/// The digit of the lowest four bits.
fn hex(bits: u32) -> u8 {
    let low = (bits & 0xf) as u8;
    if low < 10 { b'0' + low } else { b'a' - 10 + low }
}

/// The JSON in a whole line, with or without its end; none when the checksum does not hold.
pub(super) fn json_of(line: &[u8]) -> Option<&str> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (prefix, json) = line.split_at_checked(PREFIX_BYTES)?;
    // The text, not its number: there is one way to write a checksum.
    (json.starts_with(b"{") && prefix == format!("{:08x} ", crc32fast::hash(json)).as_bytes()).then_some(())?;
    std::str::from_utf8(json).ok()
}
