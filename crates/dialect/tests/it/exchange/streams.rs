//! Streams, said in the other protocol: a file `<case>.in.sse` each, with `<case>.out.sse` as the other protocol's client reads
//! it.

use dialect::exchange::Event;
use dialect::{anthropic, openai::chat_exchange as chat};

use super::context;
use crate::golden;

/// A reader of either protocol.
enum Reader {
    Chat(chat::EventReader),
    Messages(anthropic::EventReader),
}

impl Reader {
    fn of(name: &str) -> Reader {
        if name.starts_with("chat-") { Reader::Chat(Default::default()) } else { Reader::Messages(Default::default()) }
    }

    fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        match self {
            Reader::Chat(reader) => reader.push(bytes),
            Reader::Messages(reader) => reader.push(bytes),
        }
    }

    fn finish(&mut self) -> Vec<Event> {
        match self {
            Reader::Chat(reader) => reader.finish(),
            Reader::Messages(reader) => reader.finish(),
        }
    }
}

fn read(name: &str, pieces: &[&[u8]]) -> Vec<Event> {
    let mut reader = Reader::of(name);
    let mut events: Vec<Event> = pieces.iter().flat_map(|piece| reader.push(piece)).collect();
    events.extend(reader.finish());
    events
}

fn to_chat(events: &[Event], include_usage: bool) -> Vec<u8> {
    let mut writer = chat::EventWriter::new(context(), include_usage);
    events.iter().flat_map(|event| writer.write(event).unwrap()).collect()
}

fn to_messages(events: &[Event]) -> Vec<u8> {
    let mut writer = anthropic::EventWriter::new(context());
    events.iter().flat_map(|event| writer.write(event).unwrap()).collect()
}

/// Names and bytes of all streams.
fn streams() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(golden::path("exchange/streams")).unwrap() {
        let path = entry.unwrap().path();
        if let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".in.sse") {
            found.push((name.to_owned(), std::fs::read(&path).unwrap()));
        }
    }
    assert!(found.len() >= 18, "streams are lost");
    found
}

#[test]
fn each_stream_is_shown_to_a_client_of_the_other_protocol() {
    for (name, bytes) in streams() {
        let events = read(&name, &[&bytes]);
        let written = if name.starts_with("chat-") { to_messages(&events) } else { to_chat(&events, true) };
        golden::check(&format!("exchange/streams/{name}.out.sse"), std::str::from_utf8(&written).unwrap());
    }
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_events() {
    for (name, bytes) in streams() {
        let whole = read(&name, &[&bytes]);
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(read(&name, &[first, second]), whole, "{name} cut at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&name, &single), whole, "{name} in single bytes");
    }
}

#[test]
fn other_line_ends_give_the_same_events() {
    for (name, bytes) in streams() {
        let text = String::from_utf8(bytes.clone()).unwrap().replace('\n', "\r\n");
        assert_eq!(read(&name, &[text.as_bytes()]), read(&name, &[&bytes]), "{name}");
    }
}

/// What is written by one side is read by the other as what it was, but for what only one protocol says.
#[test]
fn a_written_stream_is_read_as_what_it_was() {
    let said = |events: &[Event]| {
        let kept = |event: &&Event| {
            !matches!(event, Event::Started { .. } | Event::Usage(_) | Event::Finished { .. } | Event::Error { .. })
        };
        let all = events.iter().filter(kept).cloned().map(|event| match event {
            Event::Refusal { part, delta } => Event::Text { part, delta },
            other => other,
        });
        all.collect::<Vec<_>>()
    };
    for (name, bytes) in streams().into_iter().filter(|(name, _)| name.starts_with("chat-")) {
        let events = read(&name, &[&bytes]);
        let again = read("messages-", &[&to_messages(&events)]);
        assert_eq!(said(&again), said(&events), "{name}");
        let usage = |events: &[Event]| {
            events.iter().rev().find_map(|event| if let Event::Usage(tokens) = event { Some(*tokens) } else { None })
        };
        if usage(&events).is_some() {
            assert_eq!(usage(&again), usage(&events), "{name}");
        }
    }
}

#[test]
fn who_did_not_ask_for_usage_never_sees_the_field() {
    let (_, bytes) = streams().into_iter().find(|(name, _)| name == "messages-text").unwrap();
    let events = read("messages-text", &[&bytes]);
    let written = String::from_utf8(to_chat(&events, false)).unwrap();
    assert!(!written.contains("usage") && written.ends_with("data: [DONE]\n\n"), "{written}");
}

#[test]
fn nothing_is_read_after_an_error_or_the_end() {
    for (name, bytes) in streams() {
        let twice = [bytes.clone(), bytes.clone()].concat();
        let events = read(&name, &[&twice]);
        let last = events.iter().position(|event| matches!(event, Event::End | Event::Error { .. }));
        assert_eq!(last, Some(events.len() - 1), "{name}");
    }
}
