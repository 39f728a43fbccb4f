//! `cargo xtask test`: everything that must hold.

use std::thread;

use anyhow::{Result, anyhow, bail};

use crate::clients::{self, Environments};
use crate::model;
use crate::place::{cargo, server};
use crate::step::step;
use crate::tidy;

pub(crate) const HELP: &str = "\
cargo xtask test [rust|clients|foundry [PYTEST ARGUMENTS]]

Without a word: tidy, formatting, all Rust tests, the real clients against a fresh server, clippy. The model and the
clients are fetched while the code is built; both are kept in the cache folder. The words run a part of it.

Examples:
  cargo xtask test
  cargo xtask test clients -k role_assignment -x
  cargo xtask test foundry -k conversations";

pub(crate) fn test(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        None => all(),
        Some((part, [])) if part == "rust" => rust(),
        Some((part, rest)) if part == "clients" => {
            build()?;
            run_clients(rest)
        }
        Some((part, rest)) if part == "foundry" => {
            build()?;
            run_foundry(&clients::environments()?, rest)
        }
        Some((part, _)) => bail!("`{part}` is not a part of the tests\n\n{HELP}"),
    }
}

fn all() -> Result<()> {
    tidy::tidy(&[])?;
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    // Fetching waits for the network and building for the processor.
    let fetched = thread::spawn(|| model::fetch().and_then(|()| clients::environments()));
    step("build: all tests", &mut cargo(&["test", "--workspace", "--locked", "--no-run"]))?;
    fetched.join().map_err(|_| anyhow!("fetching ended early"))??;
    rust()?;
    run_clients(&[])?;
    // Last: clippy checks in its own mode, and after a build it repeats the least.
    step("clippy", &mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

fn build() -> Result<()> {
    step("build: the server", &mut cargo(&["build", "-p", "cupola-server"]))?;
    model::fetch()
}

fn rust() -> Result<()> {
    step("test: Rust", &mut cargo(&["test", "--workspace", "--locked"]))
}

fn run_clients(arguments: &[String]) -> Result<()> {
    let environments = clients::environments()?;
    step("test: the real clients", &mut clients::pytest(&environments, &server("debug"), arguments))?;
    // Arguments pick stories, of which the second generation may have none.
    if !arguments.is_empty() {
        return Ok(());
    }
    step("test: the GA generation", &mut clients::pytest_general(&environments, &server("debug")))?;
    run_foundry(&environments, &[])
}

/// The stories that need the project client's second generation.
fn run_foundry(environments: &Environments, arguments: &[String]) -> Result<()> {
    step("test: projects and agents", &mut clients::pytest_foundry(environments, &server("debug"), arguments))
}
