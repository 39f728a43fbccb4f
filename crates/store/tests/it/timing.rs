//! Does the time of a look-up tell how much of a guessed key was right?
//!
//! The statistic of dudect: two classes of input, one at a time in an unforeseeable order, Welch's t of the times they took.
//! Nothing is asserted about how long anything takes, only that the classes cannot be told apart; and since a busy machine
//! can favour a class by chance but not in every round, only a difference in all rounds is one. That the statistic sees a
//! real difference, and none where there is none, is tried on made-up times.

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use rbac::KeySlot;
use store::{CredentialKind, CredentialOwner, NewCredential, Row, Secret};
use uuid::Uuid;

use crate::support::*;

/// Beyond this the classes differ (dudect's own threshold).
const T_LIMIT: f64 = 4.5;
/// Look-ups of a round.
const SAMPLES: usize = 100_000;
/// Rounds of which one has to find no difference.
const ROUNDS: usize = 6;
/// The slowest share is left out: those are interruptions, not look-ups.
const KEPT: f64 = 0.9;

/// An order that no input foresees and every run repeats (xorshift64).
struct Order(u64);

impl Order {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Welch's t between the times of the classes, without the slowest of all.
fn t_of(times: &[(bool, f64)]) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted[(sorted.len() as f64 * KEPT) as usize];
    let moments = |class: bool| {
        let kept: Vec<f64> =
            times.iter().filter(|(of, time)| *of == class && *time <= cut).map(|(_, time)| *time).collect();
        let count = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / count;
        (count, mean, kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0))
    };
    let ((n0, mean0, var0), (n1, mean1, var1)) = (moments(false), moments(true));
    let spread = (var0 / n0 + var1 / n1).sqrt();
    if spread == 0.0 { 0.0 } else { (mean0 - mean1) / spread }
}

/// Times `[one, other]` in an unforeseeable order.
fn measure(order: &mut Order, inputs: [&str; 2], look_up: impl Fn(&str) -> bool) -> f64 {
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let class = order.next() & 1 == 1;
        let input = inputs[usize::from(class)];
        let start = Instant::now();
        let found = black_box(look_up(black_box(input)));
        times.push((class, start.elapsed().as_nanos() as f64));
        assert!(!found);
    }
    t_of(&times)
}

#[tokio::test]
async fn the_time_of_a_wrong_key_does_not_tell_where_it_is_wrong() {
    let fixture = Fixture::with_group().await;
    let key = "5f".repeat(32);
    let credential = NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Account(account("a")),
        kind: CredentialKind::ResourceKey(KeySlot::Key1),
        secret: Secret::from(key.clone()),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
    };
    fixture.write(vec![put(resource(account("a").as_str())), Row::PutCredential(credential)]).await.unwrap();
    assert!(fixture.store.find_resource_key(&key).is_some());
    let (first, last) = (format!("0{}", &key[1..]), format!("{}0", &key[..key.len() - 1]));
    let mut order = Order(0x9e37_79b9_7f4a_7c15);
    let found: Vec<f64> = (0..ROUNDS)
        .map(|_| measure(&mut order, [&first, &last], |key| fixture.store.find_resource_key(key).is_some()).abs())
        .scan(false, |is_over, t| (!std::mem::replace(is_over, t < T_LIMIT)).then_some(t))
        .collect();
    assert!(
        found.iter().any(|t| *t < T_LIMIT),
        "wrong first and wrong last byte differ in every round: |t| = {found:?}"
    );
}

#[test]
fn the_statistic_sees_a_difference_and_none_where_there_is_none() {
    let mut order = Order(1);
    let mut made_up = |leak: f64| {
        let times: Vec<(bool, f64)> = (0..SAMPLES)
            .map(|_| {
                let class = order.next() & 1 == 1;
                // Noise of ±32 ns, now and then an interruption.
                let noise = (order.next() % 64) as f64 + if order.next().is_multiple_of(50) { 5_000.0 } else { 0.0 };
                (class, 1_000.0 + noise + if class { leak } else { 0.0 })
            })
            .collect();
        t_of(&times).abs()
    };
    assert!(made_up(0.0) < T_LIMIT);
    assert!(made_up(2.0) > T_LIMIT, "two nanoseconds in a thousand");
}
