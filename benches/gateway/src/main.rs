//! What does the gateway cost beside what any proxy costs, and beside what others cost?
//!
//! `measure` starts everything: the mock provider, a pass-through, `cupola serve`, its peers, and puts the same load on each. `soak`
//! and `start` start the server alone. The other words are the processes that these start.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

mod answer;
mod certificate;
mod child;
mod cupola;
mod entrants;
mod load;
mod measure;
mod mock;
mod pass_through;
mod peers;
mod process;
mod soak;
mod start;
mod table;
mod train;
mod turns;
mod wire;

const HELP: &str = "\
bench-gateway <command>

  measure CUPOLA MODELS [OPTION VALUE]...   the whole comparison:
      --seconds N                           for each figure and round (default 4)
      --litellm PROGRAM                     LiteLLM's proxy
      --portkey SCRIPT                      what starts Portkey's gateway in node
  soak CUPOLA MODELS [REQUESTS]             memory over so many requests (default a million), then 1000 streams at once
  start CUPOLA MODELS [TIMES]               cold start and memory of the server, TIMES (default 5) times
  turns ROUNDS MODELS CUPOLA...             builds of the server beside the pass-through, in short turns
  train CUPOLA MODELS                       asks the server a bit of everything, for a compiler that learns from it
  mock PORT                                 a provider that answers at once, and streams 64 events 5 ms apart
  pass-through PORT MOCK [CERT KEY]         a proxy that does nothing; with TLS where a certificate is given

CUPOLA is the server's binary, MODELS the folder of the embedded model.";

/// What a figure takes where nobody says: seven entrants in three rounds then take six minutes.
const SECONDS: u64 = 4;
/// Requests of a soak where nobody says.
const SOAK_REQUESTS: u64 = 1_000_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        ["measure", cupola, models, options @ ..] => {
            let (peers, seconds) = given(options)?;
            measure::measure(Path::new(cupola), models, &peers, Duration::from_secs(seconds))
        }
        ["soak", cupola, models] => soak::soak(Path::new(cupola), models, SOAK_REQUESTS),
        ["soak", cupola, models, requests] => soak::soak(Path::new(cupola), models, number(requests)?),
        ["start", cupola, models] => start::start(Path::new(cupola), models, 5),
        ["start", cupola, models, times] => start::start(Path::new(cupola), models, number(times)?),
        ["turns", rounds, models, binaries @ ..] => turns::turns(number(rounds)?, models, binaries),
        ["train", cupola, models] => train::train(Path::new(cupola), models),
        ["mock", port] => runtime()?.block_on(mock::serve(port.parse()?)),
        ["pass-through", port, mock] => runtime()?.block_on(pass_through::serve(port.parse()?, mock, None)),
        ["pass-through", port, mock, certificate, key] => {
            let tls = certificate::server(certificate, key)?;
            runtime()?.block_on(pass_through::serve(port.parse()?, mock, Some(tls)))
        }
        _ => bail!("{HELP}"),
    }
}

/// The options of `measure`: the peers that there are, and the seconds of a figure.
fn given(options: &[&str]) -> Result<(peers::Given, u64)> {
    let (mut peers, mut seconds) = (peers::Given::default(), SECONDS);
    for option in options.chunks(2) {
        match option {
            ["--seconds", count] => seconds = number(count)?,
            ["--litellm", program] => peers.litellm = Some(program.into()),
            ["--portkey", script] => peers.portkey = Some(script.into()),
            _ => bail!("`{}` is not an option\n\n{HELP}", option.join(" ")),
        }
    }
    Ok((peers, seconds))
}

fn number<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<T> {
    text.parse().with_context(|| format!("`{text}` is not a number"))
}

/// Does `work` with a folder of its own, which is gone afterwards.
pub(crate) fn in_folder(word: &str, work: impl AsyncFnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("cupola-bench-{word}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = runtime()?.block_on(work(&folder));
    fs::remove_dir_all(&folder)?;
    outcome
}

/// One thread: each process has one core.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("the runtime cannot be started")
}
