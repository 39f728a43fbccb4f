//! From the start of the process to its first answer, and what it holds in memory then.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::child;
use crate::cupola::{Cupola, Start};
use crate::in_folder;
use crate::process::{Memory, memory};

/// A route that anybody may ask: the first answer.
const FIRST: &str = "/metadata/endpoints?api-version=2022-09-01";

/// One start.
struct Seen {
    ready: Duration,
    answered: Duration,
    idle_kib: u64,
    most_kib: u64,
}

/// Measures and prints the table.
pub(crate) fn start(binary: &Path, models: &str, times: usize) -> Result<()> {
    in_folder("start", async |folder| starts(binary, models, folder, times).await)
}

async fn starts(binary: &Path, models: &str, folder: &Path, times: usize) -> Result<()> {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for time in 0..times {
        let data_dir = folder.join(format!("data-{time}"));
        let start = Start { binary, data_dir: &data_dir, models, catalog: None, mock: None, plain: None };
        let (seen, server) = one(&start).await?;
        first.push(seen);
        child::terminate(server.running)?;
        let (seen, server) = one(&start).await?;
        later.push(seen);
        if time + 1 == times {
            loaded(&server).await?;
        }
        child::terminate(server.running)?;
    }
    println!("| start | ready ms | first 200 ms | RSS then MiB | most MiB |\n|---|---|---|---|---|");
    print("first, empty folder", first);
    print("later, same folder", later);
    Ok(())
}

/// Starts, asks once.
async fn one(start: &Start<'_>) -> Result<(Seen, Cupola)> {
    let started = Instant::now();
    let server = start.run()?;
    let target = server.target()?;
    let mut connection = target.connect().await?;
    let answer = connection.exchange(&target.raw("GET", FIRST, "application/json", "")).await?;
    ensure!(answer.status == 200, "status {}", answer.status);
    let answered = started.elapsed();
    let Memory { now_kib: idle_kib, most_kib, .. } = memory(server.running.0.id())?;
    Ok((Seen { ready: server.ready_after, answered, idle_kib, most_kib }, server))
}

/// Memory with tokens issued, and with the embedded model read.
async fn loaded(server: &Cupola) -> Result<()> {
    let pid = server.running.0.id();
    let mib = |kib: u64| kib as f64 / 1024.0;
    let before = memory(pid)?.now_kib;
    let target = server.furnish_embedded().await?;
    let signed_in = memory(pid)?.now_kib;
    let asked = Instant::now();
    let body = r#"{"model":"chat","messages":[{"role":"user","content":"Say hello."}],"max_tokens":8}"#;
    let mut connection = target.connect().await?;
    let answer = connection.exchange(&target.raw("POST", &target.path, "application/json", body)).await?;
    ensure!(answer.status == 200, "status {}: {}", answer.status, answer.text());
    let took = asked.elapsed();
    let Memory { now_kib: now, most_kib: most, .. } = memory(pid)?;
    println!(
        "RSS {:.1} MiB idle, {:.1} MiB after sign-in, {:.1} MiB with the embedded model read ({:.1} MiB at most); the first \
         completion, with reading the model, took {:.0} ms.\n",
        mib(before),
        mib(signed_in),
        mib(now),
        mib(most),
        took.as_secs_f64() * 1e3
    );
    Ok(())
}

fn print(name: &str, seen: Vec<Seen>) {
    let middle = |of: &dyn Fn(&Seen) -> f64| {
        let mut values: Vec<f64> = seen.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    println!(
        "| {name} | {:.0} | {:.0} | {:.1} | {:.1} |",
        middle(&|seen| seen.ready.as_secs_f64() * 1e3),
        middle(&|seen| seen.answered.as_secs_f64() * 1e3),
        middle(&|seen| seen.idle_kib as f64 / 1024.0),
        middle(&|seen| seen.most_kib as f64 / 1024.0),
    );
}
