#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn split(pieces: &[&[u8]]) -> (Vec<String>, String) {
    let mut splitter = Splitter::default();
    let mut events = Vec::new();
    for piece in pieces {
        splitter.push(piece);
        while let Some(event) = splitter.next_event() {
            events.push(String::from_utf8(event.to_vec()).unwrap());
        }
    }
    (events, String::from_utf8(splitter.rest().to_vec()).unwrap())
}

const STREAMS: [&str; 4] = [
    "data: a\n\ndata: b\n\n: hi\n\n",
    "data: a\r\n\r\ndata: b\r\n\r\n: hi\r\n\r\n",
    "data: a\r\rdata: b\r\r: hi\r\r",
    "event: x\ndata: é\n\nid: 1\n\ndata: c\n\n",
];

#[test]
fn events_are_the_same_however_the_bytes_are_cut() {
    for stream in STREAMS {
        let whole = split(&[stream.as_bytes()]);
        assert_eq!((whole.0.len(), whole.0.concat(), whole.1.as_str()), (3, stream.to_owned(), ""), "{stream:?}");
        let one_by_one: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(split(&one_by_one), whole, "{stream:?}");
        for at in 0..stream.len() {
            let (head, tail) = stream.as_bytes().split_at(at);
            assert_eq!(split(&[head, tail]), whole, "{stream:?} cut at {at}");
        }
    }
}

#[test]
fn what_has_no_end_is_left_over() {
    assert_eq!(split(&[b"data: a\n\ndata: {\"half"]), (vec!["data: a\n\n".to_owned()], "data: {\"half".to_owned()));
}

#[test]
fn the_data_of_an_event_is_its_data_lines() {
    for (event, data) in [
        ("data: {\"a\":1}\n\n", Some("{\"a\":1}")),
        ("data:[DONE]\r\n\r\n", Some("[DONE]")),
        ("event: x\ndata: a\ndata: b\ndata: c\n\n", Some("a\nb\nc")),
        (": comment\n\n", None),
        ("retry: 5\n\n", None),
    ] {
        assert_eq!(data_of(event.as_bytes()).as_deref(), data.map(str::as_bytes), "{event:?}");
    }
}
