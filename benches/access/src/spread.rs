//! Times of many batches: the least, the middle, the near-worst.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Nanoseconds per request. A batch is timed as a whole: reading the clock costs about what a decision costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    /// Of the quickest batch.
    pub min_ns: f64,
    /// Of the middle batch.
    pub median_ns: f64,
    /// Of the batch that 99 of 100 are quicker than.
    pub p99_ns: f64,
}

impl Spread {
    /// Of times per request, nanoseconds; all zero without any.
    pub fn of(mut times_ns: Vec<f64>) -> Spread {
        times_ns.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = times_ns.len().saturating_sub(1);
            times_ns.get((last as f64 * share) as usize).copied().unwrap_or_default()
        };
        Spread { min_ns: at(0.0), median_ns: at(0.5), p99_ns: at(0.99) }
    }

    /// Runs `work` on every item, `rounds` times over, and times it in batches of `size`.
    pub fn measure<T, R>(items: &[T], size: usize, rounds: usize, mut work: impl FnMut(&T) -> R) -> Spread {
        let mut times_ns = Vec::with_capacity(rounds * items.len().div_ceil(size));
        for _ in 0..rounds {
            for batch in items.chunks(size) {
                let started = Instant::now();
                for item in batch {
                    black_box(work(black_box(item)));
                }
                times_ns.push(started.elapsed().as_nanos() as f64 / batch.len() as f64);
            }
        }
        Spread::of(times_ns)
    }
}

/// Medians of blocks that are some time apart. Where neighbours take turns with the machine, the quietest shows what the code
/// costs, and the others what they cost it.
#[derive(Clone, Copy, Debug)]
pub struct Blocks {
    /// Of the block with the least, nanoseconds per request.
    pub quietest_ns: f64,
    /// Of the one in the middle.
    pub middle_ns: f64,
    /// Of the one with the most.
    pub busiest_ns: f64,
}

impl Blocks {
    /// Takes `count` measurements with a pause after each.
    pub fn measure(count: usize, pause: Duration, mut one: impl FnMut() -> Spread) -> Blocks {
        let mut medians_ns: Vec<f64> = Vec::with_capacity(count);
        for _ in 0..count {
            medians_ns.push(one().median_ns);
            std::thread::sleep(pause);
        }
        medians_ns.sort_by(f64::total_cmp);
        let at = |place: usize| medians_ns.get(place).copied().unwrap_or_default();
        Blocks { quietest_ns: at(0), middle_ns: at(count / 2), busiest_ns: at(count.saturating_sub(1)) }
    }
}

impl fmt::Display for Blocks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} | {} | {}", shown(self.quietest_ns), shown(self.middle_ns), shown(self.busiest_ns))
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} | {} | {}", shown(self.min_ns), shown(self.median_ns), shown(self.p99_ns))
    }
}

/// Three digits and a unit.
pub fn shown(ns: f64) -> String {
    match ns {
        ns if ns >= 1e9 => format!("{:.2} s", ns / 1e9),
        ns if ns >= 1e6 => format!("{:.1} ms", ns / 1e6),
        ns if ns >= 1e4 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{ns:.0} ns"),
    }
}
