#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use arm::Scope;

use super::Turns;

#[test]
fn one_answers_at_a_time_and_the_next_when_it_has_ended() {
    let turns = Turns::default();
    let (here, there) = (Scope::parse("/subscriptions/a").unwrap(), Scope::parse("/subscriptions/b").unwrap());
    let turn = turns.take(&here, "conv_1").unwrap();
    assert_eq!(turns.take(&here, "conv_1").map(drop).unwrap_err().body["error"]["code"], "conversation_locked");
    assert!(turns.check_free(&here, "conv_1").is_err());
    assert!(turns.take(&here, "conv_2").is_ok());
    assert!(turns.take(&there, "conv_1").is_ok());

    drop(turn);

    assert!(turns.check_free(&here, "conv_1").is_ok());
    assert!(turns.take(&here, "conv_1").is_ok());
}
