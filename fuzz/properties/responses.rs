//! What holds of every body that is sent as a Responses request or comes as a provider's answer or stream.

use dialect::exchange::{Event, Part, Request};
use dialect::openai::responses::{
    EventReader, EventWriter, ItemIds, Observed, Outline, ResponseContext, input_items, read_answer, read_request,
    texts, write_request, write_response,
};
use dialect::sse;
use serde_json::Value;

use super::order::Order;

/// The longest input looked at, bytes: streams are read several times.
const LIMIT_BYTES: usize = 4096;

/// Panics where something does not hold of `data`: a body, an answer, or a stream.
pub(crate) fn check(data: &[u8]) {
    if data.len() > LIMIT_BYTES {
        return;
    }
    check_stream(data);
    let mut seen = Observed::default();
    seen.whole(data);
    seen.event(data);
    if let Ok(body) = serde_json::from_slice::<Value>(data) {
        check_request(&body);
        let context = ResponseContext::new("resp_1".to_owned(), 0, "m".to_owned(), &body);
        check_answer(data, &context);
    }
}

/// What is read can be said again, and says the same.
fn check_request(body: &Value) {
    let tape = tape::Tape::of_value(body).expect("a value is JSON");
    texts(tape.root(), &mut |_| {});
    let _ = Outline::of(tape.root());
    let _ = input_items(body.get("input").unwrap_or(&Value::Null), &mut ItemIds::of_input("resp_1"), &mut |_| None);
    match read_request(body) {
        Ok(read) => {
            let said = write_request(&read.exchange).expect("what is read can be said");
            let again = read_request(&said).unwrap_or_else(|error| panic!("{body} became {said}: {error}"));
            // Thinking that this protocol did not seal stays here.
            let stays = |part: &Part| {
                matches!(part, Part::Reasoning { signature: Some(_), .. } | Part::Reasoning { encrypted: None, .. })
            };
            if !read.exchange.turns.iter().flat_map(|turn| &turn.parts).any(stays) {
                assert_eq!(settled(again.exchange), settled(read.exchange), "{body} became {said}");
            }
        }
        Err(error) => assert!(!error.field.is_empty() && !error.reason.is_empty(), "{body}: {error}"),
    }
}

/// Without what the protocol says in another way than it was said: silence about strictness, and functions without a schema.
fn settled(mut request: Request) -> Request {
    request.places = Default::default();
    for tool in &mut request.tools {
        tool.strict = Some(tool.strict.unwrap_or(false));
        if tool.parameters.as_object().is_some_and(|schema| schema.is_empty()) {
            tool.parameters = serde_json::json!({"type": "object", "properties": {}});
        }
    }
    let images = request.turns.iter_mut().flat_map(|turn| &mut turn.parts).flat_map(|part| match part {
        Part::Image(image) => vec![image],
        Part::ToolResult { content, .. } => images_of(content),
        _ => Vec::new(),
    });
    images.for_each(|image| {
        image.detail.get_or_insert_with(|| "auto".to_owned());
    });
    request
}

fn images_of(content: &mut [Part]) -> Vec<&mut dialect::exchange::Image> {
    content.iter_mut().filter_map(|part| if let Part::Image(image) = part { Some(image) } else { None }).collect()
}

/// An answer that is read and written is read as the same.
fn check_answer(data: &[u8], context: &ResponseContext) {
    if let Ok(answer) = read_answer(data) {
        let written = write_response(&answer, context);
        let again = read_answer(written.to_string().as_bytes()).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!((again.parts, again.usage), (answer.parts, answer.usage), "{written}");
    }
}

/// The same events wherever it is cut, and an order that clients accept when they are written.
fn check_stream(data: &[u8]) {
    let mut reader = EventReader::default();
    let mut whole = reader.push(data);
    whole.extend(reader.finish());
    let mut reader = EventReader::default();
    let mut pieces: Vec<Event> = data.chunks(1).flat_map(|byte| reader.push(byte)).collect();
    pieces.extend(reader.finish());
    assert_eq!(pieces, whole);
    let ends = whole.iter().filter(|event| matches!(event, Event::End | Event::Error { .. })).count();
    assert_eq!(ends, 1, "{whole:?} ends once");
    let mut writer = EventWriter::new(ResponseContext::new("resp_1".to_owned(), 0, "m".to_owned(), &Value::Null));
    let (mut order, mut splitter) = (Order::default(), sse::Splitter::default());
    for event in &whole {
        splitter.push(&writer.write(event).expect("JSON can be written"));
    }
    while let Some(event) = splitter.next_event() {
        let name = std::str::from_utf8(&event).ok().and_then(|text| text.strip_prefix("event: ")?.lines().next());
        let data = sse::data_of(&event).expect("each event has data");
        order.take(name.expect("each event has a name"), &serde_json::from_slice(&data).expect("data is JSON"));
    }
    assert!(order.ended.is_some(), "an end is told");
}
