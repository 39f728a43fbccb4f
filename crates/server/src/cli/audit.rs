//! `cupola audit`: reads the journal of a data folder; needs no running server.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use store::Journal;
use store::journal::TailItem;

/// How long `--follow` sleeps when there is nothing new: short for a person, long for a processor.
const FOLLOW_PAUSE: Duration = Duration::from_millis(200);

/// Prints every record, oldest first; with `follow` goes on until it is stopped or nobody reads.
pub(super) fn tail(data_dir: &Path, follow: bool) -> Result<()> {
    ensure!(data_dir.is_dir(), "`{}` is not a data folder", data_dir.display());
    let mut tail = Journal::tail(data_dir).context("the journal cannot be read")?;
    let mut out = BufWriter::new(io::stdout().lock());
    loop {
        let items = tail.read().context("the journal cannot be read")?;
        let is_at_end = items.is_empty();
        match print(&mut out, &items) {
            // `audit tail | head` has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            printed => printed.context("stdout cannot be written")?,
        }
        match (is_at_end, follow) {
            (false, _) => {}
            (true, true) => thread::sleep(FOLLOW_PAUSE),
            (true, false) => return Ok(()),
        }
    }
}

fn print(out: &mut impl Write, items: &[TailItem]) -> io::Result<()> {
    for item in items {
        match item {
            TailItem::Record(json) => writeln!(out, "{json}")?,
            TailItem::Damaged { file, offset } => {
                writeln!(io::stderr(), "cupola: a damaged record in `{}` at byte {offset}", file.display())?;
            }
        }
    }
    out.flush()
}
