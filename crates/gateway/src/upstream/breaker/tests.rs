#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use super::{Breaker, FAILURES_TO_OPEN, FIRST_REST, Health, LONGEST_REST};

fn bad() -> Health {
    Health::Bad("connection refused".to_owned())
}

/// A breaker that has just opened, and when.
fn opened() -> (Breaker, Instant) {
    let (breaker, now) = (Breaker::default(), Instant::now());
    for _ in 0..FAILURES_TO_OPEN {
        breaker.admit(now).unwrap().report(&bad(), now);
    }
    (breaker, now)
}

#[test]
fn several_failures_in_a_row_make_it_rest_and_it_says_why() {
    let (breaker, now) = opened();
    let resting = breaker.admit(now).err().unwrap();
    assert_eq!((resting.reason.as_str(), resting.remaining), ("connection refused", FIRST_REST));
}

#[test]
fn one_success_between_failures_keeps_it_awake() {
    let (breaker, now) = (Breaker::default(), Instant::now());
    for _ in 0..3 {
        (1..FAILURES_TO_OPEN).for_each(|_| breaker.admit(now).unwrap().report(&bad(), now));
        breaker.admit(now).unwrap().report(&Health::Good, now);
    }
    assert!(breaker.admit(now).is_ok());
}

#[test]
fn after_a_rest_one_request_tries_and_the_others_wait_for_its_word() {
    let (breaker, now) = opened();
    let later = now + FIRST_REST;
    let trial = breaker.admit(later).unwrap();
    assert!(breaker.admit(later).is_err());
    trial.report(&Health::Good, later);
    assert!(breaker.admit(later).is_ok() && breaker.admit(later).is_ok());
}

#[test]
fn each_failed_trial_doubles_the_rest_up_to_a_limit() {
    let (breaker, mut now) = opened();
    let mut rest = FIRST_REST;
    for _ in 0..12 {
        now += rest;
        breaker.admit(now).unwrap().report(&bad(), now);
        rest = (rest * 2).min(LONGEST_REST);
        assert_eq!(breaker.admit(now).err().unwrap().remaining, rest);
    }
}

#[test]
fn those_that_were_under_way_when_it_opened_do_not_lengthen_its_rest() {
    let (breaker, now) = (Breaker::default(), Instant::now());
    let under_way: Vec<_> = (0..100).map(|_| breaker.admit(now).unwrap()).collect();
    under_way.into_iter().for_each(|pass| pass.report(&bad(), now));
    assert_eq!(breaker.admit(now).err().unwrap().remaining, FIRST_REST);
}

#[test]
fn a_trial_whose_client_went_away_leaves_the_next_to_try() {
    let (breaker, now) = opened();
    drop(breaker.admit(now + FIRST_REST).unwrap());
    assert!(breaker.admit(now + FIRST_REST).is_ok());
}

#[test]
fn who_is_busy_rests_for_as_long_as_it_said() {
    let (breaker, now) = (Breaker::default(), Instant::now());
    breaker.admit(now).unwrap().report(&Health::Busy(Duration::from_secs(7)), now);
    assert_eq!(breaker.admit(now).err().unwrap().remaining, Duration::from_secs(7));
    assert!(breaker.admit(now + Duration::from_secs(7)).is_ok());
}
