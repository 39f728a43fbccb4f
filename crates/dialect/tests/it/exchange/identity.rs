//! What is read and written again in the same protocol is the same.

use dialect::anthropic::{self, Target, ThinksBy};
use dialect::openai::chat_exchange as chat;
use serde_json::Value;

use super::{TARGET, context};
use crate::golden;

fn cases(file: &str) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(golden::path(file)).unwrap()).unwrap()
}

#[test]
fn a_chat_request_comes_back_as_it_was() {
    for body in cases("exchange/identity-chat.json") {
        assert_eq!(chat::write_request(&chat::read_request(&body).unwrap()).unwrap(), body);
    }
}

#[test]
fn a_messages_request_comes_back_as_it_was_thoughts_and_seals_included() {
    for body in cases("exchange/identity-messages.json") {
        assert_eq!(anthropic::write_request(&anthropic::read_request(&body).unwrap(), &TARGET).unwrap(), body);
    }
    let by_effort = Target { thinks_by: ThinksBy::Effort, ..TARGET };
    let body = serde_json::json!({"max_tokens": 5, "messages": [{"role": "user", "content": "hi"}],
        "thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}});
    assert_eq!(anthropic::write_request(&anthropic::read_request(&body).unwrap(), &by_effort).unwrap(), body);
}

/// A request that was said in the other protocol and read there means the same there when it is written again.
#[test]
fn the_detour_over_the_other_protocol_changes_nothing_more() {
    for case in cases("exchange/requests-chat-to-messages.json") {
        let said = anthropic::write_request(&chat::read_request(&case["request"]).unwrap(), &TARGET).unwrap();
        let again = anthropic::write_request(&anthropic::read_request(&said).unwrap(), &TARGET).unwrap();
        assert_eq!(again, said, "{}", case["case"]);
    }
    for case in cases("exchange/requests-messages-to-chat.json") {
        let said = chat::write_request(&anthropic::read_request(&case["request"]).unwrap()).unwrap();
        assert_eq!(chat::write_request(&chat::read_request(&said).unwrap()).unwrap(), said, "{}", case["case"]);
    }
}

#[test]
fn an_answer_comes_back_as_it_was() {
    for case in cases("exchange/answers-chat-to-messages.json") {
        let answer = chat::read_answer(case["answer"].to_string().as_bytes()).unwrap();
        let again = chat::read_answer(chat::write_answer(&answer, &context()).to_string().as_bytes()).unwrap();
        assert_eq!(again.usage, answer.usage);
        if case["case"] != "parts, and no count" && case["case"] != "a word nobody knows" {
            assert_eq!((again.parts, again.finish), (answer.parts, answer.finish), "{}", case["case"]);
        }
    }
    for case in cases("exchange/answers-messages-to-chat.json") {
        let answer = anthropic::read_answer(case["answer"].to_string().as_bytes()).unwrap();
        let again =
            anthropic::read_answer(anthropic::write_answer(&answer, &context()).to_string().as_bytes()).unwrap();
        assert_eq!((again.usage, again.stop_sequence), (answer.usage, answer.stop_sequence));
        assert_eq!(again.parts, answer.parts, "{}", case["case"]);
    }
}
