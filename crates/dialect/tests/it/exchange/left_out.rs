//! The table of what may be left out, against the readers.

use dialect::anthropic;
use dialect::exchange::{Accepted, LEFT_OUT, LeftOut, NotSupported, Protocol};
use dialect::openai::{chat_exchange as chat, completions, responses};
use serde_json::{Value, json};

use crate::golden;

fn read(protocol: Protocol, body: &Value) -> Result<(), NotSupported> {
    match protocol {
        Protocol::Chat => chat::read_request(body).map(drop),
        Protocol::Messages => anthropic::read_request(body).map(drop),
        Protocol::Responses => responses::read_request(body).map(drop),
        Protocol::Completions => completions::read_request(body).map(drop),
        Protocol::Embeddings => unreachable!("nothing of these is left out"),
    }
}

/// A body with this field at its place, or at one of the places it can have.
fn body(entry: &LeftOut, value: Value) -> Value {
    let name = entry.field.rsplit('.').next().unwrap();
    let mut body = match entry.protocol {
        Protocol::Responses => json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}]}),
        Protocol::Completions => json!({"prompt": "hi", "stream": true}),
        _ => json!({"max_tokens": 5, "messages": [{"role": "assistant", "content": [{"type": "text", "text": "hi"}]}]}),
    };
    let turns = if entry.protocol == Protocol::Responses { "input" } else { "messages" };
    match entry.field.rsplit_once('.') {
        None => body[name] = value,
        Some(("messages[]" | "input[]", _)) => body[turns][0][name] = value,
        Some(("*" | "input[].content[]", _)) => body[turns][0]["content"][0][name] = value,
        Some((parent, _)) => body[parent][name] = value,
    }
    body
}

#[test]
fn no_field_stands_twice() {
    for (index, entry) in LEFT_OUT.iter().enumerate() {
        let same = |other: &&LeftOut| other.protocol == entry.protocol && other.field == entry.field;
        assert!(LEFT_OUT.iter().skip(index + 1).find(same).is_none(), "`{}` stands twice", entry.field);
        assert!(!entry.why.is_empty());
    }
}

#[test]
fn what_may_be_left_out_is() {
    for entry in LEFT_OUT {
        let values = match entry.accepted {
            Accepted::Any => vec![json!({"odd": [1]})],
            Accepted::Only(known) => known.iter().map(|text| serde_json::from_str(text).unwrap()).collect(),
            Accepted::Nothing => vec![Value::Null],
        };
        for value in values {
            let body = body(entry, value);
            assert_eq!(read(entry.protocol, &body), Ok(()), "{body}");
        }
    }
}

#[test]
fn any_other_value_is_refused_by_its_field() {
    for entry in LEFT_OUT.iter().filter(|entry| !matches!(entry.accepted, Accepted::Any)) {
        let error = read(entry.protocol, &body(entry, json!({"odd": [1]}))).unwrap_err();
        let name = entry.field.rsplit('.').next().unwrap();
        assert_eq!(error.field.rsplit('.').next(), Some(name), "{error}");
    }
}

#[test]
fn each_refused_field_has_its_row() {
    for (protocol, file) in [
        (Protocol::Chat, "refused-chat.json"),
        (Protocol::Messages, "refused-messages.json"),
        (Protocol::Responses, "responses-refused.json"),
    ] {
        let text = std::fs::read_to_string(golden::path(&format!("exchange/{file}"))).unwrap();
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        for entry in LEFT_OUT.iter().filter(|entry| entry.protocol == protocol) {
            let name = entry.field.rsplit('.').next();
            let has_row =
                rows.iter().any(|row| row["field"].as_str().is_some_and(|field| field.rsplit('.').next() == name));
            assert!(has_row || matches!(entry.accepted, Accepted::Any), "`{}` has no row in {file}", entry.field);
        }
    }
}
