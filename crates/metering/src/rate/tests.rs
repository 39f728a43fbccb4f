#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

#[test]
fn a_capacity_unit_is_worth_what_is_documented_for_its_model() {
    let models = ["gpt-4o", "o1", "o1-mini", "o3", "o3-mini", "o3-pro", "O4-mini", "o1-like"];
    let rates = models.map(|model| {
        let rate = Rate::of(60, Ratio::of_model(model));
        (model, rate.tokens_per_minute, rate.requests_per_minute)
    });
    assert_eq!(
        rates,
        [
            ("gpt-4o", 60_000, 360),
            ("o1", 60_000, 10),
            ("o1-mini", 60_000, 6),
            ("o3", 60_000, 60),
            ("o3-mini", 60_000, 6),
            ("o3-pro", 60_000, 6),
            ("O4-mini", 60_000, 60),
            ("o1-like", 60_000, 360),
        ]
    );
}

#[test]
fn a_small_deployment_has_one_request_a_minute() {
    assert_eq!(Rate::of(9, Ratio::of_model("o3-mini")).requests_per_minute, 1);
    assert_eq!(Rate::of(29, Ratio::of_model("o3-mini")).requests_per_minute, 2);
}

#[test]
fn no_capacity_is_beyond_the_arithmetic() {
    assert_eq!(Rate::of(u64::MAX, USUAL).tokens_per_minute, u64::MAX);
}
