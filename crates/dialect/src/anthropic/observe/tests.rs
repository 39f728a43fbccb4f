#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

const START: &[u8] = br#"{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":5,
    "cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":1}}}"#;
const TEXT: &[u8] = br#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"12345678"}}"#;

#[test]
fn a_stream_tells_every_kind_of_token_and_why_it_ended() {
    let mut seen = Observed::default();
    assert_eq!(seen.event(START), Seen::Chunk);
    assert_eq!(seen.event(TEXT), Seen::Chunk);
    let end = br#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},
        "usage":{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}"#;
    assert_eq!(seen.event(end), Seen::Chunk);
    assert_eq!(seen.event(br#"{"type":"message_stop"}"#), Seen::Done);
    let usage = Usage {
        prompt_tokens: 125,
        completion_tokens: 9,
        cached_input_tokens: 100,
        cache_write_tokens: 20,
        reasoning_tokens: 4,
    };
    assert_eq!(seen.settled(7), (usage, false));
    assert_eq!((seen.finish.as_deref(), seen.text_bytes, seen.error), (Some("tool_use"), 8, None));
}

#[test]
fn a_stream_that_broke_off_has_its_prompt_counted_and_its_answer_estimated() {
    let mut seen = Observed::default();
    seen.event(START);
    seen.event(TEXT);
    seen.event(
        br#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1234"}}"#,
    );
    let (usage, is_estimated) = seen.settled(7);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, is_estimated), (125, 3, true));
}

#[test]
fn without_any_count_all_is_estimated() {
    let mut seen = Observed::default();
    seen.event(TEXT);
    assert_eq!(seen.settled(7), (Usage { prompt_tokens: 7, completion_tokens: 2, ..Usage::default() }, true));
}

#[test]
fn a_whole_answer_tells_the_same_as_its_stream() {
    let mut seen = Observed::default();
    seen.whole(
        br#"{"type":"message","content":[{"type":"text","text":"1234"},{"type":"tool_use","input":{"a":1}}],
        "stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2,"output_tokens_details":"odd"}}"#,
    );
    assert_eq!(seen.finish.as_deref(), Some("end_turn"));
    assert_eq!(seen.text_bytes, 9);
    assert_eq!(seen.settled(0), (Usage { prompt_tokens: 3, completion_tokens: 2, ..Usage::default() }, false));
}

#[test]
fn an_error_inside_a_stream_is_kept_by_its_type_alone() {
    let mut seen = Observed::default();
    let error = br#"{"type":"error","error":{"type":"overloaded_error","message":"the prompt was: secret"}}"#;
    assert_eq!(seen.event(error), Seen::Error);
    assert_eq!(seen.error.as_deref(), Some("overloaded_error"));
}

#[test]
fn what_is_not_understood_is_handed_on_and_changes_nothing() {
    for odd in
        [&b"[DONE]"[..], b"", b"{", b"7", br#"{"type":7}"#, br#"{"delta":[]}"#, br#"{"usage":{"input_tokens":-1}}"#]
    {
        let mut seen = Observed::default();
        assert_eq!(seen.event(odd), Seen::Chunk);
        assert_eq!(seen, Observed::default());
    }
}
