#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::segment::{AppendFile, Shelf, json_of, numbers, write_line};
use super::syncer::Shared;
use super::writer::Writer;
use super::{Folder, JournalError, Record, Tail, TailItem};

fn line(record: &Record) -> Result<Vec<u8>, JournalError> {
    let mut line = b"what was there before".to_vec();
    write_line(&mut line, record).map(|()| line)
}

/// A disk that can be full, refuse to sync, or refuse everything.
#[derive(Clone, Default)]
struct Disk(Rc<RefCell<DiskState>>);

#[derive(Default)]
struct DiskState {
    files: BTreeMap<u64, Vec<u8>>,
    room: Option<usize>,
    syncs_that_fail: usize,
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
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.0.0.borrow_mut();
        let room = disk.room.unwrap_or(bytes.len()).min(bytes.len());
        disk.files.get_mut(&self.1).unwrap().extend_from_slice(&bytes[..room]);
        if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.0.0.borrow_mut();
        if disk.syncs_that_fail == 0 {
            return Ok(());
        }
        disk.syncs_that_fail -= 1;
        Err(io::Error::other("input/output error"))
    }

    fn cut(&self, bytes: u64) -> io::Result<()> {
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

/// What the thread does, once.
fn sync<S: Shelf>(writer: &mut Writer<S>) {
    let group = writer.take_group().expect("something was written");
    let outcome = group.sync();
    writer.settle(group, outcome);
}

type Told = oneshot::Receiver<Result<(), JournalError>>;

fn write_and_wait(writer: &mut Writer<Disk>, line: &[u8]) -> Told {
    let (done, told) = oneshot::channel();
    writer.write(line, Some(done)).unwrap();
    told
}

#[test]
fn a_full_disk_refuses_a_record_and_takes_the_next_when_there_is_room() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0);
    writer.write(b"one\n", None).unwrap();
    disk.0.borrow_mut().room = Some(2);
    assert!(writer.write(b"two\n", None).is_err());
    disk.0.borrow_mut().cut_fails = true;
    assert!(writer.write(b"two again\n", None).is_err());
    disk.0.borrow_mut().room = None;
    assert!(writer.write(b"behind a part of a record\n", None).is_err());
    disk.0.borrow_mut().cut_fails = false;
    writer.write(b"three\n", None).unwrap();
    assert_eq!(disk.text(1), "one\nthree\n", "nothing of a refused record stays");
}

#[test]
fn what_a_file_refuses_to_sync_goes_to_the_next_file() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0);
    writer.write(b"one\n", None).unwrap();
    sync(&mut writer);
    writer.write(b"two\n", None).unwrap();
    let mut waits = write_and_wait(&mut writer, b"three\n");
    let group = writer.take_group().unwrap();
    writer.write(b"four\n", None).unwrap();
    disk.0.borrow_mut().syncs_that_fail = 1;
    let outcome = group.sync();
    writer.settle(group, outcome);
    assert_eq!(waits.try_recv(), Ok(Ok(())));
    assert_eq!((disk.text(1).as_str(), disk.text(2).as_str()), ("one\n", "two\nfour\nthree\n"));
}

#[test]
fn after_a_full_file_only_the_group_that_was_refused_is_written_again() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0).with_segment_bytes_max(4);
    writer.write(b"one\n", None).unwrap();
    let group = writer.take_group().unwrap();
    writer.write(b"two\n", None).unwrap();
    disk.0.borrow_mut().syncs_that_fail = 1;
    let outcome = group.sync();
    writer.settle(group, outcome);
    assert_eq!((disk.text(1).as_str(), disk.text(2).as_str()), ("", "two\none\n"));
}

#[test]
fn while_acknowledged_records_are_in_no_file_none_is_taken() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 1, 0);
    writer.write(b"acknowledged\n", None).unwrap();
    let mut waits = write_and_wait(&mut writer, b"waiting\n");
    disk.0.borrow_mut().syncs_that_fail = 3;
    sync(&mut writer);
    assert!(waits.try_recv().unwrap().is_err(), "who waits is told, and is not served");
    assert!(writer.is_owing() && writer.write(b"next\n", None).is_err());
    writer.pay();
    assert!(writer.is_owing(), "the disk still fails");
    writer.pay();
    assert!(!writer.is_owing());
    writer.write(b"next\n", None).unwrap();
    assert_eq!(disk.text(2), "acknowledged\nnext\n", "what was not acknowledged is not written later");
}

#[test]
fn records_are_on_the_disk_when_the_journal_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let shared = Arc::new(Shared::new(Writer::new(Folder::new(dir.path()), 1, 0)));
    let followed = Arc::clone(&shared);
    let thread = std::thread::spawn(move || followed.run());
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || (0..500).for_each(|_| shared.write(b"a record\n", None).unwrap()))
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    shared.close();
    thread.join().unwrap();
    assert!(shared.write(b"late\n", None).is_err());
    let text = std::fs::read_to_string(super::segment::path_of(dir.path(), 1)).unwrap();
    assert_eq!(text, "a record\n".repeat(2000));
}

#[test]
fn a_full_file_is_followed_by_the_next() {
    let disk = Disk::default();
    let mut writer = Writer::new(disk.clone(), 7, 0).with_segment_bytes_max(8);
    for text in ["one\n", "two\n", "three\n", "four\n"] {
        writer.write(text.as_bytes(), None).unwrap();
        sync(&mut writer);
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
        writer.write(&line(&Record { duration_us: n, ..Record::default() }).unwrap(), None).unwrap();
        sync(&mut writer);
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
