//! Any order of reserving, settling, crashing and waiting.

use std::sync::Arc;

use metering::{Cost, Meter, Rate, Reservation, Subject, Which};
use proptest::prelude::*;

use crate::{START_MS, cost, fullest_minute, person};

const LIMIT: u64 = 10_000;

#[derive(Clone, Debug)]
enum Step {
    Reserve {
        caller: u128,
        prompt: u64,
        cap: u64,
        waits: bool,
    },
    /// The one of this index among the open ones, with so many of a thousand parts used.
    Settle {
        index: usize,
        used: u64,
    },
    Release {
        index: usize,
    },
    /// Dropped without a word.
    Crash {
        index: usize,
    },
    Wait {
        ms: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u128, 0..900_u64, 0..900_u64, any::<bool>())
            .prop_map(|(caller, prompt, cap, waits)| Step::Reserve { caller, prompt, cap, waits }),
        4 => (any::<usize>(), 0..=1000_u64).prop_map(|(index, used)| Step::Settle { index, used }),
        1 => any::<usize>().prop_map(|index| Step::Release { index }),
        1 => any::<usize>().prop_map(|index| Step::Crash { index }),
        4 => prop_oneof![0..50_u64, 0..2_000_u64, 0..130_000_u64].prop_map(|ms| Step::Wait { ms }),
    ]
}

/// What was admitted: when, and what it holds or has used.
struct Seen {
    now_ms: u64,
    amounts: Vec<(u64, u64)>,
    open: Vec<(usize, Reservation)>,
}

impl Seen {
    fn admitted(&mut self, reservation: Reservation) {
        self.open.push((self.amounts.len(), reservation));
        self.amounts.push((self.now_ms, self.open.last().unwrap().1.tokens()));
    }

    /// One of the open ones, with its place among the amounts.
    fn take(&mut self, index: usize) -> Option<(usize, Reservation)> {
        (!self.open.is_empty()).then(|| self.open.swap_remove(index % self.open.len()))
    }

    fn run(&mut self, meter: &Arc<Meter>, step: &Step) {
        match step {
            Step::Wait { ms } => self.now_ms += ms,
            Step::Crash { index } => drop(self.take(*index)),
            Step::Settle { index, used } => {
                if let Some((place, reservation)) = self.take(*index) {
                    let actual = reservation.tokens() * used / 1000;
                    self.amounts[place].1 = actual;
                    reservation.settle(self.now_ms, actual);
                }
            }
            Step::Release { index } => {
                if let Some((place, reservation)) = self.take(*index) {
                    self.amounts[place].1 = 0;
                    reservation.release(self.now_ms);
                }
            }
            Step::Reserve { caller, prompt, cap, waits } => {
                self.reserve(meter, &person(*caller), cost(*prompt, *cap), *waits);
            }
        }
    }

    /// Reserves; one that waits comes again exactly when it is told to, and is admitted then and not before. A share may grow
    /// earlier, while what others asked for fades.
    fn reserve(&mut self, meter: &Arc<Meter>, caller: &Subject, cost: Cost, waits: bool) {
        let refusal = match meter.reserve(self.now_ms, caller, cost) {
            Ok(reservation) => return self.admitted(reservation),
            Err(refusal) => refusal,
        };
        let wait_ms = refusal.retry_after_ms.expect("a request smaller than the limit");
        assert!(wait_ms > 0, "{refusal}");
        if !waits {
            return;
        }
        self.now_ms += wait_ms - 1;
        if let Ok(early) = meter.reserve(self.now_ms, caller, cost) {
            assert_eq!(refusal.which, Which::Share, "admitted before the {wait_ms} ms");
            return self.admitted(early);
        }
        self.now_ms += 1;
        let reservation = meter.reserve(self.now_ms, caller, cost).expect("what was promised");
        self.admitted(reservation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_interleaving_admits_more_than_the_limit(
        requests_per_minute in prop_oneof![Just(7_u64), Just(60), Just(601), Just(1_000_000)],
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let meter = Meter::of_rate("gpt", Rate { tokens_per_minute: LIMIT, requests_per_minute });
        let mut seen = Seen { now_ms: START_MS, amounts: Vec::new(), open: Vec::new() };
        for step in &steps {
            seen.run(&meter, step);
            prop_assert!(fullest_minute(&seen.amounts) <= LIMIT);
        }
        let requests: Vec<_> = seen.amounts.iter().map(|(at_ms, _)| (*at_ms, 1)).collect();
        prop_assert!(fullest_minute(&requests) <= requests_per_minute);
    }

    #[test]
    fn a_full_meter_is_empty_a_minute_later(amounts in prop::collection::vec((0..40_000_u64, 1..2_000_u64), 1..100)) {
        let meter = Meter::of_rate("gpt", crate::tokens(LIMIT));
        let mut now_ms = START_MS;
        for (ms, amount) in amounts {
            now_ms += ms;
            drop(meter.reserve(now_ms, &person(1), cost(amount, 0)));
        }
        let standing = meter.standing(now_ms + crate::MINUTE_MS, &person(1)).tokens.unwrap();
        prop_assert_eq!((standing.remaining, standing.reset_s), (LIMIT, 0));
        let refusal = meter.reserve(now_ms, &person(1), cost(LIMIT, 1)).unwrap_err();
        prop_assert_eq!((refusal.which, refusal.is_never()), (Which::Tokens, true));
    }
}
