//! Prints how long it takes to reserve and to settle, with one thread and with two on the same meter.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use metering::{Claim, Cost, Counts, Limit, Meter, Rate, Subject, Unit, Window, reserve_all};
use uuid::Uuid;

/// Requests timed together: reading the clock costs about what a reservation does.
const BATCH: u64 = 64;
const BATCHES: u64 = 20_000;
/// The simulated time between two requests: a minute's worth passes during a run, and charges leave as they do in use.
const REQUESTS_PER_MS: u64 = 20;
const COST: Cost = Cost { prompt_tokens: 300, output_tokens_cap: 700 };
const ACTUAL_TOKENS: u64 = 420;
const START_MS: u64 = 1_795_305_600_000;
const MANY: u64 = 1 << 40;

fn main() {
    println!("| reserve and settle | threads | median | p99 of batches |\n|---|---|---|---|");
    let rate = Rate { tokens_per_minute: MANY, requests_per_minute: MANY };
    let full = Rate { tokens_per_minute: 10_000, requests_per_minute: MANY };
    let day = Limit { unit: Unit::Tokens, amount: MANY, window: Window::Day, counts: Counts::Each };
    for threads in [1, 2] {
        let deployment = [Meter::of_rate("deployment", rate)];
        row("a deployment", threads, &deployment);
        row("a deployment that is full", threads, &[Meter::of_rate("deployment", full)]);
        let limits = ["caller", "group", "project"].map(|name| Meter::of_limit(name, day));
        row("a deployment and three limits", threads, &[&deployment[..], &limits].concat());
    }
}

/// Every thread is a caller of its own and comes back after each batch.
fn row(name: &str, threads: u64, meters: &[Arc<Meter>]) {
    let barrier = Barrier::new(threads as usize);
    let mut times_ns: Vec<u64> = thread::scope(|scope| {
        let barrier = &barrier;
        let callers: Vec<_> = (0..threads).map(|number| scope.spawn(move || caller(number, barrier, meters))).collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap_or_default()).collect()
    });
    times_ns.sort_unstable();
    let at = |part: f64| times_ns.get((times_ns.len() as f64 * part) as usize).copied().unwrap_or_default();
    println!("| {name} | {threads} | {} ns | {} ns |", at(0.5), at(0.99));
}

/// Nanoseconds per request, of each batch.
fn caller(number: u64, barrier: &Barrier, meters: &[Arc<Meter>]) -> Vec<u64> {
    let subject = Subject::Principal(Uuid::from_u128(u128::from(number)));
    let claims: Vec<_> = meters.iter().map(|meter| Claim { meter, subject: &subject }).collect();
    barrier.wait();
    let batch = |batch: u64| {
        let started = Instant::now();
        for request in 0..BATCH {
            let now_ms = START_MS + (batch * BATCH + request) / REQUESTS_PER_MS;
            if let Ok(reservation) = reserve_all(black_box(&claims), now_ms, COST) {
                black_box(reservation.settle(now_ms, ACTUAL_TOKENS));
            }
        }
        started.elapsed().as_nanos() as u64 / BATCH
    };
    (0..BATCHES).map(batch).collect()
}
