#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

const MINUTE_MS: u64 = 60_000;

#[test]
fn a_charge_leaves_a_period_later_to_the_millisecond() {
    let mut window = Sliding::new(MINUTE_MS, 100);
    let start = 1_790_000_000_123;
    window.advance(start);
    window.charge(start, 7);
    window.advance(start + MINUTE_MS - 1);
    assert_eq!((window.total(), window.falls_to_ms(start + MINUTE_MS - 1, 0)), (7, 1));
    window.advance(start + MINUTE_MS);
    assert_eq!((window.total(), window.falls_to_ms(start + MINUTE_MS, 0)), (0, 0));
}

#[test]
fn a_refund_after_the_period_goes_to_nobody() {
    let mut window = Sliding::new(MINUTE_MS, 100);
    window.advance(0);
    window.charge(0, 10);
    window.refund(0, 4);
    assert_eq!(window.total(), 6);
    // The same place, one round later.
    let later_ms = MINUTE_MS + MINUTE_MS / 100;
    window.advance(later_ms);
    window.charge(later_ms, 10);
    window.refund(0, 6);
    assert_eq!(window.total(), 10);
}

#[test]
fn a_refund_is_never_more_than_was_charged() {
    let mut window = Sliding::new(MINUTE_MS, 100);
    window.advance(0);
    window.charge(0, 10);
    window.refund(0, 100);
    assert_eq!(window.total(), 0);
}

#[test]
fn the_wait_is_until_enough_has_left() {
    let mut window = Sliding::new(MINUTE_MS, 100);
    for second in 0..10 {
        window.advance(second * 1000);
        window.charge(second * 1000, 10);
    }
    assert_eq!(window.falls_to_ms(9_000, 100), 0);
    assert_eq!(window.falls_to_ms(9_000, 99), MINUTE_MS - 9_000);
    assert_eq!(window.falls_to_ms(9_000, 70), MINUTE_MS + 2_000 - 9_000);
    assert_eq!(window.falls_to_ms(9_000, 0), MINUTE_MS);
}
