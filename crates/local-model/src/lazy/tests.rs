#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::Cell;

use super::*;

/// Fails, or gives the number of the attempt.
struct Maker {
    attempts: Cell<u32>,
    fails: bool,
}

impl Maker {
    fn make(&self) -> Result<u32, String> {
        self.attempts.set(self.attempts.get() + 1);
        if self.fails { Err(format!("attempt {}", self.attempts.get())) } else { Ok(self.attempts.get()) }
    }
}

fn maker(fails: bool) -> Maker {
    Maker { attempts: Cell::new(0), fails }
}

#[test]
fn whoever_asked_before_an_attempt_ended_shares_its_failure() {
    let (lazy, maker) = (Lazy::new(), maker(true));
    let (first, second) = (lazy.ask(), lazy.ask());
    assert_eq!(lazy.get(&first, || maker.make()), Err("attempt 1".to_owned()));
    assert_eq!(lazy.get(&second, || maker.make()), Err("attempt 1".to_owned()));
}

#[test]
fn whoever_asks_after_a_failure_tries_again() {
    let (lazy, failing) = (Lazy::new(), maker(true));
    assert!(lazy.get(&lazy.ask(), || failing.make()).is_err());
    assert!(lazy.get(&lazy.ask(), || failing.make()).is_err());
    assert_eq!(failing.attempts.get(), 2);
    let mended = maker(false);
    assert_eq!(lazy.get(&lazy.ask(), || mended.make()).as_deref(), Ok(&1));
}

#[test]
fn what_was_made_is_made_once() {
    let (lazy, maker) = (Lazy::new(), maker(false));
    let early = lazy.ask();
    assert_eq!(lazy.get(&lazy.ask(), || maker.make()).as_deref(), Ok(&1));
    assert_eq!(lazy.get(&early, || maker.make()).as_deref(), Ok(&1));
    assert_eq!(lazy.get(&lazy.ask(), || maker.make()).as_deref(), Ok(&1));
    assert_eq!(maker.attempts.get(), 1);
}
