#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

#[test]
fn a_stream_tells_its_usage_and_its_end() {
    let mut seen = Observed::default();
    assert_eq!(seen.event(br#"{"choices":[],"prompt_filter_results":[{}]}"#), Seen::Chunk);
    assert_eq!(
        seen.event(br#"{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}"#),
        Seen::Chunk
    );
    assert_eq!(seen.event(br#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#), Seen::Chunk);
    assert_eq!(
        seen.event(br#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"x":{}}}"#),
        Seen::UsageAlone
    );
    assert_eq!(seen.event(b"[DONE]"), Seen::Done);
    assert_eq!(seen.finish.as_deref(), Some("tool_calls"));
    assert_eq!(seen.settled(99), (Usage { prompt_tokens: 7, completion_tokens: 3, ..Usage::default() }, false));
}

#[test]
fn without_usage_it_is_estimated_from_what_was_written() {
    let mut seen = Observed::default();
    seen.event(br#"{"choices":[{"delta":{"content":"12345678"}},{"index":1,"delta":{"reasoning":"1234"}}]}"#);
    assert_eq!(seen.settled(5), (Usage { prompt_tokens: 5, completion_tokens: 3, ..Usage::default() }, true));
}

#[test]
fn usage_on_a_chunk_with_choices_is_counted_and_not_alone() {
    let mut seen = Observed::default();
    let last =
        br#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    assert_eq!(seen.event(last), Seen::UsageBeside);
    assert!(seen.usage.is_some());
    let first = br#"{"choices":[{"delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":1}}"#;
    assert_eq!(seen.event(first), Seen::UsageBeside);
}

#[test]
fn usage_beside_a_choice_that_says_nothing_is_alone() {
    let mut seen = Observed::default();
    for choices in
        ["[]", "[{}]", r#"[{"index":0,"delta":{}}]"#, r#"[{"index":0,"delta":{"content":""},"finish_reason":null}]"#]
    {
        let chunk = format!(r#"{{"choices":{choices},"usage":{{"prompt_tokens":8,"completion_tokens":7}}}}"#);
        assert_eq!(seen.event(chunk.as_bytes()), Seen::UsageAlone, "{chunk}");
    }
}

#[test]
fn an_error_is_known_by_its_code_and_its_text_is_not_kept() {
    for (body, word) in [
        (r#"{"error":{"message":"prompt: secret","type":"server_error","code":"overloaded"}}"#, "overloaded"),
        (r#"{"error":{"message":"m","type":"server_error","code":null}}"#, "server_error"),
        (r#"{"error":{"code":429}}"#, "429"),
        (r#"{"error":"just text"}"#, "error"),
    ] {
        let mut seen = Observed::default();
        assert_eq!(seen.event(body.as_bytes()), Seen::Error, "{body}");
        assert_eq!(seen.error.as_deref(), Some(word), "{body}");
    }
    let mut seen = Observed::default();
    assert_eq!(seen.event(br#"{"error":null,"choices":[{"delta":{}}]}"#), Seen::Chunk);
    assert_eq!(seen.error, None);
}

#[test]
fn what_is_unknown_is_a_chunk() {
    let mut seen = Observed::default();
    for odd in [&b"not json"[..], b"", b"1", br#"{"choices":"none"}"#] {
        assert_eq!(seen.event(odd), Seen::Chunk);
    }
    assert_eq!(seen, Observed::default());
}

#[test]
fn a_whole_answer_is_read_alike() {
    let mut seen = Observed::default();
    seen.whole(br#"{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}"#);
    assert_eq!((seen.finish.as_deref(), seen.usage.unwrap().total_tokens()), (Some("stop"), 3));
}

#[test]
fn details_are_counted_and_odd_ones_do_not_lose_the_totals() {
    let settled = |details: &str| {
        let mut seen = Observed::default();
        seen.whole(
            format!(r#"{{"choices":[],"usage":{{"prompt_tokens":9,"completion_tokens":5,{details}}}}}"#).as_bytes(),
        );
        seen.settled(0)
    };
    let counted = Usage {
        prompt_tokens: 9,
        completion_tokens: 5,
        cached_input_tokens: 4,
        cache_write_tokens: 3,
        reasoning_tokens: 2,
    };
    let details = r#""prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":3,"audio_tokens":null},
        "completion_tokens_details":{"reasoning_tokens":2}"#;
    assert_eq!(settled(details), (counted, false));
    let totals = Usage { prompt_tokens: 9, completion_tokens: 5, ..Usage::default() };
    for odd in ["null", "7", "[]", r#"{"cached_tokens":"x","reasoning_tokens":-1}"#] {
        let details = format!(r#""prompt_tokens_details":{odd},"completion_tokens_details":{odd}"#);
        assert_eq!(settled(&details), (totals, false), "{odd}");
    }
}
