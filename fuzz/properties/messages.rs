//! What holds of every text that somebody sends as a messages request, or that a provider sends as its answer.

use dialect::anthropic;
use dialect::exchange::AnswerContext;
use dialect::openai::chat_exchange as chat;
use serde_json::Value;

use super::exchange;

/// Panics where something does not hold of `data`.
pub(crate) fn check(data: &[u8]) {
    anthropic::Observed::default().whole(data);
    check_answer(data);
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    let tape = tape::Tape::of_value(&body).expect("a value is JSON");
    anthropic::texts(tape.root(), &mut |_| ());
    if anthropic::Outline::of(tape.root()).is_err() {
        assert!(anthropic::read_request(&body).is_err(), "{body} has no outline");
    }
    exchange::check_request(anthropic::read_request(&body));
}

/// An answer that is understood is shown to clients of both protocols.
fn check_answer(data: &[u8]) {
    let Ok(answer) = anthropic::read_answer(data) else { return };
    let context = AnswerContext::default();
    let shown = anthropic::write_answer(&answer, &context).to_string();
    anthropic::read_answer(shown.as_bytes()).expect("what was written is understood");
    let shown = chat::write_answer(&answer, &context).to_string();
    chat::read_answer(shown.as_bytes()).expect("what was written is understood");
}
