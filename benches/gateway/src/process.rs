//! What the kernel says about a process and those it has started.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// Ticks of a second in `/proc`, the same on every Linux of today.
const TICKS_PER_S: u64 = 100;
/// Where `/proc/PID/stat` has, after the name: the parent; user and system time; and both of children that have ended.
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
const ENDED: std::ops::RangeInclusive<usize> = 13..=14;

/// Processor time of all threads of a process and its descendants, user and system, to the nanosecond while they run.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for member in tree(pid)? {
        let running = clock_getcpuclockid(Pid::from_raw(member.try_into()?)).and_then(clock_gettime);
        match running {
            Ok(time) => total += Duration::from(time),
            // A child may have ended meanwhile; its time is then its parent's.
            Err(_) if member != pid => {}
            Err(_) => return Err(gone()),
        }
        let ended = stat(member).unwrap_or_default();
        total += ticks(ended.get(ENDED).unwrap_or_default().iter().sum());
    }
    Ok(total)
}

/// User and system time of one process, to the tick.
pub(crate) fn cpu_by_kind(pid: u32) -> Result<(Duration, Duration)> {
    let fields = stat(pid).with_context(gone)?;
    let time = |at: usize| ticks(fields.get(at).copied().unwrap_or(0));
    Ok((time(USER), time(SYSTEM)))
}

fn ticks(count: u64) -> Duration {
    Duration::from_millis(count * 1000 / TICKS_PER_S)
}

/// Memory that a process and its descendants hold, KiB. Pages that they share count for each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Memory {
    pub(crate) now_kib: u64,
    /// The most that each ever held.
    pub(crate) most_kib: u64,
    /// Of `now_kib`, what is no file's: pages of a program come as its parts first run, and go as the kernel likes.
    pub(crate) anonymous_kib: u64,
}

/// Looks at it.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let mut memory = Memory::default();
    for member in tree(pid)? {
        let status = fs::read_to_string(format!("/proc/{member}/status")).unwrap_or_default();
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        memory.now_kib += field("VmRSS:").or_else(|| (member != pid).then_some(0)).with_context(gone)?;
        memory.most_kib += field("VmHWM:").unwrap_or_default();
        memory.anonymous_kib += field("RssAnon:").unwrap_or_default();
    }
    Ok(memory)
}

/// Makes the kernel forget the most that a process ever held: it is counted anew from now.
pub(crate) fn forget_most(pid: u32) -> Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").with_context(gone)
}

/// A process and all below it.
fn tree(pid: u32) -> Result<Vec<u32>> {
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let parents: Vec<(u32, u64)> = pids.filter_map(|pid| Some((pid, *stat(pid)?.get(PARENT)?))).collect();
    let (mut tree, mut at) = (vec![pid], 0);
    while let Some(parent) = tree.get(at).map(|pid| u64::from(*pid)) {
        tree.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
        at += 1;
    }
    Ok(tree)
}

/// The fields after the name; what is no whole number is 0.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold spaces.
    let fields = stat.rsplit(')').next()?.split_whitespace();
    Some(fields.map(|text| text.parse().unwrap_or_default()).collect())
}

fn gone() -> anyhow::Error {
    anyhow::anyhow!("the watched process is gone")
}
