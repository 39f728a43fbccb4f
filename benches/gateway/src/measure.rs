//! Each entrant under the same load, in rounds that take turns, so that a slow minute slows all of them.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::entrants::{Entrant, Field, Round};
use crate::load::{self, Until};
use crate::process::memory;
use crate::{child, in_folder, peers, table};

/// Each figure is the middle one of so many rounds.
const ROUNDS: usize = 3;
/// Connections of the runs with many, streams or not.
pub(crate) const MANY: usize = 32;

/// Measures and prints the tables.
pub(crate) fn measure(binary: &Path, models: &str, peers: &peers::Given, time: Duration) -> Result<()> {
    in_folder("measure", async |folder| compare(binary, models, folder, peers, time).await)
}

async fn compare(binary: &Path, models: &str, folder: &Path, peers: &peers::Given, time: Duration) -> Result<()> {
    let mut field = Field::line_up(binary, models, folder, peers).await?;
    for round in 1..=ROUNDS {
        for entrant in &mut field.entrants {
            let name = entrant.kind.name();
            eprintln!("round {round} of {ROUNDS}: {name}");
            match one(entrant, Until::Passed(time)).await {
                Ok(seen) => entrant.rounds.push(seen),
                Err(error) if entrant.kind.is_peer() => println!("{name} is left out: {error:#}"),
                Err(error) => return Err(error.context(name)),
            }
        }
        field.entrants.retain(|entrant| entrant.rounds.len() == round);
    }
    table::print(&field.entrants);
    child::terminate(field.governed.cupola.running)
}

async fn one(entrant: &Entrant, until: Until) -> Result<Round> {
    let pid = entrant.pid;
    let run = |connections, is_stream| load::run(&entrant.target, connections, is_stream, until.clone(), Some(pid));
    let (single, many) = (run(1, false).await?, run(MANY, false).await?);
    let (stream, streams) = (run(1, true).await?, run(MANY, true).await?);
    Ok(Round { single, many, stream, streams, memory_kib: memory(pid)?.now_kib })
}
