#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_flood_of_failures_is_counted_and_only_sampled() {
    let sampler = FailureSampler::default();
    let second = Timestamp::from_second(1_000).unwrap();
    let written = (0..1_000).filter(|_| sampler.admit(second).is_some()).count();
    assert_eq!(written, UNAUTHENTICATED_RECORDS_PER_S as usize);
    let next = Timestamp::from_second(1_001).unwrap();
    assert_eq!(sampler.admit(next), Some(1_000 - u64::from(UNAUTHENTICATED_RECORDS_PER_S) + 1));
    assert_eq!(sampler.admit(next), Some(1));
}
