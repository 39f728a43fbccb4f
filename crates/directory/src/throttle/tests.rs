#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Claimant, FAILURES_PER_ADDRESS, FAILURES_PER_WINDOW, REMEMBERED_CLIENTS, Throttle, WINDOW_S, Who};

fn claimant(client: u128) -> Claimant {
    Claimant::new(Who::Client(Uuid::from_u128(client)), IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn many_failures_close_the_door_until_the_window_ends() {
    let throttle = Throttle::default();
    for _ in 0..FAILURES_PER_WINDOW {
        assert_eq!(throttle.wait_s(claimant(1), at(100)), None);
        throttle.failed(claimant(1), at(100));
    }
    assert_eq!(throttle.wait_s(claimant(1), at(110)), Some(WINDOW_S - 10));
    assert_eq!(throttle.wait_s(claimant(2), at(110)), None, "another client is free");
    let elsewhere = Claimant::new(Who::Client(Uuid::from_u128(1)), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9)));
    assert_eq!(throttle.wait_s(elsewhere, at(110)), None, "the same client from another address is free");
    assert_eq!(throttle.wait_s(claimant(1), at(100 + WINDOW_S)), None);
}

#[test]
fn success_clears_the_count() {
    let throttle = Throttle::default();
    for _ in 0..FAILURES_PER_WINDOW {
        throttle.failed(claimant(1), at(100));
    }
    throttle.succeeded(claimant(1));
    assert_eq!(throttle.wait_s(claimant(1), at(101)), None);
}

#[test]
fn memory_is_bounded_whatever_names_are_tried() {
    let throttle = Throttle::default();
    for client in 0..(REMEMBERED_CLIENTS as u128 * 3) {
        throttle.failed(claimant(client), at(100));
    }
    assert!(throttle.failures.lock().unwrap().len() <= REMEMBERED_CLIENTS);
}

#[test]
fn a_whole_ipv6_network_is_one_caller_and_an_office_may_err_more() {
    let at_address = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
    assert_eq!(Claimant::new(Who::Anyone, at_address(1)), Claimant::new(Who::Anyone, at_address(2)));
    let throttle = Throttle::default();
    let office = Claimant::new(Who::Anyone, at_address(1));
    for _ in 0..FAILURES_PER_ADDRESS - 1 {
        throttle.failed(office, at(100));
    }
    assert_eq!(throttle.wait_s(office, at(100)), None);
    throttle.failed(office, at(100));
    assert!(throttle.wait_s(office, at(100)).is_some());
    throttle.not_failed(office);
    assert_eq!(throttle.wait_s(office, at(100)), None, "what was no failure does not count");
}
