#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use uuid::Uuid;

use super::*;

#[test]
fn the_level_is_where_the_wishes_fill_the_limit() {
    let cases: [(&[u64], u64, Option<u64>); 9] = [
        (&[], 100, None),
        (&[40, 60], 100, None),
        (&[500], 100, None),
        (&[500, 500], 100, Some(50)),
        (&[10, 500], 100, Some(90)),
        (&[0, 10, 500], 100, Some(90)),
        (&[0, 500], 100, None),
        (&[10, 20, 500, 500], 100, Some(35)),
        (&[30, 30, 41], 100, Some(40)),
    ];
    for (wishes, limit, expected) in cases {
        assert_eq!(level(wishes, limit), expected, "{wishes:?} of {limit}");
    }
}

#[test]
fn a_wish_that_was_given_up_binds_nobody_after_a_minute() {
    let (big, small) = (Subject::Principal(Uuid::from_u128(1)), Subject::Principal(Uuid::from_u128(2)));
    let mut shares = FairShare::default();
    shares.charge(1_000, &big, 60);
    assert!(shares.refuse(1_000, &small, 50, 100).is_none());
    assert!(!shares.allows(2_000, &big, 10, 100));
    let kept = shares.refuse(2_000, &big, 10, 100).unwrap();
    assert_eq!((kept.share, kept.wait_ms), (50, 59_000));
    assert!(shares.allows(61_000, &big, 100, 100));
}

#[test]
fn callers_that_went_away_are_forgotten() {
    let mut shares = FairShare::default();
    for number in 0..3 * MEMBERS_LIMIT as u128 {
        shares.charge(0, &Subject::Principal(Uuid::from_u128(number)), 10);
    }
    assert_eq!(shares.members.len(), MEMBERS_LIMIT + 1, "the rest share one place");
    let _ = shares.allows(MINUTE_MS, &Subject::Everyone, 10, 100);
    assert_eq!(shares.members.len(), 0);
}
