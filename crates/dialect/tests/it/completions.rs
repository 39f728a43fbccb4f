//! The completions protocol.

use dialect::exchange::{Answer, Event, Finish, Part, Tokens};
use dialect::openai::completions::{CompletionReply, DEFAULT_MAX_TOKENS, EventWriter, Outline, read_request, texts};
use serde_json::json;

use crate::{golden, tape};

fn reply(include_usage: bool) -> CompletionReply {
    CompletionReply {
        id: "cmpl-0123456789abcdef".to_owned(),
        created: 1_763_800_000,
        model: "chat".to_owned(),
        system_fingerprint: "fp_cupola".to_owned(),
        include_usage,
    }
}

const USAGE: Tokens = Tokens { input: 7, cached_input: 1, cache_write: 0, output: 3, reasoning: 2 };

fn answer(finish: Finish) -> Answer {
    let thought = Part::Reasoning { text: "Hm.".to_owned(), signature: None, encrypted: None };
    Answer {
        id: "up".to_owned(),
        model: "up".to_owned(),
        parts: vec![thought, Part::Text("Once upon".to_owned()), Part::Text(" a time".to_owned())],
        finish,
        stop_sequence: None,
        usage: Some(USAGE),
    }
}

#[test]
fn a_prompt_becomes_one_turn_of_the_user() {
    for prompt in [json!("Once"), json!(["Once"])] {
        let request =
            read_request(&json!({"model": "m", "prompt": prompt, "stop": "END", "seed": 5, "temperature": 0})).unwrap();
        assert_eq!(request.turns[0].parts, [Part::Text("Once".to_owned())]);
        assert_eq!((request.turns.len(), request.max_output_tokens), (1, Some(DEFAULT_MAX_TOKENS)));
        assert_eq!((request.stop, request.seed, request.temperature), (vec!["END".to_owned()], Some(5), Some(0.0)));
    }
    let streamed = json!({"prompt": "x", "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 3});
    let request = read_request(&streamed).unwrap();
    assert!(request.stream && request.include_usage && request.max_output_tokens == Some(3));
}

#[test]
fn what_cannot_be_held_is_refused_by_name() {
    let rows = [
        (json!({"prompt": null}), "prompt"),
        (json!({"prompt": []}), "prompt"),
        (json!({"prompt": ["a", "b"]}), "prompt"),
        (json!({"prompt": [1, 2]}), "prompt"),
        (json!({"prompt": [[1, 2]]}), "prompt"),
        (json!({"prompt": [true]}), "prompt[0]"),
        (json!({"prompt": 5}), "prompt"),
        (json!({"suffix": "The end."}), "suffix"),
        (json!({"echo": true}), "echo"),
        (json!({"best_of": 2}), "best_of"),
        (json!({"n": 2}), "n"),
        (json!({"logprobs": 0}), "logprobs"),
        (json!({"logit_bias": {"5": 1}}), "logit_bias"),
        (json!({"max_tokens": 0}), "max_tokens"),
        (json!({"temperature": 3}), "temperature"),
        (json!({"presence_penalty": -3}), "presence_penalty"),
        (json!({"seed": "x"}), "seed"),
        (json!({"stop": ["a", "b", "c", "d", "e"]}), "stop"),
        (json!({"stop": [""]}), "stop[0]"),
        (json!({"stop": 5}), "stop"),
        (json!({"stream_options": {"include_usage": true}}), "stream_options"),
        (json!({"stream": true, "stream_options": {"x": 1}}), "stream_options.x"),
        (json!({"messages": []}), "messages"),
    ];
    for (with, field) in rows {
        let mut body = json!({"prompt": "x"});
        body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        assert_eq!(read_request(&body).unwrap_err().field, field, "{with}");
    }
}

#[test]
fn what_asks_for_nothing_may_be_left_out() {
    let nothing = json!({"prompt": "x", "n": 1, "best_of": 1, "echo": false, "suffix": "", "logit_bias": {}, "logprobs": null,
        "stream": true, "stream_options": {"include_obfuscation": false}});
    assert!(read_request(&nothing).is_ok());
}

#[test]
fn a_whole_answer_and_its_stream() {
    let whole = serde_json::to_string_pretty(&reply(false).whole(&answer(Finish::Length))).unwrap() + "\n";
    golden::check("openai/completion.json", &whole);
    for (file, include_usage) in [("openai/completion-stream.sse", false), ("openai/completion-stream-usage.sse", true)]
    {
        let text = |part, delta: &str| Event::Text { part, delta: delta.to_owned() };
        let events = [
            Event::Started { id: "up".to_owned(), model: "up".to_owned(), usage: None },
            Event::Reasoning { part: 0, delta: "Hm.".to_owned() },
            text(1, "Once upon"),
            text(2, " a time"),
            Event::Usage(USAGE),
            Event::Finished { finish: Finish::Stop, stop_sequence: None },
            Event::End,
            text(3, "never"),
        ];
        let mut writer = EventWriter::new(reply(include_usage));
        let stream: Vec<u8> = events.iter().flat_map(|event| writer.write(event).unwrap()).collect();
        golden::check(file, std::str::from_utf8(&stream).unwrap());
    }
}

#[test]
fn an_error_ends_the_stream() {
    let mut writer = EventWriter::new(reply(true));
    let error = writer.write(&Event::Error { code: "overloaded".to_owned(), message: "later".to_owned() }).unwrap();
    assert!(error.starts_with(b"data: {\"error\":{"));
    assert!(writer.write(&Event::End).unwrap().is_empty());
}

#[test]
fn each_end_has_a_word() {
    for (finish, word) in [
        (Finish::Stop, "stop"),
        (Finish::Length, "length"),
        (Finish::ContentFilter, "content_filter"),
        (Finish::Refusal, "content_filter"),
        (Finish::Other("pause".to_owned()), "pause"),
    ] {
        assert_eq!(reply(false).whole(&answer(finish))["choices"][0]["finish_reason"], word);
    }
}

#[test]
fn the_outline_counts_prompts() {
    for (prompt, prompts) in
        [(json!("a"), 1), (json!(["a", "b"]), 2), (json!([1, 2, 3]), 1), (json!([[1], [2], [3]]), 3), (json!([]), 1)]
    {
        let outline = Outline::of(tape(&json!({"model": "m", "prompt": prompt, "n": 2})).root()).unwrap();
        assert_eq!(
            (outline.prompts, outline.common.choices, outline.max_tokens),
            (prompts, 2, DEFAULT_MAX_TOKENS),
            "{prompt}"
        );
    }
    let mut seen = Vec::new();
    texts(tape(&json!({"prompt": ["a", "b"]})).root(), &mut |text| seen.push(text.to_owned()));
    texts(tape(&json!({"prompt": "c"})).root(), &mut |text| seen.push(text.to_owned()));
    assert_eq!(seen, ["a", "b", "c"]);
}
