//! Limits of callers, groups and projects, alone and together.

use std::sync::Arc;

use metering::{Claim, Counts, Limit, Meter, Subject, Unit, Used, Which, Window, reserve_all};

use crate::{START_MS, cost, person, tokens};

const DAY_MS: u64 = 86_400_000;
const TOKENS_OF_A_DAY: Limit = Limit { unit: Unit::Tokens, amount: 1000, window: Window::Day, counts: Counts::Each };

#[test]
fn each_has_the_amount_or_all_have_it_together() {
    let total = Limit { counts: Counts::Total, ..TOKENS_OF_A_DAY };
    for (limit, second_is_admitted) in [(TOKENS_OF_A_DAY, true), (total, false)] {
        let meter = Meter::of_limit("day", limit);
        drop(meter.reserve(START_MS, &person(1), cost(1000, 0)).unwrap());
        let second = meter.reserve(START_MS, &person(2), cost(1000, 0));
        assert_eq!(second.is_ok(), second_is_admitted, "{:?}", limit.counts);
    }
}

#[test]
fn the_next_window_begins_with_nothing_used() {
    let meter = Meter::of_limit("day", TOKENS_OF_A_DAY);
    let yesterday = meter.reserve(START_MS + DAY_MS - 1_000, &person(1), cost(0, 1000)).unwrap();
    let refusal = meter.reserve(START_MS + DAY_MS - 1_000, &person(1), cost(1, 0)).unwrap_err();
    assert_eq!(refusal.to_string(), "`day` admits 1000 tokens per day; try again in 1 s");
    drop(meter.reserve(START_MS + DAY_MS, &person(1), cost(600, 0)).unwrap());
    yesterday.settle(START_MS + DAY_MS, 100);
    let gauge = meter.standing(START_MS + DAY_MS, &person(1)).tokens.unwrap();
    assert_eq!((gauge.remaining, gauge.reset_s), (400, DAY_MS / 1000), "yesterday's refund is not today's");
}

#[test]
fn an_overdraft_of_yesterday_is_todays() {
    let meter = Meter::of_limit("day", TOKENS_OF_A_DAY);
    let yesterday = meter.reserve(START_MS, &person(1), cost(0, 1000)).unwrap();
    assert_eq!(yesterday.settle(START_MS + DAY_MS, 1300).overdraft_tokens, 300);
    assert_eq!(meter.standing(START_MS + DAY_MS, &person(1)).tokens.unwrap().remaining, 700);
}

#[test]
fn requests_are_counted_whatever_they_cost() {
    let meter = Meter::of_limit("calls", Limit { unit: Unit::Requests, amount: 2, ..TOKENS_OF_A_DAY });
    let first = meter.reserve(START_MS, &person(1), cost(1_000_000, 0)).unwrap();
    first.release(START_MS);
    drop(meter.reserve(START_MS, &person(1), cost(0, 0)).unwrap());
    let refusal = meter.reserve(START_MS, &person(1), cost(0, 0)).unwrap_err();
    assert_eq!((refusal.which, refusal.limit, refusal.is_never()), (Which::Requests, 2, false));
}

#[test]
fn several_limits_admit_together_or_not_at_all() {
    let deployment = Meter::of_rate("gpt", tokens(5000));
    let (mine, group) = (Meter::of_limit("mine", TOKENS_OF_A_DAY), Meter::of_limit("group", TOKENS_OF_A_DAY));
    let (me, team) = (person(1), person(100));
    let claims = [
        Claim { meter: &group, subject: &team },
        Claim { meter: &mine, subject: &me },
        Claim { meter: &deployment, subject: &me },
    ];
    let left = |meter: &Arc<Meter>, subject: &Subject| meter.standing(START_MS, subject).tokens.unwrap().remaining;
    let lefts = || (left(&deployment, &me), left(&mine, &me), left(&group, &team));
    drop(group.reserve(START_MS, &team, cost(500, 0)).unwrap());
    let refusal = reserve_all(&claims, START_MS, cost(600, 0)).unwrap_err();
    assert_eq!((&*refusal.name, refusal.retry_after_ms), ("group", Some(DAY_MS)));
    assert_eq!(lefts(), (5000, 1000, 500), "nothing was charged");
    let reservation = reserve_all(&claims, START_MS, cost(100, 400)).unwrap();
    assert_eq!(lefts(), (4500, 500, 0));
    reservation.settle(START_MS, 150);
    assert_eq!(lefts(), (4850, 850, 350));
}

