//! The Responses protocol on the wire: requests, answers, streams.

use bytes::Bytes;
use dialect::Usage;
use dialect::exchange::{Answer, Event, Finish, Part, Tokens};
use dialect::openai::responses::{
    EventReader, EventWriter, NoAnswer, Observed, ResponseContext, read_answer, read_request, write_request,
    write_response,
};
use dialect::sse;
use serde_json::{Value, json};

use crate::golden;
use crate::order::Order;

fn cases(file: &str) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(golden::path(file)).unwrap()).unwrap()
}

fn check(file: &str, cases: &[Value]) {
    golden::check(file, &(serde_json::to_string_pretty(cases).unwrap() + "\n"));
}

/// What each request becomes when it is said again; blessing rewrites `said`.
#[test]
fn each_request_is_said_again_without_loss() {
    const FILE: &str = "exchange/responses-requests.json";
    let said: Vec<Value> = cases(FILE)
        .iter()
        .map(|case| {
            let read = read_request(&case["request"]).unwrap_or_else(|error| panic!("{}: {error}", case["case"]));
            let said = write_request(&read.exchange).unwrap();
            let again = read_request(&said).unwrap().exchange;
            assert_eq!(write_request(&again).unwrap(), said, "{}: what is said twice is the same", case["case"]);
            json!({"case": case["case"], "request": case["request"], "said": said})
        })
        .collect();
    assert!(said.len() >= 10, "the file lost its cases");
    check(FILE, &said);
}

/// What is refused, by which name and why; blessing rewrites `field` and `reason`.
#[test]
fn each_wish_that_cannot_be_said_is_refused_by_name() {
    const FILE: &str = "exchange/responses-refused.json";
    let refused: Vec<Value> = cases(FILE)
        .iter()
        .map(|case| {
            let mut body = json!({"model": "chat", "input": "hi"});
            body.as_object_mut().unwrap().extend(case["with"].as_object().unwrap().clone());
            let error = read_request(&body).expect_err(&format!("{} is accepted", case["with"]));
            json!({"with": case["with"], "field": error.field, "reason": error.reason})
        })
        .collect();
    assert!(refused.len() >= 50, "the file lost its cases");
    check(FILE, &refused);
}

fn context() -> ResponseContext {
    let body = json!({
        "instructions": "Be brief.", "temperature": 0.5, "metadata": {"team": "blue"}, "previous_response_id": "resp_0",
        "tools": [{"type": "function", "name": "weather"}],
    });
    ResponseContext::new("resp_0123456789abcdef".to_owned(), 1_763_800_000, "chat".to_owned(), &body)
}

