//! What holds of every stream that a provider sends, cut anywhere.

use dialect::exchange::{AnswerContext, Event};
use dialect::{anthropic, openai::chat_exchange as chat};
use serde_json::Value;

/// Panics where something does not hold of `data`.
pub(crate) fn check(data: &[u8]) {
    let pieces = [data.len().max(1), 1, 7, 64];
    let as_chat = pieces.map(|size| {
        let mut reader = chat::EventReader::default();
        let mut events: Vec<Event> = data.chunks(size).flat_map(|piece| reader.push(piece)).collect();
        events.extend(reader.finish());
        events
    });
    let as_messages = pieces.map(|size| {
        let mut reader = anthropic::EventReader::default();
        let mut events: Vec<Event> = data.chunks(size).flat_map(|piece| reader.push(piece)).collect();
        events.extend(reader.finish());
        events
    });
    for [whole, others @ ..] in [as_chat, as_messages] {
        others.iter().for_each(|events| assert_eq!(events, &whole, "a cut changes the events"));
        let last = whole.iter().position(|event| matches!(event, Event::End | Event::Error { .. }));
        assert_eq!(last, Some(whole.len() - 1), "a stream ends once: {whole:?}");
        check_chat(&whole);
        check_messages(&whole);
    }
}

/// The role comes first, and `[DONE]` last unless there was an error.
fn check_chat(events: &[Event]) {
    let mut writer = chat::EventWriter::new(AnswerContext::default(), true);
    let written: Vec<u8> = events.iter().flat_map(|event| writer.write(event).expect("values are printed")).collect();
    let is_whole = events.last() == Some(&Event::End);
    assert_eq!(written.ends_with(b"data: [DONE]\n\n"), is_whole);
    let mut reader = chat::EventReader::default();
    let again = reader.push(&written);
    assert!(is_whole || matches!(again.last(), Some(Event::Error { .. })), "{again:?}");
}

/// One block after the other, each begun and ended once, between the message's start and its end.
fn check_messages(events: &[Event]) {
    let mut writer = anthropic::EventWriter::new(AnswerContext::default());
    let written: Vec<u8> = events.iter().flat_map(|event| writer.write(event).expect("values are printed")).collect();
    let text = std::str::from_utf8(&written).expect("JSON is text");
    let (mut open, mut next, mut is_started, mut is_over) = (None, 0, false, false);
    for line in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let event: Value = serde_json::from_str(line).expect("an event is JSON");
        assert!(!is_over, "{event} comes after the end");
        let index = event.get("index").and_then(Value::as_u64);
        match event.get("type").and_then(Value::as_str).expect("an event has a type") {
            "message_start" => assert!(!std::mem::replace(&mut is_started, true), "a second start"),
            "content_block_start" => {
                assert!(is_started && open.is_none() && index == Some(next), "{event}");
                open = index;
                next += 1;
            }
            "content_block_delta" => assert!(open.is_some() && open == index, "{event}"),
            "content_block_stop" => assert!(open.is_some() && open.take() == index, "{event}"),
            "message_delta" => assert!(is_started && open.is_none(), "{event}"),
            "message_stop" | "error" => is_over = true,
            other => panic!("`{other}` is no event"),
        }
    }
    assert!(is_over, "{text}");
}
