//! Several callers of one deployment.

use std::sync::Arc;

use metering::{Meter, Which};

use crate::{MINUTE_MS, START_MS, cost, person, tokens};

const LIMIT: u64 = 60_000;
const MINUTES: u64 = 10;
const STEP_MS: u64 = 100;

/// What each caller got per minute after the first two, who asks for a request of its size at every step, the first caller
/// first.
fn served(meter: &Arc<Meter>, sizes: &[u64]) -> Vec<u64> {
    let mut got = vec![0; sizes.len()];
    for now_ms in (START_MS..START_MS + MINUTES * MINUTE_MS).step_by(STEP_MS as usize) {
        for (number, size) in sizes.iter().enumerate() {
            let reserved = meter.reserve(now_ms, &person(number as u128), cost(*size, 0));
            if reserved.is_ok() && now_ms >= START_MS + 2 * MINUTE_MS {
                got[number] += size;
            }
        }
    }
    got.into_iter().map(|got| got / (MINUTES - 2)).collect()
}

#[test]
fn a_small_caller_is_served_behind_a_big_one() {
    // The big one wants ten times the limit, the small one a tenth of it.
    let got = served(&Meter::of_rate("gpt", tokens(LIMIT)), &[1000, 10]);
    assert!(got[1] >= 5_400, "the small one gets at least nine tenths of its 6000: {got:?}");
    assert!(got[0] + got[1] >= LIMIT * 93 / 100, "what it leaves, the big one has: {got:?}");
}

#[test]
fn equal_wishes_get_equal_parts() {
    let got = served(&Meter::of_rate("gpt", tokens(LIMIT)), &[500, 500, 500, 500]);
    assert!(got.iter().all(|got| (LIMIT * 22 / 100..=LIMIT * 26 / 100).contains(got)), "{got:?}");
}

#[test]
fn a_caller_alone_has_the_whole_limit() {
    let got = served(&Meter::of_rate("gpt", tokens(LIMIT)), &[1000]);
    assert!(got[0] >= LIMIT * 93 / 100, "{got:?}");
}

#[test]
fn who_has_more_than_its_share_is_told_so() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let (big, small) = (person(1), person(2));
    drop(meter.reserve(START_MS, &big, cost(900, 0)).unwrap());
    assert_eq!(meter.reserve(START_MS, &small, cost(200, 0)).unwrap_err().which, Which::Tokens);
    let refusal = meter.reserve(START_MS, &big, cost(50, 0)).unwrap_err();
    assert_eq!((refusal.which, refusal.limit), (Which::Share, 800));
    assert_eq!(
        refusal.to_string(),
        "`gpt` is used by several callers, and a share of it is 800 tokens per minute; try again in 60 s"
    );
    assert!(meter.reserve(START_MS, &small, cost(50, 0)).is_ok());
}
