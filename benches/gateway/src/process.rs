//! What the kernel says about a process and those it has started.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Ticks of a second in `/proc`, the same on every Linux of today.
const TICKS_PER_S: u64 = 100;
/// Where `/proc/PID/stat` has, after the name: the parent; and user and system time, of its own and of children that have ended.
const PARENT: usize = 1;
const TIMES: std::ops::RangeInclusive<usize> = 11..=14;

/// Processor time of all threads of a process and its descendants, user and system.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration> {
    let mut ticks = 0;
    for member in tree(pid)? {
        let fields = stat(member);
        // A child may have ended meanwhile; its time is then its parent's.
        let Some(fields) = fields.or_else(|| (member != pid).then(Vec::new)) else {
            return Err(gone());
        };
        ticks += fields.get(TIMES).unwrap_or_default().iter().sum::<u64>();
    }
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_S))
}

/// Memory that a process and its descendants hold now, and the most that each ever held, KiB. Pages that they share count for each.
pub(crate) fn memory_kib(pid: u32) -> Result<(u64, u64)> {
    let (mut now, mut most) = (0, 0);
    for member in tree(pid)? {
        let status = fs::read_to_string(format!("/proc/{member}/status")).unwrap_or_default();
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        now += field("VmRSS:").or_else(|| (member != pid).then_some(0)).with_context(gone)?;
        most += field("VmHWM:").unwrap_or_default();
    }
    Ok((now, most))
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
