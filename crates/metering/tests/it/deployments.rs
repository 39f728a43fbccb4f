//! The minute of a deployment.

use metering::{Gauge, Meter, Rate, Standing, Which};

use crate::{MINUTE_MS, START_MS, cost, person, tokens};

#[test]
fn a_burst_at_the_edge_of_a_minute_counts_in_both() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let edge_ms = START_MS + MINUTE_MS;
    drop(meter.reserve(edge_ms - 1_000, &person(1), cost(1000, 0)).unwrap());
    let refusal = meter.reserve(edge_ms + 1_000, &person(1), cost(1, 0)).unwrap_err();
    assert_eq!(refusal.retry_after_ms, Some(58_000));
    assert!(meter.reserve(edge_ms + 59_000, &person(1), cost(1000, 0)).is_ok());
}

#[test]
fn what_was_not_used_can_be_used_by_others() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let reservation = meter.reserve(START_MS, &person(1), cost(200, 800)).unwrap();
    assert!(meter.reserve(START_MS + 10, &person(1), cost(1, 0)).is_err());
    assert_eq!(reservation.settle(START_MS + 20, 300).unused_tokens, 700);
    assert!(meter.reserve(START_MS + 30, &person(1), cost(700, 0)).is_ok());
}

#[test]
fn what_is_settled_after_its_window_goes_to_nobody() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let late = meter.reserve(START_MS, &person(1), cost(0, 1000)).unwrap();
    // Where a count of hundred slices and one comes round.
    let next_ms = START_MS + MINUTE_MS + MINUTE_MS / 100;
    drop(meter.reserve(next_ms, &person(1), cost(900, 0)).unwrap());
    late.settle(next_ms + 10, 0);
    let refusal = meter.reserve(next_ms + 20, &person(1), cost(101, 0)).unwrap_err();
    assert_eq!(refusal.which, Which::Tokens);
}

#[test]
fn a_reservation_that_is_lost_leaves_with_its_window() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    drop(meter.reserve(START_MS, &person(1), cost(500, 500)).unwrap());
    assert!(meter.reserve(START_MS + MINUTE_MS - 1, &person(1), cost(1, 0)).is_err());
    assert!(meter.reserve(START_MS + MINUTE_MS, &person(1), cost(1000, 0)).is_ok());
}

#[test]
fn an_overdraft_makes_less_admitted_next() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let reservation = meter.reserve(START_MS, &person(1), cost(100, 100)).unwrap();
    let settled = reservation.settle(START_MS + 5_000, 700);
    assert_eq!((settled.unused_tokens, settled.overdraft_tokens), (0, 500));
    let refusal = meter.reserve(START_MS + 5_000, &person(1), cost(301, 0)).unwrap_err();
    assert_eq!(refusal.retry_after_ms, Some(55_000), "until the reservation leaves");
    assert!(
        meter.reserve(START_MS + 60_000, &person(1), cost(501, 0)).is_err(),
        "the overdraft is five seconds younger"
    );
    assert!(meter.reserve(START_MS + 65_000, &person(1), cost(1000, 0)).is_ok());
}

#[test]
fn a_release_gives_the_tokens_back_and_not_the_request() {
    let meter = Meter::of_rate("o3-mini", Rate { tokens_per_minute: 1000, requests_per_minute: 1 });
    let reservation = meter.reserve(START_MS, &person(1), cost(500, 500)).unwrap();
    assert_eq!(reservation.release(START_MS).unused_tokens, 1000);
    let refusal = meter.reserve(START_MS + 1, &person(1), cost(1000, 0)).unwrap_err();
    assert_eq!((refusal.which, refusal.limit, refusal.retry_after_s()), (Which::Requests, 1, Some(60)));
}

#[test]
fn reservations_have_numbers_of_their_own() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let ids: Vec<u64> = (0..3).map(|_| meter.reserve(START_MS, &person(1), cost(1, 1)).unwrap().id()).collect();
    assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
}

#[test]
fn a_request_larger_than_the_limit_is_never_admitted() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    let refusal = meter.reserve(START_MS, &person(1), cost(600, 401)).unwrap_err();
    assert!(refusal.is_never());
    assert_eq!(
        refusal.to_string(),
        "`gpt` admits 1000 tokens per minute; one request of this size is more: send less, lower its `max_tokens` or raise \
         the limit"
    );
    assert!(meter.reserve(START_MS, &person(1), cost(u64::MAX, u64::MAX)).is_err());
}

#[test]
fn a_capacity_unit_is_six_requests_spread_over_the_minute() {
    let meter = Meter::of_rate("gpt", Rate { tokens_per_minute: 1000, requests_per_minute: 6 });
    drop(meter.reserve(START_MS, &person(1), cost(10, 10)).unwrap());
    let refusal = meter.reserve(START_MS + 4_000, &person(1), cost(10, 10)).unwrap_err();
    assert_eq!(refusal.to_string(), "`gpt` admits 6 requests per minute; try again in 6 s");
    assert!(meter.reserve(START_MS + 10_000, &person(1), cost(10, 10)).is_ok());
}

#[test]
fn the_standing_is_what_can_be_had() {
    let meter = Meter::of_rate("gpt", Rate { tokens_per_minute: 1000, requests_per_minute: 600 });
    let gauges = |(tokens, tokens_reset_s): (u64, u64), (requests, requests_reset_s): (u64, u64)| Standing {
        tokens: Some(Gauge { limit: 1000, remaining: tokens, reset_s: tokens_reset_s }),
        requests: Some(Gauge { limit: 600, remaining: requests, reset_s: requests_reset_s }),
    };
    assert_eq!(meter.standing(START_MS, &person(1)), gauges((1000, 0), (600, 0)));
    let reservation = meter.reserve(START_MS, &person(1), cost(100, 300)).unwrap();
    assert_eq!(meter.standing(START_MS + 10_500, &person(1)), gauges((600, 50), (599, 50)));
    reservation.settle(START_MS + 10_500, 150);
    assert_eq!(meter.standing(START_MS + 10_500, &person(1)), gauges((850, 50), (599, 50)));
    for _ in 0..10 {
        drop(meter.reserve(START_MS + 20_000, &person(1), cost(1, 0)).unwrap());
    }
    assert_eq!(meter.standing(START_MS + 20_000, &person(1)), gauges((840, 60), (0, 60)), "the second is full");
}

#[test]
fn a_new_rate_counts_what_was_used() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    drop(meter.reserve(START_MS, &person(1), cost(800, 0)).unwrap());
    meter.set_rate(START_MS + 1_000, tokens(500));
    let refusal = meter.reserve(START_MS + 2_000, &person(1), cost(1, 0)).unwrap_err();
    assert_eq!((refusal.limit, refusal.retry_after_ms), (500, Some(58_000)));
    meter.set_rate(START_MS + 3_000, tokens(2000));
    assert!(meter.reserve(START_MS + 3_000, &person(1), cost(1201, 0)).is_err());
    assert!(meter.reserve(START_MS + 3_000, &person(1), cost(1200, 0)).is_ok());
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let meter = Meter::of_rate("gpt", tokens(1000));
    drop(meter.reserve(START_MS + MINUTE_MS, &person(1), cost(1000, 0)).unwrap());
    let refusal = meter.reserve(START_MS, &person(1), cost(1, 0)).unwrap_err();
    assert_eq!(refusal.retry_after_ms, Some(MINUTE_MS));
    assert!(meter.reserve(START_MS + 2 * MINUTE_MS, &person(1), cost(1000, 0)).is_ok());
}
