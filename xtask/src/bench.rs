//! `cargo xtask bench`: the figures of `benches/RESULTS.md`.

use std::path::PathBuf;
use std::process::Command;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::place::{cache, cargo, models, root, server};
use crate::release::TRAINED;
use crate::step::{output, step};
use crate::venv::{Pins, venv};
use crate::{model, peers};

pub(crate) const HELP: &str = "\
cargo xtask bench [access|metering|gateway [SECONDS]|soak [REQUESTS]|start|model|conversations|--check] [--trained]

Measures, and prints the tables of benches/RESULTS.md: how long decisions take, beside Cedar (access); how long limits
take (metering); what the gateway costs beside a pass-through, LiteLLM and Portkey, SECONDS (4) for each figure and round
(gateway); what it holds in memory over REQUESTS (a million), and with 1000 streams at once (soak); how soon the server
answers and what it holds in memory then (start); how fast the embedded models are, the one for chat beside llama.cpp
(model); how long adding a message to a conversation takes (conversations). Without a word, all seven. What is measured
has core 1, load and mock have core 0; anything else on the machine shows in the figures.

--trained measures the server that `cargo xtask release` has built, instead of one that is built now.

--check measures nothing: it asks Cedar and the engine the same 120 000 requests and fails where they differ. It is not
in `cargo xtask test`, because building Cedar takes longer than all of that.

Examples:
  cargo xtask bench
  cargo xtask bench access
  cargo xtask bench gateway 1
  cargo xtask release && cargo xtask bench gateway --trained
  cargo xtask bench --check";

/// What the embedded chat model is measured beside. It builds with a C++ compiler; CMake comes with pip.
const LLAMA: Pins = Pins {
    what: "llama-cpp-python",
    requirements: "benches/model/requirements.txt",
    constraints: "benches/model/constraints.txt",
};

/// Where a Linux guest says how long a core of it polls.
const HALT_POLL: &str = "/sys/module/haltpoll/parameters/guest_halt_poll_ns";
/// Cores: one for what is measured, one for the load.
const CORES: usize = 2;

pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let (trained, words): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|word| *word == "--trained");
    let built = if trained.is_empty() { "release" } else { TRAINED };
    let count = match words.as_slice() {
        ["--check"] => return step("test: beside Cedar", own(&["test"])?.args(["-p", "bench-access"])),
        [] | ["access" | "metering" | "gateway" | "soak" | "start" | "model" | "conversations"] => None,
        ["gateway" | "soak", count] if count.parse::<u64>().is_ok() => Some(*count),
        _ => bail!("`{}` is not a measurement\n\n{HELP}", words.join(" ")),
    };
    let cores = thread::available_parallelism()?.get();
    ensure!(cores >= CORES, "a measurement needs {CORES} cores, and this machine gives it {cores}");
    let wants = |word| words.first().is_none_or(|wanted| *wanted == word);
    println!("{}", machine()?);
    if wants("access") {
        step("build: bench-access", own(&["build", "--release"])?.args(["-p", "bench-access"]))?;
        step("measure: access", &mut pinned("1", binary("bench-access")?))?;
    }
    if wants("metering") {
        step("build: bench-metering", own(&["build", "--release"])?.args(["-p", "bench-metering"]))?;
        // Not pinned: two threads need both cores.
        step("measure: metering", &mut Command::new(binary("bench-metering")?))?;
    }
    if ["gateway", "soak", "start"].into_iter().any(wants) {
        build_server(built)?;
        build_load()?;
        model::fetch()?;
    }
    if wants("gateway") {
        let peers = peers::options();
        let seconds = count.into_iter().flat_map(|count| ["--seconds", count]);
        step("measure: gateway", of_server("measure", built)?.args(seconds).args(peers))?;
    }
    for word in ["soak", "start"].into_iter().filter(|word| wants(word)) {
        step(&format!("measure: {word}"), of_server(word, built)?.args(count))?;
    }
    if wants("model") {
        measure_models()?;
    }
    if wants("conversations") {
        measure_conversations(built)?;
    }
    Ok(())
}

/// Builds the server, unless it is one that takes too long to be built unasked.
fn build_server(built: &str) -> Result<()> {
    if built == TRAINED {
        ensure!(
            server(TRAINED).exists(),
            "there is no `{}`; build it with `cargo xtask release`",
            server(TRAINED).display()
        );
        return Ok(());
    }
    step("build: the server", &mut cargo(&["build", "--release", "--locked"]))
}

/// Builds what asks the server.
pub(crate) fn build_load() -> Result<()> {
    step("build: bench-gateway", own(&["build", "--release"])?.args(["-p", "bench-gateway"]))
}

/// What asks the server, on the load's core.
pub(crate) fn load(word: &str) -> Result<Command> {
    let mut run = pinned("0", binary("bench-gateway")?);
    run.arg(word);
    Ok(run)
}

/// A measurement of the whole server.
fn of_server(word: &str, built: &str) -> Result<Command> {
    let mut run = load(word)?;
    run.arg(server(built)).arg(models()?);
    Ok(run)
}

/// The embedded models, on one thread each as the server runs them.
fn measure_models() -> Result<()> {
    model::fetch()?;
    step("build: bench-model", own(&["build", "--release"])?.args(["-p", "bench-model"]))?;
    let llama = venv(&LLAMA)?;
    let [chat, embeddings] = [model::CHAT, model::EMBEDDINGS].map(|name| models().map(|folder| folder.join(name)));
    let (chat, embeddings, here) = (chat?, embeddings?, root().join("benches/model"));
    let prompt = here.join("prompt.txt");
    println!("\n| | prompt tokens | tokens/s read | tokens/s written | load ms |\n|---|---|---|---|---|");
    run_pinned(pinned("1", binary("bench-model")?).arg("chat").arg(&chat).arg(&prompt))?;
    run_pinned(pinned("1", llama.join("bin/python")).arg(here.join("llama.py")).arg(&chat).arg(&prompt))?;
    println!();
    run_pinned(pinned("1", binary("bench-model")?).arg("embeddings").arg(&embeddings))
}

/// Conversations, by a client that knows no more than HTTP. Not pinned: it starts the server itself.
fn measure_conversations(built: &str) -> Result<()> {
    build_server(built)?;
    model::fetch()?;
    let mut load = Command::new("python3");
    load.arg(root().join("benches/conversations/add.py")).arg(server(built));
    step("measure: conversations", &mut load)
}

/// Runs one measurement of a model, which prints lines of a table.
fn run_pinned(command: &mut Command) -> Result<()> {
    print!("{}", output(command.env("CANDLE_NUM_THREADS", "1").env("RAYON_NUM_THREADS", "1"))?);
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
    // In a virtual machine waking a core that sleeps is a call to its host; one that polls first is woken for nothing.
    let polls = fs::read_to_string(HALT_POLL).map(|ns| format!("; polls {} ns before it halts", ns.trim()));
    let polls = polls.unwrap_or_default();
    Ok(format!(
        "{}, {} cores, {} GiB, {}{polls}; {}; load before: {load}",
        model.trim_start_matches([' ', '\t', ':']),
        cpu.matches("\nprocessor").count() + 1,
        kib.parse::<u64>().unwrap_or_default() / (1 << 20),
        kernel.trim(),
        date.trim()
    ))
}
