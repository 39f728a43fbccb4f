#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use uuid::Uuid;

use super::*;

fn ms(text: &str) -> u64 {
    text.parse::<Timestamp>().unwrap().as_millisecond() as u64
}

#[test]
fn windows_begin_and_end_with_the_calendar() {
    let cases = [
        (Window::Minute, "2028-02-29T23:59:59.999Z", "2028-02-29T23:59:00Z", "2028-03-01T00:00:00Z"),
        (Window::Hour, "2028-02-29T23:59:59.999Z", "2028-02-29T23:00:00Z", "2028-03-01T00:00:00Z"),
        (Window::Day, "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
        (Window::Month, "2028-02-29T23:59:59.999Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        (Window::Month, "2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        (Window::Month, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"),
    ];
    for (window, at, start, end) in cases {
        assert_eq!(window.around(ms(at)), (ms(start), ms(end)), "{window} around {at}");
    }
}

#[test]
fn a_moment_beyond_the_calendar_is_in_a_window_without_end() {
    assert_eq!(Window::Month.around(u64::MAX), (0, u64::MAX));
}

#[test]
fn too_many_subjects_share_one_account() {
    let limit = Limit { unit: Unit::Tokens, amount: 10, window: Window::Day, counts: Counts::Each };
    let mut ledger = Ledger::new(limit);
    ledger.advance(0);
    let subject = |number: usize| Subject::Principal(Uuid::from_u128(number as u128));
    for number in 0..SUBJECTS_LIMIT {
        ledger.charge(&subject(number), 1);
    }
    ledger.charge(&subject(SUBJECTS_LIMIT), 10);
    assert_eq!(ledger.used.len(), SUBJECTS_LIMIT + 1);
    assert_eq!(ledger.wait_ms(0, &subject(SUBJECTS_LIMIT + 1), 1), Some(86_400_000), "shares the account");
    assert_eq!(ledger.wait_ms(0, &subject(7), 9), Some(0), "has an account of its own");
    ledger.advance(86_400_000);
    assert_eq!(ledger.used.len(), 0);
}
