//! What holds of every text that somebody sends as a chat completion request, or that a provider sends as its answer.

use dialect::anthropic;
use dialect::exchange::{AnswerContext, Failure};
use dialect::openai::{self, chat_exchange as chat};
use serde_json::Value;

use super::exchange;

/// Panics where something does not hold of `data`.
pub(crate) fn check(data: &[u8]) {
    Failure::read(500, data);
    openai::Observed::default().whole(data);
    check_answer(data);
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    openai::texts(tape::Tape::of_value(&body).expect("a value is JSON").root(), &mut |_| ());
    exchange::check_request(chat::read_request(&body));
}

/// An answer that is understood is shown to clients of both protocols, and they read the same usage.
fn check_answer(data: &[u8]) {
    let Ok(answer) = chat::read_answer(data) else { return };
    let context = AnswerContext::default();
    let shown = chat::write_answer(&answer, &context).to_string();
    let again = chat::read_answer(shown.as_bytes()).expect("what was written is understood");
    assert_eq!(again.usage, answer.usage);
    let shown = anthropic::write_answer(&answer, &context).to_string();
    anthropic::read_answer(shown.as_bytes()).expect("what was written is understood");
}
