//! What does the gateway cost beside what any proxy costs?
//!
//! `measure` starts everything: the mock provider, a bare proxy, `cupola serve`, and puts the same load on each. `start` starts the server
//! alone, several times. The other words are the processes that `measure` starts.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

mod answer;
mod certificate;
mod child;
mod cupola;
mod load;
mod measure;
mod mock;
mod pass_through;
mod process;
mod start;

const HELP: &str = "\
bench-gateway <command>

  measure CUPOLA MODELS [SECONDS]       the whole comparison, SECONDS (default 4) for each figure and round
  start CUPOLA MODELS [TIMES]           cold start and memory of the server, TIMES (default 5) times
  mock PORT                             a provider that answers at once, and streams 64 events 5 ms apart
  pass-through PORT MOCK [CERT KEY]     a proxy that does nothing; with TLS where a certificate is given

CUPOLA is the server's binary, MODELS the folder of the embedded model.";

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
        ["measure", cupola, models] => measure::measure(&PathBuf::from(cupola), models, Duration::from_secs(4)),
        ["measure", cupola, models, seconds] => {
            measure::measure(&PathBuf::from(cupola), models, Duration::from_secs(number(seconds)?))
        }
        ["start", cupola, models] => start::start(&PathBuf::from(cupola), models, 5),
        ["start", cupola, models, times] => start::start(&PathBuf::from(cupola), models, number(times)?),
        ["mock", port] => runtime()?.block_on(mock::serve(port.parse()?)),
        ["pass-through", port, mock] => runtime()?.block_on(pass_through::serve(port.parse()?, mock, None)),
        ["pass-through", port, mock, certificate, key] => {
            let tls = certificate::server(certificate, key)?;
            runtime()?.block_on(pass_through::serve(port.parse()?, mock, Some(tls)))
        }
        _ => bail!("{HELP}"),
    }
}

fn number<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<T> {
    text.parse().with_context(|| format!("`{text}` is not a number"))
}

/// One thread: each process has one core.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("the runtime cannot be started")
}