fn call(id: &str, arguments: &str) -> Part {
    Part::ToolCall { id: id.to_owned(), name: "weather".to_owned(), arguments: arguments.to_owned() }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn thought(text: &str, signature: Option<&str>, encrypted: Option<&str>) -> Part {
    let owned = |text: &str| text.to_owned();
    Part::Reasoning { text: text.to_owned(), signature: signature.map(owned), encrypted: encrypted.map(owned) }
}

/// Every way an answer can be made and end.
fn answers() -> Vec<(&'static str, Answer)> {
    let usage = Tokens { input: 37, cached_input: 5, cache_write: 2, output: 11, reasoning: 4 };
    let answer = |finish: Finish, parts: Vec<Part>| Answer {
        id: "resp_0123456789abcdef".to_owned(),
        model: "chat".to_owned(),
        parts,
        finish,
        stop_sequence: None,
        usage: Some(usage),
    };
    let refusal = || Part::Refusal("I cannot help with that.".to_owned());
    vec![
        ("a text", answer(Finish::Stop, vec![text("Hello 😀\n\"you\"")])),
        ("two texts in one message", answer(Finish::Stop, vec![text("One."), text("Two.")])),
        ("nothing at all", answer(Finish::Stop, vec![])),
        ("without usage", Answer { usage: None, ..answer(Finish::Stop, vec![text("Hi")]) }),
        ("a call", answer(Finish::ToolCalls, vec![call("call_1", r#"{"city":"Paris"}"#)])),
        (
            "calls in parallel, behind a text and before one",
            answer(
                Finish::ToolCalls,
                vec![text("Let me see."), call("call_1", "{}"), call("call_2", "{}"), text("Wait.")],
            ),
        ),
        ("a call without arguments", answer(Finish::ToolCalls, vec![call("call_1", "")])),
        ("thinking before a text", answer(Finish::Stop, vec![thought("Hm.", None, Some("gAAA==")), text("Yes.")])),
        ("thinking with a signature", answer(Finish::Stop, vec![thought("Hm.", Some("c2ln"), None), text("Yes.")])),
        ("thinking that is not shown", answer(Finish::Stop, vec![thought("", None, Some("gAAA==")), text("Yes.")])),
        ("thinking sealed twice", answer(Finish::Stop, vec![thought("Hm.", Some("c2ln"), Some("x.y")), text("Yes.")])),
        ("cut by the limit", answer(Finish::Length, vec![text("It was a dark and")])),
        ("a call cut by the limit", answer(Finish::Length, vec![text("Hm."), call("call_1", r#"{"ci"#)])),
        ("cut by a filter", answer(Finish::ContentFilter, vec![text("How to")])),
        ("a refusal", answer(Finish::Refusal, vec![refusal()])),
        ("a text, then a refusal", answer(Finish::Refusal, vec![text("Well."), refusal()])),
        ("an end of a provider's own", answer(Finish::Other("pause_turn".to_owned()), vec![text("One moment")])),
    ]
}

/// The events of an answer that comes in small pieces.
fn events(answer: &Answer) -> Vec<Event> {
    let mut out = vec![Event::Started { id: answer.id.clone(), model: answer.model.clone(), usage: None }];
    for (part, said) in answer.parts.iter().enumerate() {
        let pieces = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        match said {
            Part::Text(text) => out.extend(pieces(text).into_iter().map(|delta| Event::Text { part, delta })),
            Part::Refusal(text) => out.extend(pieces(text).into_iter().map(|delta| Event::Refusal { part, delta })),
            Part::ToolCall { id, name, arguments } => {
                out.push(Event::ToolCall { part, id: id.clone(), name: name.clone() });
                out.extend(pieces(arguments).into_iter().map(|delta| Event::ToolArguments { part, delta }));
            }
            Part::Reasoning { text, signature, encrypted } => {
                out.extend(pieces(text).into_iter().map(|delta| Event::Reasoning { part, delta }));
                let (signature, encrypted) = (signature.clone(), encrypted.clone());
                out.push(Event::ReasoningSealed { part, signature, encrypted });
            }
            Part::Image(_) | Part::ToolResult { .. } => unreachable!("no answer holds these"),
        }
        out.push(Event::PartDone { part });
    }
    out.extend(answer.usage.map(Event::Usage));
    out.push(Event::Finished { finish: answer.finish.clone(), stop_sequence: None });
    out.push(Event::End);
    out
}

fn written(events: &[Event]) -> (Vec<u8>, Option<Value>) {
    let mut writer = EventWriter::new(context());
    let bytes: Vec<Bytes> = events.iter().map(|event| writer.write(event).unwrap()).collect();
    (bytes.concat(), writer.response().cloned())
}

/// Name and data of each event of a stream.
fn split(stream: &[u8]) -> Vec<(String, Value)> {
    let mut splitter = sse::Splitter::default();
    splitter.push(stream);
    std::iter::from_fn(|| splitter.next_event())
        .map(|event| {
            let name = std::str::from_utf8(&event).unwrap().strip_prefix("event: ").unwrap().lines().next().unwrap();
            (name.to_owned(), serde_json::from_slice(&sse::data_of(&event).unwrap()).unwrap())
        })
        .collect()
}

fn in_order(stream: &[u8]) -> Order {
    let mut order = Order::default();
    split(stream).iter().for_each(|(name, data)| order.take(name, data));
    order
}

fn read(stream: &[u8]) -> Vec<Event> {
    EventReader::default().push(stream)
}

#[test]
fn whole_answers_on_the_wire() {
    let written: Vec<Value> = answers()
        .iter()
        .map(|(case, answer)| json!({"case": case, "response": write_response(answer, &context())}))
        .collect();
    check("exchange/responses-answers.json", &written);
}

#[test]
fn an_answer_that_is_written_reads_the_same() {
    for (case, answer) in answers() {
        let body = write_response(&answer, &context()).to_string();
        assert_eq!(read_answer(body.as_bytes()).unwrap(), answer, "{case}");
    }
}

#[test]
fn streams_on_the_wire() {
    let written: Vec<Value> = answers()
        .iter()
        .map(|(case, answer)| {
            let events: Vec<Value> = split(&written(&events(answer)).0)
                .into_iter()
                .map(|(name, mut data)| {
                    // The whole answers have a file of their own.
                    if let Some(response) = data.get_mut("response") {
                        *response = json!({"status": response["status"], "output": response["output"].as_array().unwrap().len()});
                    }
                    assert_eq!(data["type"], name.as_str());
                    data
                })
                .collect();
            json!({"case": case, "events": events})
        })
        .collect();
    check("exchange/responses-streams.json", &written);
}

#[test]
fn a_stream_keeps_the_order_that_clients_hold_it_to() {
    for (case, answer) in answers() {
        let (stream, stored) = written(&events(&answer));
        let ended = in_order(&stream).ended;
        let response = write_response(&answer, &context());
        assert_eq!(ended.map(|(_, response)| response), Some(response.clone()), "{case}: as the whole answer");
        assert_eq!(stored, Some(response), "{case}: and so it is stored");
    }
}

#[test]
fn a_stream_that_is_written_reads_the_same() {
    for (case, answer) in answers() {
        let mut expected = events(&answer);
        // A seal of nothing is not said, and an answer that has usage says it before its end.
        let is_nothing =
            |event: &Event| matches!(event, Event::ReasoningSealed { signature: None, encrypted: None, .. });
        expected.retain(|event| !is_nothing(event));
        assert_eq!(sorted(read(&written(&expected).0)), sorted(expected), "{case}");
    }
}

/// Without the places at which parts are told to be done: the protocol tells some of them late.
fn sorted(events: Vec<Event>) -> (Vec<Event>, usize) {
    let (done, rest): (Vec<Event>, Vec<Event>) =
        events.into_iter().partition(|event| matches!(event, Event::PartDone { .. }));
    (rest, done.len())
}

#[test]
fn a_stream_may_come_byte_by_byte() {
    for (case, answer) in answers() {
        let (stream, _) = written(&events(&answer));
        let mut reader = EventReader::default();
        let one_by_one: Vec<Event> = stream.chunks(1).flat_map(|byte| reader.push(byte)).collect();
        assert_eq!(one_by_one, read(&stream), "{case}");
        assert_eq!(reader.finish(), [], "{case}: it is whole");
    }
}

#[test]
fn a_stream_may_be_cut_at_any_byte() {
    let stream = late_stream();
    let whole = read(&stream);
    for cut in 0..stream.len() {
        let (head, tail) = stream.split_at(cut);
        let mut reader = EventReader::default();
        let both: Vec<Event> = [head, tail].iter().flat_map(|piece| reader.push(piece)).collect();
        assert_eq!(both, whole, "cut at {cut}");
    }
}

#[test]
fn other_line_ends_change_nothing() {
    let (stream, _) = written(&events(&answers()[5].1));
    let text = String::from_utf8(stream.clone()).unwrap();
    for end in ["\r\n", "\r"] {
        assert_eq!(read(text.replace('\n', end).as_bytes()), read(&stream), "{end:?}");
    }
}

#[test]
fn calls_that_come_mixed_are_written_in_order() {
    let call = |part, id: &str| Event::ToolCall { part, id: id.to_owned(), name: "f".to_owned() };
    let piece = |part, delta: &str| Event::ToolArguments { part, delta: delta.to_owned() };
    let finish = Event::Finished { finish: Finish::ToolCalls, stop_sequence: None };
    let mixed =
        [call(0, "a"), call(1, "b"), piece(0, "{"), piece(1, "["), piece(0, "}"), piece(1, "]"), finish, Event::End];
    let (name, response) = in_order(&written(&mixed).0).ended.unwrap();
    assert_eq!(name, "response.completed");
    assert_eq!(
        (&response["output"][0]["arguments"], &response["output"][1]["arguments"]),
        (&json!("{}"), &json!("[]"))
    );
}

#[test]
fn a_provider_that_fails_leaves_what_it_said() {
    let usage = Tokens { input: 7, output: 2, ..Tokens::default() };
    let error = Event::Error { code: "overloaded".to_owned(), message: "try later".to_owned() };
    let piece = Event::Text { part: 0, delta: "Hel".to_owned() };
    let (stream, stored) = written(&[Event::Usage(usage), piece.clone(), error, piece, Event::End]);
    let (name, response) = in_order(&stream).ended.unwrap();
    assert_eq!(name, "response.failed");
    assert_eq!(response["error"], json!({"code": "overloaded", "message": "try later"}));
    assert_eq!(response["usage"]["total_tokens"], 9);
    assert_eq!(response["output"][0]["content"][0]["text"], "Hel");
    assert_eq!(response["output"][0]["status"], "incomplete");
    assert_eq!(stored, Some(response));
    let events = read(&stream);
    assert!(events.contains(&Event::Usage(usage)) && matches!(events[..], [.., Event::Error { .. }]), "{events:?}");
}

#[test]
fn a_stream_that_breaks_off_has_failed() {
    let piece = Event::Text { part: 0, delta: "Hel".to_owned() };
    let (name, response) = in_order(&written(&[piece, Event::End]).0).ended.unwrap();
    assert_eq!((name.as_str(), &response["error"]["code"]), ("response.failed", &json!("server_error")));
}

#[test]
fn what_comes_at_a_wrong_place_fails_the_answer() {
    let text = |part| Event::Text { part, delta: "a".to_owned() };
    let arguments = Event::ToolArguments { part: 0, delta: "{".to_owned() };
    let refusal = Event::Refusal { part: 0, delta: "no".to_owned() };
    let thought = Event::Reasoning { part: 0, delta: "hm".to_owned() };
    let done = Event::PartDone { part: 0 };
    for wrong in [
        vec![arguments.clone()],
        vec![text(0), arguments],
        vec![text(0), refusal],
        vec![text(0), thought.clone()],
        vec![text(0), done.clone(), text(0)],
        vec![thought.clone(), done, thought],
    ] {
        let (name, response) = in_order(&written(&wrong).0).ended.unwrap_or_else(|| panic!("{wrong:?} passes"));
        assert_eq!(
            (name.as_str(), &response["error"]["code"]),
            ("response.failed", &json!("server_error")),
            "{wrong:?}"
        );
    }
}

/// A provider's stream with what providers do: no deltas, several paragraphs of a summary, padding, events nobody knows.
fn late_stream() -> Vec<u8> {
    let stream = [
        json!({"type": "response.created", "response": {"id": "resp_up", "model": "gpt-5"}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "One."}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 1, "delta": "Two."}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": {"type": "reasoning", "encrypted_content": "gAA"}}),
        json!({"type": "response.output_item.added", "output_index": 1, "item": {"type": "function_call", "call_id": "c", "name": "f"}}),
        json!({"type": "response.output_item.done", "output_index": 1,
               "item": {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}}),
        json!({"type": "response.output_text.delta", "output_index": 2, "content_index": 0, "delta": "He", "obfuscation": "xx"}),
        json!({"type": "response.output_text.annotation.added", "output_index": 2, "content_index": 0}),
        json!({"type": "response.output_text.done", "output_index": 2, "content_index": 0, "text": "Hello"}),
        json!({"type": "response.completed", "response": {"usage": {"input_tokens": 3, "output_tokens": 4}}}),
    ];
    stream.iter().flat_map(|event| sse::data(event).unwrap()).collect()
}

#[test]
fn a_provider_may_say_things_late_or_in_its_own_way() {
    let text = |part, delta: &str| Event::Text { part, delta: delta.to_owned() };
    let thought = |delta: &str| Event::Reasoning { part: 0, delta: delta.to_owned() };
    let expected = vec![
        Event::Started { id: "resp_up".to_owned(), model: "gpt-5".to_owned(), usage: None },
        thought("One."),
        thought("\n\n"),
        thought("Two."),
        Event::ReasoningSealed { part: 0, signature: None, encrypted: Some("gAA".to_owned()) },
        Event::PartDone { part: 0 },
        Event::ToolCall { part: 1, id: "c".to_owned(), name: "f".to_owned() },
        Event::ToolArguments { part: 1, delta: "{}".to_owned() },
        Event::PartDone { part: 1 },
        text(2, "He"),
        text(2, "llo"),
        Event::Usage(Tokens { input: 3, output: 4, ..Tokens::default() }),
        Event::Finished { finish: Finish::ToolCalls, stop_sequence: None },
        Event::End,
    ];
    assert_eq!(read(&late_stream()), expected);
}

#[test]
fn errors_inside_a_stream_are_errors() {
    for (event, code) in [
        (json!({"type": "error", "code": "rate_limit_exceeded", "message": "m"}), "rate_limit_exceeded"),
        (json!({"type": "error", "error": {"type": "server_error", "message": "m"}}), "server_error"),
        (json!({"error": {"code": "429", "message": "m"}}), "429"),
        (
            json!({"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "m"}}}),
            "invalid_prompt",
        ),
        (json!({"type": "response.output_item.added", "item": {"type": "web_search_call"}}), "unsupported_output"),
        (json!({"type": "response.function_call_arguments.delta", "delta": "{"}), "unreadable_event"),
    ] {
        match &read(&sse::data(&event).unwrap())[..] {
            [Event::Error { code: found, .. }] => assert_eq!(found, code, "{event}"),
            other => panic!("{event}: {other:?}"),
        }
    }
    assert!(matches!(read(b"data: {\n\n")[..], [Event::Error { .. }]));
}

#[test]
fn a_provider_that_breaks_off_has_failed() {
    let mut reader = EventReader::default();
    let text = Event::Text { part: 0, delta: "Hel".to_owned() };
    assert_eq!(
        reader.push(br#"data: {"type":"response.output_text.delta","delta":"Hel"}"#),
        [],
        "its end may be on its way"
    );
    match &reader.finish()[..] {
        [said, Event::Error { code, .. }] => assert_eq!((said, code.as_str()), (&text, "stream_cut")),
        other => panic!("{other:?}"),
    }
    assert_eq!(reader.finish(), [], "it is told once");
}

#[test]
fn a_failed_answer_is_no_answer() {
    let failed = json!({"status": "failed", "error": {"code": "server_error", "message": "boom"}}).to_string();
    let expected = NoAnswer::Failed { code: "server_error".to_owned(), message: "boom".to_owned() };
    assert_eq!(read_answer(failed.as_bytes()), Err(expected));
    for unreadable in
        ["", "[]", "7", r#"{"output": 1}"#, r#"{"output": [{"type": "web_search_call"}]}"#, r#"{"status": "queued"}"#]
    {
        assert!(matches!(read_answer(unreadable.as_bytes()), Err(NoAnswer::Unreadable { .. })), "{unreadable}");
    }
}

#[test]
fn what_is_handed_on_is_seen_the_same_whole_and_streamed() {
    for (case, answer) in answers() {
        let (mut whole, mut streamed) = (Observed::default(), Observed::default());
        whole.whole(write_response(&answer, &context()).to_string().as_bytes());
        for (_, data) in split(&written(&events(&answer)).0) {
            streamed.event(data.to_string().as_bytes());
        }
        assert_eq!(whole.usage, answer.usage.map(Usage::from), "{case}");
        assert_eq!(whole.settled(9).1, answer.usage.is_none(), "{case}");
        let seen = |observed: &Observed| {
            (
                observed.id.clone(),
                observed.usage,
                observed.status.clone(),
                observed.incomplete_reason.clone(),
                observed.error.clone(),
            )
        };
        assert_eq!(seen(&whole), seen(&streamed), "{case}");
    }
}

#[test]
fn without_usage_it_is_estimated_from_what_was_written() {
    let mut seen = Observed::default();
    for kind in ["output_text", "refusal", "function_call_arguments", "reasoning_summary_text"] {
        seen.event(format!(r#"{{"type":"response.{kind}.delta","delta":"1234"}}"#).as_bytes());
    }
    assert_eq!(seen.settled(5), (Usage { prompt_tokens: 5, completion_tokens: 4, ..Usage::default() }, true));
    let mut whole = Observed::default();
    whole.whole(br#"{"output":[{"content":[{"text":"1234"}]},{"name":"12","arguments":"34"}]}"#);
    assert_eq!(whole.settled(5).0.completion_tokens, 2);
}

#[test]
fn a_failure_that_is_handed_on_is_seen_with_its_usage_and_without_its_text() {
    let response = json!({"id": "r", "status": "failed", "error": {"code": "server_error", "message": "secret"},
        "usage": {"input_tokens": 5, "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 1}}});
    let mut streamed = Observed::default();
    streamed.event(json!({"type": "response.failed", "response": response}).to_string().as_bytes());
    let mut whole = Observed::default();
    whole.whole(response.to_string().as_bytes());
    assert_eq!(whole, streamed);
    assert_eq!(whole.error.as_deref(), Some("server_error"));
    assert_eq!(
        whole.usage,
        Some(Usage { prompt_tokens: 5, completion_tokens: 1, reasoning_tokens: 1, ..Usage::default() })
    );
    let mut broken = Observed::default();
    broken.event(br#"{"type":"error","code":"rate_limit_exceeded","message":"secret"}"#);
    assert_eq!(broken.error.as_deref(), Some("rate_limit_exceeded"));
}
