//! The Responses protocol said in the others, and the others in it.

use dialect::anthropic::{self, Target, ThinksBy};
use dialect::exchange::{AnswerContext, Event, NotSupported, Request};
use dialect::openai::chat_exchange as chat;
use dialect::openai::responses::{self, EventWriter, ResponseContext};
use serde_json::{Value, json};

use crate::golden;
use crate::order::Order;

const TARGET: Target = Target { default_max_tokens: 20_000, thinks_by: ThinksBy::Budget };

fn said(written: Result<Value, NotSupported>) -> Value {
    written.unwrap_or_else(|error| json!({"refused": error.field, "reason": error.reason}))
}

/// Each request of this protocol, as a model of either other protocol is told it; blessing rewrites what is said.
#[test]
fn a_request_is_said_to_models_of_other_protocols() {
    let text = std::fs::read_to_string(golden::path("exchange/responses-requests.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let written: Vec<Value> = cases
        .iter()
        .map(|case| {
            let request = responses::read_request(&case["request"]).unwrap().exchange;
            let (chat, messages) =
                (said(chat::write_request(&request)), said(anthropic::write_request(&request, &TARGET)));
            json!({"case": case["case"], "chat": chat, "messages": messages})
        })
        .collect();
    golden::check("exchange/responses-to-others.json", &(serde_json::to_string_pretty(&written).unwrap() + "\n"));
}

type Read = fn(&Value) -> Result<Request, NotSupported>;

/// Each request of the files of the other protocols, as a model of this one is told it.
#[test]
fn requests_of_other_protocols_are_said_to_a_model_of_this_one() {
    let sources: [(&str, Read); 2] = [
        ("exchange/requests-chat-to-messages.json", chat::read_request),
        ("exchange/requests-messages-to-chat.json", anthropic::read_request),
    ];
    let mut all = Vec::new();
    for (file, read) in sources {
        let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(golden::path(file)).unwrap()).unwrap();
        for case in &cases {
            let request = read(&case["request"]).unwrap();
            all.push(json!({"case": case["case"], "responses": said(responses::write_request(&request))}));
        }
    }
    assert!(all.len() > 25, "{}", all.len());
    golden::check("exchange/others-to-responses.json", &(serde_json::to_string_pretty(&all).unwrap() + "\n"));
}

fn context() -> ResponseContext {
    ResponseContext::new("resp_ours".to_owned(), 1_763_800_000, "deployment".to_owned(), &Value::Null)
}

/// Every recorded stream of the other protocols keeps the order of this one, and means the same when it is read back.
#[test]
fn streams_of_other_protocols_keep_the_order_of_this_one() {
    let folder = golden::path("exchange/streams");
    let mut tried = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(case) = name.strip_suffix(".in.sse") else { continue };
        let bytes = std::fs::read(&path).unwrap();
        let events = if case.starts_with("chat-") {
            let mut reader = chat::EventReader::default();
            [reader.push(&bytes), reader.finish()].concat()
        } else {
            let mut reader = anthropic::EventReader::default();
            [reader.push(&bytes), reader.finish()].concat()
        };
        let mut writer = EventWriter::new(context());
        let stream: Vec<u8> = events.iter().flat_map(|event| writer.write(event).unwrap()).collect();
        let mut reader = responses::EventReader::default();
        let back = [reader.push(&stream), reader.finish()].concat();
        assert_eq!(texts(&back), texts(&events), "{name}");
        let (word, _) = in_order(&stream).unwrap_or_else(|| panic!("{name} does not end"));
        let has_failed = events.iter().any(|event| matches!(event, Event::Error { .. }));
        assert_eq!(word == "response.failed", has_failed, "{name}: {word}");
        tried += 1;
    }
    assert!(tried >= 10, "{tried} streams in {}", folder.display());
}

fn in_order(stream: &[u8]) -> Option<(String, Value)> {
    let mut order = Order::default();
    for event in std::str::from_utf8(stream).unwrap().split_terminator("\n\n") {
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        order.take(name, &serde_json::from_str(data).unwrap());
    }
    order.ended
}

/// All that is said, by kind.
fn texts(events: &[Event]) -> Vec<String> {
    let mut said = vec![String::new(); 4];
    for event in events {
        match event {
            Event::Text { delta, .. } => said[0].push_str(delta),
            Event::Reasoning { delta, .. } => said[1].push_str(delta),
            Event::Refusal { delta, .. } => said[2].push_str(delta),
            Event::ToolArguments { delta, .. } => said[3].push_str(delta),
            _ => {}
        }
    }
    said
}

/// A whole answer of this protocol as the clients of the others read it.
#[test]
fn an_answer_is_said_to_clients_of_other_protocols() {
    let text = std::fs::read_to_string(golden::path("exchange/responses-answers.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let shown = AnswerContext { id: "ours".to_owned(), model: "deployment".to_owned(), created: 1_763_800_000 };
    let written: Vec<Value> = cases
        .iter()
        .map(|case| {
            let answer = responses::read_answer(case["response"].to_string().as_bytes()).unwrap();
            let (chat, messages) = (chat::write_answer(&answer, &shown), anthropic::write_answer(&answer, &shown));
            json!({"case": case["case"], "chat": chat, "messages": messages})
        })
        .collect();
    golden::check(
        "exchange/responses-answers-to-others.json",
        &(serde_json::to_string_pretty(&written).unwrap() + "\n"),
    );
}
