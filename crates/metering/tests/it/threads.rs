//! Real threads, a clock of our own.

use std::sync::{Arc, Barrier};
use std::thread;

use metering::{Claim, Counts, Limit, Meter, Reservation, Subject, Unit, Window, reserve_all};

use crate::{MINUTE_MS, START_MS, cost, fullest_minute, person, tokens};

const THREADS: usize = 8;
const LIMIT: u64 = 60_000;
const MINUTES: u64 = 12;
/// All threads ask at the same moment, then time goes on by so much.
const STEP_MS: u64 = 200;
/// What each asks for at a moment: together five times the limit.
const ASKED: u64 = 5 * LIMIT * STEP_MS / MINUTE_MS / THREADS as u64;
/// An answer takes so long.
const ANSWER_MS: u64 = 2_000;

/// One thread's requests: reserved with an answer that may be twice as long as it is, settled when it has come.
fn client(meter: &Arc<Meter>, barrier: &Barrier, subject: &Subject, seed: u64) -> Vec<(u64, u64)> {
    let (mut amounts, mut open, mut random) = (Vec::new(), Vec::<(u64, u64, Reservation)>::new(), seed);
    for now_ms in (START_MS..START_MS + MINUTES * MINUTE_MS).step_by(STEP_MS as usize) {
        barrier.wait();
        while open.first().is_some_and(|(done_ms, ..)| *done_ms <= now_ms) {
            let (_, actual, reservation) = open.remove(0);
            assert_eq!(reservation.settle(now_ms, actual).overdraft_tokens, 0);
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let prompt = ASKED / 2 + (random >> 33) % (ASKED / 2);
        let answer = (random >> 40) % (ASKED / 2);
        if let Ok(reservation) = meter.reserve(now_ms, subject, cost(prompt, ASKED / 2)) {
            amounts.push((now_ms, prompt + answer));
            open.push((now_ms + ANSWER_MS, prompt + answer, reservation));
        }
    }
    amounts
}

/// Runs the clients and answers the fullest minute and the use of the minutes after the first, as parts of the limit.
fn under_load(subject: impl Fn(usize) -> Subject) -> (f64, f64) {
    let (meter, barrier) = (Meter::of_rate("gpt", tokens(LIMIT)), Barrier::new(THREADS));
    let mut amounts: Vec<(u64, u64)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..THREADS)
            .map(|number| {
                let (meter, barrier, subject) = (&meter, &barrier, subject(number));
                scope.spawn(move || client(meter, barrier, &subject, number as u64 + 1))
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    amounts.sort_unstable();
    let used: u64 = amounts.iter().filter(|(at_ms, _)| *at_ms >= START_MS + MINUTE_MS).map(|(_, amount)| amount).sum();
    let part = |amount: u64| amount as f64 / LIMIT as f64;
    (part(fullest_minute(&amounts)), part(used) / (MINUTES - 1) as f64)
}

#[test]
#[expect(clippy::print_stderr, reason = "how near it came, with --nocapture")]
fn eight_threads_at_five_times_the_limit_use_it_and_never_exceed_it() {
    for (name, (most, used)) in
        [("one caller", under_load(|_| person(1))), ("eight callers", under_load(|number| person(number as u128)))]
    {
        eprintln!("{name}: fullest minute {most:.4} of the limit, use {used:.4}");
        assert!(most <= 1.0, "{name}: {most}");
        assert!(used >= 0.93, "{name}: {used}");
    }
}

#[test]
fn claims_in_opposite_orders_do_not_wait_for_each_other() {
    let day = Limit { unit: Unit::Tokens, amount: crate::MANY, window: Window::Day, counts: Counts::Total };
    let meters = [Meter::of_rate("gpt", tokens(crate::MANY)), Meter::of_limit("day", day)];
    let turns = 20_000;
    thread::scope(|scope| {
        for thread in 0..2 {
            let meters = &meters;
            scope.spawn(move || {
                let subject = person(1);
                let mut claims = meters.each_ref().map(|meter| Claim { meter, subject: &subject });
                claims.rotate_left(thread);
                for _ in 0..turns {
                    let reservation = reserve_all(&claims, START_MS, cost(3, 4)).unwrap();
                    reservation.settle(START_MS, 5);
                }
            });
        }
    });
    for meter in meters {
        let gauge = meter.standing(START_MS, &person(1)).tokens.unwrap();
        assert_eq!(gauge.remaining, crate::MANY - 2 * turns * 5);
    }
}
