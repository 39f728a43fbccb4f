//! `cupola connection usage`: `cupola usage` of what went through one connection.

use anyhow::Result;
use clap::Args;
use store::journal::Record;

use crate::cli::usage::{By, UsageArgs, sum};

/// Which connection, and what `cupola usage` takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConnectionUsage {
    /// The connection.
    name: String,
    /// Of this account alone.
    #[arg(long, value_name = "A")]
    account: Option<String>,
    /// Asked from this project alone.
    #[arg(long, value_name = "P")]
    project: Option<String>,
    #[command(flatten)]
    usage: UsageArgs,
}

impl ConnectionUsage {
    fn is_meant(&self, record: &Record) -> bool {
        let same = |own: Option<&str>, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted)))
        };
        let connection = record.connection.as_deref().and_then(|id| id.rsplit('/').next());
        same(connection, Some(&self.name))
            && same(record.account.as_deref(), self.account.as_deref())
            && same(record.project.as_deref(), self.project.as_deref())
    }
}

/// Sums and prints, by whom unless said otherwise.
pub(super) fn usage(args: &ConnectionUsage) -> Result<()> {
    sum(&args.usage, By::Identity, |record| args.is_meant(record))
}
