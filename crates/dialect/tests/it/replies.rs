//! What a completion looks like on the wire, whole and streamed.

use dialect::openai::{ChatReply, FinishReason, ModelEntry, models_list};
use dialect::{Usage, sse};
use serde_json::Value;

use crate::golden;

fn reply(include_usage: bool) -> ChatReply {
    ChatReply {
        id: "chatcmpl-0123456789abcdef0123456789abcdef".to_owned(),
        created: 1_763_800_000,
        model: "SmolLM2-135M-Instruct".to_owned(),
        system_fingerprint: "fp_cupola".to_owned(),
        include_usage,
    }
}

const USAGE: Usage = Usage { prompt_tokens: 37, completion_tokens: 3 };

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

fn stream(reply: &ChatReply) -> String {
    let mut events = vec![sse::data(&reply.role_chunk()).unwrap()];
    events.extend(["Hel", "", "lo\n\"😀\""].map(|text| sse::data(&reply.content_chunk(text)).unwrap()));
    events.push(sse::data(&reply.finish_chunk(FinishReason::Stop)).unwrap());
    if reply.include_usage {
        events.push(sse::data(&reply.usage_chunk(&USAGE)).unwrap());
    }
    events.push(sse::DONE.into());
    events.iter().map(|event| std::str::from_utf8(event).unwrap()).collect()
}

#[test]
fn a_whole_completion() {
    golden::check(
        "openai/chat-completion.json",
        &pretty(&reply(false).completion("Hello 😀", FinishReason::Length, &USAGE)),
    );
}

#[test]
fn a_stream_has_one_event_for_each_token_and_ends_in_done() {
    golden::check("openai/chat-stream.sse", &stream(&reply(false)));
}

#[test]
fn a_stream_with_usage_closes_with_a_chunk_without_choices() {
    golden::check("openai/chat-stream-usage.sse", &stream(&reply(true)));
}

#[test]
fn no_text_can_break_out_of_its_event() {
    let event = sse::data(&reply(false).content_chunk("a\n\ndata: [DONE]\r\n\r\nb\u{2028}")).unwrap();
    let text = std::str::from_utf8(&event).unwrap();
    assert_eq!(text.matches('\n').count(), 2, "{text:?}");
    assert!(text.ends_with("\n\n") && !text.contains('\r'));
}

#[test]
fn a_named_event_has_its_name_in_front() {
    let event = sse::event(Some("response.created"), &serde_json::json!({"a": 1})).unwrap();
    assert_eq!(event.as_ref(), b"event: response.created\ndata: {\"a\":1}\n\n");
}

#[test]
fn the_list_of_models() {
    let entry = ModelEntry {
        id: "chat".to_owned(),
        created: 1_763_800_000,
        owned_by: "HuggingFaceTB".to_owned(),
        model: "SmolLM2-135M-Instruct".to_owned(),
        version: "1".to_owned(),
    };
    golden::check("openai/models.json", &pretty(&models_list(&[entry])));
}
