//! `cupola usage`: what was used, by whom, and what did it cost? Reads the journal of a data folder; needs no running server.

mod grouping;
mod period;
mod prices;
mod show;
mod sums;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::Timestamp;
use store::journal::{Journal, Record, TailItem};

use crate::assemble;
use crate::config::Config;
pub(in crate::cli) use grouping::By;
use grouping::Grouping;
use period::{Moment, Period};
use prices::PriceBook;
use sums::Table;

/// The examples of the command, and how its numbers come about.
pub(super) const EXAMPLES: &str = "Examples:
  cupola usage --data-dir ./demo --by deployment --since 24h
  cupola usage --data-dir /var/lib/cupola --config cupola.toml --by group --since 2026-11-01 --until 2026-12-01
  cupola usage --data-dir ./demo --by identity --since 7d --json

Every request of the data plane is in one of three columns: answered; refused, by access or by a limit; failed. What was refused
has cost nothing. Of the tokens, cached and cache-write are part of the prompt's, reasoning is part of the completion's; `est.` is
the share of tokens that were estimated here because the provider did not say.

The cost is computed now, with the prices of the time of each request: the model catalog's `price` first, then the list price of
the provider whose address it is. `-` is not known, and `+` after a sum means that some of it is not known; give those models a
`price` in the catalog that `--config` (or CUPOLA_MODEL_CATALOG) names.";

/// What `usage` is given.
#[derive(Debug, Args)]
pub(super) struct UsageArgs {
    /// The data folder, also while its server runs.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// What a line of the answer stands for; a deployment when unset, and of one connection an identity.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// From when: `24h`, `7d`, `2026-11-01` (UTC) or `2026-11-01T08:00:00Z`; from the first record when unset.
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,
    /// Until when, in the same forms, itself not included; until now when unset.
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,
    /// The configuration of the server, for the prices of its model catalog.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Prints JSON lines: one for each, and one for all.
    #[arg(long)]
    json: bool,
}

/// Sums and prints what was used of everything.
pub(super) fn usage(args: &UsageArgs) -> Result<()> {
    sum(args, By::Deployment, |_| true)
}

/// Sums and prints what `is_meant`, by `usual` where the caller says nothing.
pub(super) fn sum(args: &UsageArgs, usual: By, is_meant: impl Fn(&Record) -> bool) -> Result<()> {
    let by = args.by.unwrap_or(usual);
    let dir = &args.data_dir;
    ensure!(dir.is_dir(), "`{}` is not a data folder; name the one that the server was started with", dir.display());
    let period = Period::of(args.since, args.until, Timestamp::now())?;
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let catalog = assemble::catalog(&Config::read(args.config.as_deref(), variable)?)?;
    let world = match by.needs_directory() {
        true => Some(super::runtime()?.block_on(store::read_only(dir))?),
        false => None,
    };
    let mut grouping = Grouping::new(by, world);
    let mut prices = PriceBook::of(&catalog);
    let mut table = Table::default();
    each_record(dir, |record| {
        if period.contains(record.time) && grouping::is_use(record) && is_meant(record) {
            table.add(&grouping.keys_of(record), record, prices.cost(record));
        }
    })?;
    let printed = match args.json {
        true => show::json(by, period, &table)?,
        false => show::text(by, period, &table),
    };
    match io::stdout().write_all(printed.as_bytes()) {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("stdout cannot be written"),
    }
}

/// Gives every record to `see`, oldest first, a thousand in memory at a time. What is damaged is named on stderr.
fn each_record(dir: &Path, mut see: impl FnMut(&Record)) -> Result<()> {
    let mut tail = Journal::tail(dir).context("the journal cannot be read")?;
    loop {
        let items = tail.read().context("the journal cannot be read")?;
        if items.is_empty() {
            return Ok(());
        }
        for item in items {
            match item {
                TailItem::Record(json) => match serde_json::from_str(&json) {
                    Ok(record) => see(&record),
                    Err(error) => {
                        writeln!(io::stderr(), "cupola: a record that cannot be read is not counted: {error}")?
                    }
                },
                TailItem::Damaged { file, offset } => {
                    let file = file.display();
                    writeln!(io::stderr(), "cupola: a damaged record in `{file}` at byte {offset} is not counted")?;
                }
            }
        }
    }
}
