//! How is the project built, tried and kept tidy? Run it as `cargo xtask`.

use std::process::ExitCode;

use anyhow::{Result, bail};

mod bench;
mod bless;
mod clients;
mod digest;
mod model;
mod peers;
mod place;
mod release;
mod run;
mod step;
mod test;
mod tidy;
mod venv;

const HELP: &str = "\
cargo xtask <command>

  run      builds everything, starts the demo tenant and prints the lines to copy next
  release  builds the server as it is shipped, laid out for the work that it does
  test     runs every test: Rust, tidy, the real clients, clippy
  model    fetches the embedded models, for chat and for embeddings
  tidy     checks lengths, crate order, docs and words
  bless    rewrites the golden files from what the code does now
  bench    measures, and prints the tables of benches/RESULTS.md

cargo xtask <command> --help says more.";

/// A command: its name, its help, and what it does with its arguments.
type Command = (&'static str, &'static str, fn(&[String]) -> Result<()>);

const COMMANDS: [Command; 7] = [
    ("run", run::HELP, run::run),
    ("release", release::HELP, release::release),
    ("test", test::HELP, test::test),
    ("model", model::HELP, model::model),
    ("tidy", tidy::HELP, tidy::tidy),
    ("bless", bless::HELP, bless::bless),
    ("bench", bench::HELP, bench::bench),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    let is_help = |text: &String| matches!(text.as_str(), "-h" | "--help" | "help");
    if is_help(name) {
        println!("{HELP}");
        return Ok(());
    }
    let Some((_, help, command)) = COMMANDS.iter().find(|(known, ..)| known == name) else {
        bail!("`{name}` is not a command\n\n{HELP}");
    };
    if rest.iter().any(is_help) {
        println!("{help}");
        return Ok(());
    }
    command(rest)
}

#[cfg(test)]
mod tests;
