//! Whether the server holds its memory: a million requests, then a thousand streams at once.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::entrants::Governed;
use crate::load::{self, Until};
use crate::measure::MANY;
use crate::process::{Memory, forget_most, memory};
use crate::{child, in_folder};

/// Memory is looked at so many times, at even distances.
const LOOKS: u64 = 10;
/// What the server may hold, with the embedded model not loaded.
const MEMORY_MIB: f64 = 25.0;
/// What it may grow by with each request, bytes: a single word kept for each would be eight.
const GROWTH_BYTES: f64 = 1.0;
const STREAMS: usize = 1000;

/// Loads the server and prints what it holds; it is an error if that is too much or grows.
pub(crate) fn soak(binary: &Path, models: &str, requests: u64) -> Result<()> {
    in_folder("soak", async |folder| hold(binary, models, folder, requests).await)
}

async fn hold(binary: &Path, models: &str, folder: &Path, requests: u64) -> Result<()> {
    let server = Governed::start(binary, models, folder).await?;
    let pid = server.cupola.running.0.id();
    let mib = |kib: u64| kib as f64 / 1024.0;
    println!("\n| requests | RSS MiB | of it anonymous | req/s | CPU-µs/request |\n|---|---|---|---|---|");
    let Memory { now_kib, anonymous_kib, .. } = memory(pid)?;
    println!("| 0 | {:.1} | {:.1} | | |", mib(now_kib), mib(anonymous_kib));
    let (each, mut looks) = ((requests / LOOKS).max(1), Vec::new());
    for look in 1..=LOOKS {
        let seen = load::run(&server.plain, MANY, false, Until::Sent(each), Some(pid)).await?;
        let Memory { now_kib, anonymous_kib, .. } = memory(pid)?;
        looks.push(((look * each) as f64, anonymous_kib as f64 * 1024.0));
        let cpu = seen.cpu_us(seen.requests).unwrap_or_default();
        let (now, anonymous) = (mib(now_kib), mib(anonymous_kib));
        println!("| {} | {now:.1} | {anonymous:.1} | {:.0} | {cpu:.1} |", look * each, seen.per_second);
    }
    let (growth, after) = (slope(&looks), mib(memory(pid)?.now_kib));
    println!(
        "\nGrowth from the first look to the last, by anonymous memory: {growth:.2} bytes a request (at most {GROWTH_BYTES})."
    );
    println!("After {} requests: {after:.1} MiB (at most {MEMORY_MIB}).", LOOKS * each);
    streams(&server, pid).await?;
    child::terminate(server.cupola.running)?;
    ensure!(growth <= GROWTH_BYTES, "the server grows by {growth:.2} bytes with each request");
    ensure!(after <= MEMORY_MIB, "the server holds {after:.1} MiB");
    Ok(())
}

/// All of them at once; each must come whole.
async fn streams(server: &Governed, pid: u32) -> Result<()> {
    forget_most(pid)?;
    let seen = load::run(&server.plain, STREAMS, true, Until::Sent(STREAMS as u64), Some(pid)).await?;
    let Memory { now_kib: now, most_kib: most, .. } = memory(pid)?;
    println!(
        "{} streams at once, {} tokens, all whole: CPU-µs/token {:.1}, first token p50 / p99 {} / {} ms, gap p50 / p99 {} / {} µs, \
         RSS {:.1} MiB at most and {:.1} MiB after. (The mock and the load share one core: at 200 000 events a second they are late \
         themselves.)",
        seen.requests,
        seen.tokens,
        seen.cpu_us(seen.tokens).unwrap_or_default(),
        seen.first_token.value_at_quantile(0.5) / 1000,
        seen.first_token.value_at_quantile(0.99) / 1000,
        seen.gap.value_at_quantile(0.5),
        seen.gap.value_at_quantile(0.99),
        most as f64 / 1024.0,
        now as f64 / 1024.0,
    );
    Ok(())
}

/// The slope of the line that fits best.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (both, square) = points.iter().fold((0.0, 0.0), |(both, square), point| {
        (both + (point.0 - x) * (point.1 - y), square + (point.0 - x).powi(2))
    });
    if square > 0.0 { both / square } else { 0.0 }
}
