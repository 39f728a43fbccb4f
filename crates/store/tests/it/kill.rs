//! SIGKILL at any time loses nothing that was acknowledged.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use store::journal::TailItem;
use store::{Journal, Record, Store, SystemClock};
use uuid::Uuid;

use crate::support::*;

/// Where the child works; without it the child's test is not a child.
pub(crate) const DIR: &str = "STORE_KILL_DIR";
/// Distinguishes the rounds of one folder.
pub(crate) const ROUND: &str = "STORE_KILL_ROUND";
/// Enough that a gap of a hundredth of the time is found more often than not.
const ROUNDS: u32 = 100;
const FIRST_STARTS: u32 = 12;

const CHILD: &str = "kill::the_child_writes_until_it_is_killed";

/// Starts a test of this binary as a process of its own.
pub(crate) fn spawn(test: &str, dir: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the child acknowledges, as it comes.
pub(crate) fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// Some milliseconds, different each time.
pub(crate) fn a_while(max_ms: u128) -> Duration {
    Duration::from_micros(u64::try_from(Uuid::new_v4().as_u128() % (max_ms * 1000)).unwrap())
}

pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the tests below, which kill it"]
async fn the_child_writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { panic!("{DIR} is not set") };
    let round = std::env::var(ROUND).unwrap();
    let store = Store::open(Path::new(&dir), Arc::new(SystemClock)).await.unwrap();
    let now = || store.now();
    let rows = vec![put(resource(subscription().as_str())), put(resource(group("rg").as_str()))];
    store.write(&server_permit(now()), rows).await.unwrap();
    for _ in 0..3 {
        let store = store.clone();
        tokio::spawn(async move {
            loop {
                let request_id = Uuid::new_v4();
                store.journal().append(&Record { request_id, ..Record::default() }).await.unwrap();
                say(&format!("journal {request_id}"));
            }
        });
    }
    for n in 0.. {
        let name = format!("r{round}-{n}");
        store.write(&server_permit(now()), vec![put(resource(account(&name).as_str()))]).await.unwrap();
        say(&format!("account {name}"));
    }
}

#[tokio::test]
async fn no_acknowledged_write_and_no_acknowledged_record_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (mut accounts, mut records) = (HashSet::new(), HashSet::new());
    for round in 0..ROUNDS {
        let mut child = spawn(CHILD, dir.path(), round);
        let acknowledged = lines(&mut child);
        // It runs for a while from its first acknowledgement on, then it is gone between two instructions.
        let first = acknowledged.iter().find(|line| is_acknowledgement(line)).expect("the child writes");
        thread::sleep(a_while(40));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in std::iter::once(first).chain(acknowledged.iter()) {
            match line.split_once(' ') {
                Some(("account", name)) => accounts.insert(name.to_owned()),
                Some(("journal", id)) => records.insert(id.to_owned()),
                _ => false,
            };
        }
        check(dir.path(), &accounts, &records).await;
    }
    assert!(
        accounts.len() > ROUNDS as usize && records.len() > ROUNDS as usize,
        "{} {}",
        accounts.len(),
        records.len()
    );
}

fn is_acknowledgement(line: &str) -> bool {
    line.starts_with("account r") || line.starts_with("journal ")
}

async fn check(dir: &Path, accounts: &HashSet<String>, records: &HashSet<String>) {
    let store = Store::open(dir, Arc::new(SystemClock)).await.unwrap();
    let world = store.world();
    for name in accounts {
        assert!(world.resources.get(&account(name)).is_some(), "the account `{name}` is lost");
    }
    let state = store.verify_audit().await.unwrap();
    assert_eq!(state.records.unsigned_abs(), world.version);
    assert_eq!(store.journal().recovery().damaged_lines, 0);
    store.close().await;

    let mut found = HashSet::new();
    let mut tail = Journal::tail(dir).unwrap();
    loop {
        let items = tail.read().unwrap();
        if items.is_empty() {
            break;
        }
        for item in items {
            match item {
                TailItem::Record(json) => {
                    found.insert(serde_json::from_str::<Record>(&json).unwrap().request_id.to_string());
                }
                TailItem::Damaged { offset, .. } => panic!("the journal is damaged at {offset}"),
            }
        }
    }
    assert!(records.is_subset(&found), "{} records are lost", records.difference(&found).count());
}

#[tokio::test]
async fn a_first_start_that_is_killed_can_be_started_again() {
    for round in 0..FIRST_STARTS {
        let dir = tempfile::tempdir().unwrap();
        let mut child = spawn(CHILD, dir.path(), round);
        thread::sleep(a_while(60));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
        store.verify_audit().await.unwrap();
        store.close().await;
        assert!(!files(dir.path()).iter().any(|file| file.contains(".new")), "{:?}", files(dir.path()));
    }
}
