//! The seeds of the fuzz targets `chat`, `messages` and `sse`, in the ordinary tests; and the wire files as further seeds.

#[path = "../../../../fuzz/properties/chat.rs"]
mod chat;
#[path = "../../../../fuzz/properties/exchange.rs"]
mod exchange;
#[path = "../../../../fuzz/properties/messages.rs"]
mod messages;
#[path = "../../../../fuzz/properties/sse.rs"]
mod sse;

use serde_json::{Value, json};

use crate::golden;

fn each_seed(target: &str, least: usize, check: fn(&[u8])) {
    let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut tried = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        tried += 1;
    }
    assert!(tried >= least, "{tried} seeds in `{folder}`");
}

/// What a value is replaced by; nothing stands for its absence.
fn odd() -> Vec<Option<Value>> {
    let values =
        [json!(null), json!(-1), json!(u64::MAX), json!(""), json!("x\ny"), json!([[]]), json!({}), json!([{}])];
    values.into_iter().map(Some).chain([None]).collect()
}

/// The paths of all values in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

/// Each case of a file as it is, and with each of its values replaced by an odd one.
fn each_case(file: &str, field: &str, check: fn(&[u8])) {
    let text = std::fs::read_to_string(golden::path(file)).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    for case in &cases {
        check(case[field].to_string().as_bytes());
        let mut found = Vec::new();
        places(&case[field], "", &mut found);
        for (place, odd) in found.iter().flat_map(|place| odd().into_iter().map(move |odd| (place, odd))) {
            let mut body = case[field].clone();
            match (odd, place.rsplit_once('/')) {
                (Some(odd), _) => *body.pointer_mut(place).unwrap() = odd,
                (None, Some((parent, name))) => match body.pointer_mut(parent) {
                    Some(Value::Object(fields)) => drop(fields.shift_remove(name)),
                    Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
                    _ => unreachable!("a parent holds its child"),
                },
                (None, None) => {}
            }
            check(body.to_string().as_bytes());
        }
    }
}

#[test]
fn every_seed_of_chat_holds() {
    each_seed("chat", 10, chat::check);
    each_case("exchange/requests-chat-to-messages.json", "request", chat::check);
    each_case("exchange/refused-chat.json", "request", chat::check);
    each_case("exchange/answers-chat-to-messages.json", "answer", chat::check);
}

#[test]
fn every_seed_of_messages_holds() {
    each_seed("messages", 10, messages::check);
    each_case("exchange/requests-messages-to-chat.json", "request", messages::check);
    each_case("exchange/refused-messages.json", "request", messages::check);
    each_case("exchange/answers-messages-to-chat.json", "answer", messages::check);
}

#[test]
fn every_seed_of_sse_holds() {
    each_seed("sse", 10, sse::check);
    for entry in std::fs::read_dir(golden::path("exchange/streams")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        sse::check(&bytes);
        let text = String::from_utf8(bytes).unwrap();
        let events: Vec<&str> = text.split_inclusive("\n\n").collect();
        for at in 0..events.len() {
            let (before, after) = events.split_at(at);
            let (one, rest) = after.split_first().unwrap();
            sse::check([before, rest].concat().concat().as_bytes());
            sse::check([before, &[*one], after].concat().concat().as_bytes());
            sse::check([after, before].concat().concat().as_bytes());
        }
    }
}