#[test]
fn of_several_refusals_the_longest_is_told() {
    let deployment = Meter::of_rate("gpt", tokens(1000));
    let mine = Meter::of_limit("mine", TOKENS_OF_A_DAY);
    let claims = [&mine, &deployment].map(|meter| Claim { meter, subject: &Subject::Everyone });
    drop(reserve_all(&claims, START_MS, cost(1000, 0)).unwrap());
    let refusal = reserve_all(&claims, START_MS + 1_000, cost(1, 0)).unwrap_err();
    assert_eq!((&*refusal.name, refusal.per), ("mine", Window::Day));
}

#[test]
fn a_limit_that_is_claimed_twice_is_charged_once() {
    let each = Meter::of_limit("groups", TOKENS_OF_A_DAY);
    let total = Meter::of_limit("all", Limit { counts: Counts::Total, ..TOKENS_OF_A_DAY });
    let (one, other) = (person(1), person(2));
    let claims = [
        Claim { meter: &each, subject: &one },
        Claim { meter: &each, subject: &other },
        Claim { meter: &each, subject: &one },
        Claim { meter: &total, subject: &one },
        Claim { meter: &total, subject: &other },
    ];
    reserve_all(&claims, START_MS, cost(0, 400)).unwrap().settle(START_MS, 300);
    for (meter, subject) in [(&each, &one), (&each, &other), (&total, &one)] {
        assert_eq!(meter.standing(START_MS, subject).tokens.unwrap().remaining, 700, "{} {subject:?}", meter.name());
    }
}

#[test]
fn what_was_used_before_its_present_window_is_past_whatever_the_meter_was_told_first() {
    let meter = Meter::of_limit("day", TOKENS_OF_A_DAY);
    meter.set_limit(START_MS + 10, TOKENS_OF_A_DAY);
    meter.replay(START_MS - 1, &person(1), 900);
    meter.replay(START_MS, &person(1), 300);
    assert_eq!(meter.used(START_MS + 10).unwrap().amounts, [(person(1), 300)]);
}

#[test]
fn what_was_used_is_known_again_after_a_restart() {
    let meter = Meter::of_limit("day", TOKENS_OF_A_DAY);
    meter.replay(START_MS - 1, &person(1), 900);
    meter.replay(START_MS, &person(1), 300);
    meter.replay(START_MS + 5, &Subject::Resource(Arc::from("/projects/p")), 7);
    let used = meter.used(START_MS + 10).unwrap();
    let text = serde_json::to_string(&used).unwrap();
    assert_eq!(serde_json::from_str::<Used>(&text).unwrap(), used);
    assert_eq!(used.amounts, [(person(1), 300), (Subject::Resource(Arc::from("/projects/p")), 7)], "yesterday is past");
    let again = Meter::of_limit("day", TOKENS_OF_A_DAY);
    for (subject, amount) in &used.amounts {
        again.replay(used.window_start_ms, subject, *amount);
    }
    assert_eq!(again.used(START_MS + 10), Some(used));
}

#[test]
fn a_limit_that_changes_keeps_the_count_of_the_same_thing() {
    let meter = Meter::of_limit("day", TOKENS_OF_A_DAY);
    drop(meter.reserve(START_MS, &person(1), cost(800, 0)).unwrap());
    meter.set_limit(START_MS, Limit { amount: 900, ..TOKENS_OF_A_DAY });
    assert_eq!(meter.standing(START_MS, &person(1)).tokens.unwrap().remaining, 100);
    meter.set_limit(START_MS, Limit { window: Window::Hour, ..TOKENS_OF_A_DAY });
    assert_eq!(meter.standing(START_MS, &person(1)).tokens.unwrap().remaining, 1000);
}
