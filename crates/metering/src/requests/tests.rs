#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

/// Admits whatever can be, asking every `step_ms`; answers the moments.
fn admitted(requests: &mut Requests, from_ms: u64, to_ms: u64, step_ms: u64) -> Vec<u64> {
    let mut moments = Vec::new();
    for now_ms in (from_ms..to_ms).step_by(step_ms as usize) {
        requests.advance(now_ms);
        while requests.wait_ms(now_ms) == Some(0) {
            requests.charge(now_ms);
            moments.push(now_ms);
        }
    }
    moments
}

/// Most moments, in rising order, within any stretch of this length.
fn most_within(moments: &[u64], period_ms: u64) -> usize {
    let (mut most, mut first) = (0, 0);
    for (index, at) in moments.iter().enumerate() {
        while moments[first] + period_ms <= *at {
            first += 1;
        }
        most = most.max(index + 1 - first);
    }
    most
}

#[test]
fn six_a_minute_is_one_in_ten_seconds() {
    let moments = admitted(&mut Requests::new(6), 0, 120_000, 1_000);
    assert_eq!(moments, (0..12).map(|at| at * 10_000).collect::<Vec<_>>());
}

#[test]
fn six_hundred_a_minute_are_ten_in_a_second() {
    let moments = admitted(&mut Requests::new(600), 0, 120_000, 10);
    assert_eq!(most_within(&moments, 1_000), 10);
    assert_eq!(most_within(&moments, 60_000), 600);
}

#[test]
fn a_steady_client_is_never_refused_at_the_limit() {
    for (per_minute, every_ms) in [(6, 10_000), (60, 1_000), (600, 100), (6_000, 10)] {
        let mut requests = Requests::new(per_minute);
        for now_ms in (0..180_000).step_by(every_ms) {
            requests.advance(now_ms);
            assert_eq!(requests.wait_ms(now_ms), Some(0), "{per_minute} a minute, at {now_ms}");
            requests.charge(now_ms);
        }
    }
}

#[test]
fn a_dense_limit_is_used_to_a_hundredth() {
    let moments = admitted(&mut Requests::new(60_000), 0, 120_000, 1);
    assert_eq!(most_within(&moments, 1_000), 1_000);
    assert!(moments.len() >= 118_000, "{}", moments.len());
}

#[test]
fn a_share_that_is_no_whole_number_keeps_the_minute_exact() {
    for per_minute in [1, 5, 7, 10, 100, 599, 601, 1000] {
        let moments = admitted(&mut Requests::new(per_minute), 0, 600_000, 50);
        assert_eq!(most_within(&moments, MINUTE_MS) as u64, per_minute, "{per_minute} a minute");
        assert!(moments.len() as u64 * 100 >= per_minute * 10 * 97, "{per_minute}: only {} used", moments.len());
    }
}

#[test]
fn the_first_request_of_a_slow_deployment_does_not_wait() {
    let mut requests = Requests::new(1);
    requests.advance(0);
    assert_eq!(requests.wait_ms(0), Some(0));
    requests.charge(0);
    assert_eq!(requests.wait_ms(0), Some(MINUTE_MS));
}

#[test]
fn a_lowered_limit_counts_what_was_used() {
    let mut requests = Requests::new(600);
    let moments = admitted(&mut requests, 0, 30_000, 10);
    assert_eq!(moments.len(), 300);
    requests.set_limit(30_000, 6);
    let after = admitted(&mut requests, 30_000, 89_000, 1_000);
    assert_eq!(after, [0_u64; 0], "300 in the last minute are more than six");
    assert_eq!(admitted(&mut requests, 90_000, 110_000, 1_000), [90_000, 100_000]);
}

#[test]
fn a_limit_of_nothing_never_admits() {
    let mut requests = Requests::new(0);
    requests.advance(0);
    assert_eq!((requests.wait_ms(0), requests.remaining(0)), (None, 0));
}
