#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use super::segment::{AppendFile, Shelf, json_of, line, numbers};
use super::writer::Writer;
use super::{Folder, Record, Tail, TailItem};

/// A disk that can be full, refuse to sync, or refuse everything.
#[derive(Clone, Default)]
struct Disk(Rc<RefCell<DiskState>>);

#[derive(Default)]
struct DiskState {
    files: BTreeMap<u64, Vec<u8>>,
    room: Option<usize>,
    sync_fails: bool,
    cut_fails: bool,
}

struct DiskFile(Disk, u64);

impl Shelf for Disk {
    type File = DiskFile;

    fn open(&mut self, number: u64) -> io::Result<DiskFile> {
        self.0.borrow_mut().files.entry(number).or_default();
        Ok(DiskFile(self.clone(), number))
    }
}

impl AppendFile for DiskFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.0.0.borrow_mut();
        let room = disk.room.unwrap_or(bytes.len()).min(bytes.len());
        disk.files.get_mut(&self.1).unwrap().extend_from_slice(&bytes[..room]);
        if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.0.0.borrow().sync_fails { Err(io::Error::other("input/output error")) } else { Ok(()) }
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        let mut disk = self.0.0.borrow_mut();
        if disk.cut_fails {
            return Err(io::Error::other("input/output error"));
        }
        disk.files.get_mut(&self.1).unwrap().truncate(usize::try_from(bytes).unwrap());
        Ok(())
    }
}

impl Disk {
    fn text(&self, number: u64) -> String {
        String::from_utf8(self.0.borrow().files[&number].clone()).unwrap()
    }
}

#[test]
fn a_full_disk_refuses_a_group_and_takes_the_next_when_there_is_room() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0);
    writer.commit(b"one\n").unwrap();
    disk.0.borrow_mut().room = Some(2);
    assert!(writer.commit(b"two\n").is_err());
    assert!(writer.commit(b"two again\n").is_err());
    assert_eq!(disk.text(1), "one\n", "nothing of a refused group stays");
    disk.0.borrow_mut().room = None;
    writer.commit(b"three\n").unwrap();
    assert_eq!(disk.text(1), "one\nthree\n");
}

#[test]
fn a_group_that_was_not_synced_is_not_acknowledged_and_is_cut_before_the_next() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0);
    writer.commit(b"one\n").unwrap();
    disk.0.borrow_mut().sync_fails = true;
    disk.0.borrow_mut().cut_fails = true;
    assert!(writer.commit(b"two\n").is_err());
    disk.0.borrow_mut().sync_fails = false;
    assert!(writer.commit(b"three\n").is_err(), "the rest of a failed group must go first");
    disk.0.borrow_mut().cut_fails = false;
    writer.commit(b"four\n").unwrap();
    assert_eq!(disk.text(1), "one\nfour\n");
}

#[test]
fn a_full_file_is_followed_by_the_next() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 7, 0).with_segment_bytes_max(8);
    for text in ["one\n", "two\n", "three\n", "four\n"] {
        writer.commit(text.as_bytes()).unwrap();
    }
    assert_eq!((disk.text(7).as_str(), disk.text(8).as_str()), ("one\ntwo\n", "three\nfour\n"));
}

#[test]
fn a_reader_follows_from_file_to_file() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    let mut writer = Writer::new(Folder::new(&journal), 1, 0).with_segment_bytes_max(600);
    let mut tail = Tail::from_start(dir.path()).unwrap();
    let mut seen = Vec::new();
    for n in 0..40 {
        writer.commit(&line(&Record { duration_us: n, ..Record::default() }).unwrap()).unwrap();
        if n % 7 == 0 || n == 39 {
            loop {
                let items = tail.read().unwrap();
                if items.is_empty() {
                    break;
                }
                seen.extend(items.into_iter().map(|item| match item {
                    TailItem::Record(json) => serde_json::from_str::<Record>(&json).unwrap().duration_us,
                    TailItem::Damaged { offset, .. } => panic!("damaged at {offset}"),
                }));
            }
        }
    }
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
    assert!(numbers(&journal).unwrap().len() > 5);
}

#[test]
fn a_line_with_any_bit_changed_is_not_a_record() {
    let whole = line(&Record::default()).unwrap();
    assert!(json_of(&whole).is_some());
    for at in 0..whole.len() - 1 {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        assert!(json_of(&changed).is_none(), "byte {at}");
    }
    for text in [&b""[..], b"\n", b"00000000", b"00000000 ", b"zzzzzzzz {}\n", b"+0000000 \n", "\u{1f600}".as_bytes()] {
        assert!(json_of(text).is_none(), "{text:?}");
    }
}
