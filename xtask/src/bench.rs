//! `cargo xtask bench`: the figures of `benches/RESULTS.md`.

use std::path::PathBuf;
use std::process::Command;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::model;
use crate::place::{cache, cargo, models, root, server};
use crate::step::{output, step};

pub(crate) const HELP: &str = "\
cargo xtask bench [access|gateway|start|--check]

Measures, and prints the tables of benches/RESULTS.md: how long decisions take, beside Cedar (access); what the gateway
costs beside a bare proxy (gateway); how soon the server answers and what it holds in memory (start). Without a word,
all three. What is measured has core 1, load and mock have core 0; anything else on the machine shows in the figures.

--check measures nothing: it asks Cedar and the engine the same 120 000 requests and fails where they differ. It is not
in `cargo xtask test`, because building Cedar takes longer than all of that.

Examples:
  cargo xtask bench
  cargo xtask bench access
  cargo xtask bench --check";

/// Cores: one for what is measured, one for the load.
const CORES: usize = 2;

pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--check"] => return step("test: beside Cedar", own(&["test"])?.args(["-p", "bench-access"])),
        [] | ["access" | "gateway" | "start"] => {}
        _ => bail!("`{}` is not a measurement\n\n{HELP}", words.join(" ")),
    }
    let cores = thread::available_parallelism()?.get();
    ensure!(cores >= CORES, "a measurement needs {CORES} cores, and this machine gives it {cores}");
    let wants = |word| words.is_empty() || words == [word];
    println!("{}", machine()?);
    if wants("access") {
        step("build: bench-access", own(&["build", "--release"])?.args(["-p", "bench-access"]))?;
        step("measure: access", &mut pinned("1", binary("bench-access")?))?;
    }
    if wants("gateway") || wants("start") {
        step("build: the server", &mut cargo(&["build", "--release", "--locked"]))?;
        step("build: bench-gateway", own(&["build", "--release"])?.args(["-p", "bench-gateway"]))?;
        model::fetch()?;
    }
    for (word, command) in [("gateway", "measure"), ("start", "start")] {
        if wants(word) {
            let mut run = pinned("0", binary("bench-gateway")?);
            step(&format!("measure: {word}"), run.arg(command).arg(server("release")).arg(models()?))?;
        }
    }
    Ok(())
}

/// `cargo` in the workspace of the measurements, which builds into the cache folder. Not `--locked`: its lock file follows
/// what the crates that are measured come to need.
fn own(arguments: &[&str]) -> Result<Command> {
    let mut command = cargo(arguments);
    command.arg("--manifest-path").arg(root().join("benches/Cargo.toml")).arg("--target-dir").arg(folder()?);
    Ok(command)
}

fn folder() -> Result<PathBuf> {
    Ok(cache()?.join("bench-target"))
}

fn binary(name: &str) -> Result<PathBuf> {
    Ok(folder()?.join("release").join(name))
}

fn pinned(core: &str, program: PathBuf) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// What the figures depend on, and what else was going on.
fn machine() -> Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").context("this is not Linux")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kib = memory.lines().next().and_then(|line| line.split_whitespace().nth(1)).unwrap_or("0");
    let kernel = output(Command::new("uname").args(["-sr"]))?;
    let date = output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!(
        "{}, {} cores, {} GiB, {}; {}; load before: {load}",
        model.trim_start_matches([' ', '\t', ':']),
        cpu.matches("\nprocessor").count() + 1,
        kib.parse::<u64>().unwrap_or_default() / (1 << 20),
        kernel.trim(),
        date.trim()
    ))
}
