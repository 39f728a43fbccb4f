//! Meters from outside: what no order of events, no thread and no clock may do to a limit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod deployments;
mod fairness;
mod interleavings;
mod limits;
mod threads;

use metering::{Cost, Rate, Subject};
use uuid::Uuid;

const MINUTE_MS: u64 = 60_000;
/// 2026-11-22T00:00:00Z: real times are large.
const START_MS: u64 = 1_795_305_600_000;
/// Tokens alone are to refuse.
const MANY: u64 = 1_000_000_000;

fn tokens(tokens_per_minute: u64) -> Rate {
    Rate { tokens_per_minute, requests_per_minute: MANY }
}

fn person(number: u128) -> Subject {
    Subject::Principal(Uuid::from_u128(number))
}

fn cost(prompt_tokens: u64, output_tokens_cap: u64) -> Cost {
    Cost { prompt_tokens, output_tokens_cap }
}

/// The most that any minute holds of these amounts, each with its moment, in rising order.
fn fullest_minute(amounts: &[(u64, u64)]) -> u64 {
    let (mut sum, mut most, mut first) = (0, 0, 0);
    for (at_ms, amount) in amounts {
        sum += amount;
        while amounts[first].0 + MINUTE_MS <= *at_ms {
            sum -= amounts[first].1;
            first += 1;
        }
        most = most.max(sum);
    }
    most
}
