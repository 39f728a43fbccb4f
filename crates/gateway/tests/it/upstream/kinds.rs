//! A house whose deployment `far` is at a provider of any kind, and what such a provider accepts and says.

use bytes::Bytes;
use serde_json::{Value, json};

use super::far::{Far, PROVIDER_KEY, open, settings};
use crate::mock::{Mock, Seen, json as whole};

/// What a provider speaks in these tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    Chat,
    Responses,
    Messages,
}

/// The kinds of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    OpenAi,
    Azure,
    Anthropic,
}

impl Kind {
    /// A house with one provider of this kind.
    pub(crate) async fn house(self) -> Far {
        self.house_with("").await
    }

    /// The same with more lines in its entry.
    pub(crate) async fn house_with(self, more: &str) -> Far {
        let mock = Mock::plain().await;
        let (kind, path) = match self {
            Kind::OpenAi => ("openai", "/v1"),
            Kind::Azure => ("azure_openai", ""),
            Kind::Anthropic => ("anthropic", ""),
        };
        let url = &mock.url;
        let entry = format!("kind = \"{kind}\"\nbase_url = \"{url}{path}\"\ncredential = {{ env = \"K\" }}\n{more}");
        let gateway = open(&entry, settings(&mock, &[("K", PROVIDER_KEY)])).unwrap();
        Far::around(mock, gateway).await
    }
}

impl Speaks {
    /// Whether a provider that speaks this would take the request: path, credential, and a body of members that it knows.
    pub(crate) fn accept(self, kind: Kind, seen: &Seen) -> Value {
        let (path, known): (&str, &[&str]) = match self {
            Speaks::Chat => ("/chat/completions", CHAT_MEMBERS),
            Speaks::Responses => ("/responses", RESPONSES_MEMBERS),
            Speaks::Messages => ("/v1/messages", MESSAGES_MEMBERS),
        };
        let (base, header, shown) = match kind {
            Kind::OpenAi => ("/v1", "authorization", format!("Bearer {PROVIDER_KEY}")),
            Kind::Azure => ("/openai/v1", "api-key", PROVIDER_KEY.to_owned()),
            Kind::Anthropic => ("", "x-api-key", PROVIDER_KEY.to_owned()),
        };
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", format!("{base}{path}").as_str()));
        assert_eq!(seen.headers[header], shown);
        let credentials =
            ["authorization", "api-key", "x-api-key"].iter().filter(|name| seen.headers.contains_key(**name));
        assert_eq!(credentials.count(), 1, "{:?}", seen.headers);
        assert_eq!(seen.headers.contains_key("anthropic-version"), self == Speaks::Messages);
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        for name in body.as_object().unwrap().keys() {
            assert!(known.contains(&name.as_str()), "`{name}` is no member of {self:?}: {body}");
        }
        assert_eq!(body["model"], "their/model", "{body}");
        match self {
            Speaks::Responses => assert!(body["input"].is_string() || body["input"].is_array(), "{body}"),
            Speaks::Chat => accept_turns(&body, &["system", "developer", "user", "assistant", "tool"]),
            Speaks::Messages => {
                accept_turns(&body, &["user", "assistant"]);
                assert!(body["max_tokens"].as_u64().unwrap() > 0, "{body}");
            }
        }
        body
    }

    /// An answer with text, a call of a tool and usage: fourteen tokens in, nine out.
    fn answer_value(self) -> Value {
        match self {
            Speaks::Chat => json!({"id": "theirs", "object": "chat.completion", "created": 1, "model": "their-2026",
                "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": "Berlin",
                    "tool_calls": [{"id": "call_1", "type": "function",
                        "function": {"name": "weather", "arguments": "{\"city\":\"Berlin\"}"}}]}}],
                "usage": {"prompt_tokens": 14, "completion_tokens": 9, "total_tokens": 23}}),
            Speaks::Responses => {
                json!({"id": "resp_theirs0", "object": "response", "created_at": 1, "status": "completed",
                "model": "their-2026", "error": null, "incomplete_details": null, "store": false,
                "previous_response_id": null, "output": [
                    {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
                        "content": [{"type": "output_text", "text": "Berlin", "annotations": []}]},
                    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "status": "completed",
                        "arguments": "{\"city\":\"Berlin\"}"}],
                "usage": {"input_tokens": 14, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 9,
                    "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 23}})
            }
            Speaks::Messages => {
                json!({"id": "msg_theirs", "type": "message", "role": "assistant", "model": "their-2026",
                "content": [{"type": "text", "text": "Berlin"},
                    {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Berlin"}}],
                "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 14, "output_tokens": 9}})
            }
        }
    }

    /// The same as a stream of events.
    pub(crate) fn events(self) -> String {
        match self {
            Speaks::Chat => {
                let chunk = |delta: Value, finish: Value| {
                    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
                    let chunk = json!({"id": "theirs", "object": "chat.completion.chunk", "created": 1, "model": "their-2026",
                        "choices": [choice]});
                    format!("data: {chunk}\n\n")
                };
                let call = |call: Value| chunk(json!({"tool_calls": [call]}), Value::Null);
                [
                    chunk(json!({"role": "assistant", "content": ""}), Value::Null),
                    chunk(json!({"content": "Ber"}), Value::Null),
                    chunk(json!({"content": "lin"}), Value::Null),
                    call(json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}})),
                    call(json!({"index": 0, "function": {"arguments": "{\"city\":"}})),
                    call(json!({"index": 0, "function": {"arguments": "\"Berlin\"}"}})),
                    chunk(json!({}), json!("tool_calls")),
                    "data: {\"id\":\"theirs\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"their-2026\",\"choices\":[],\
                     \"usage\":{\"prompt_tokens\":14,\"completion_tokens\":9,\"total_tokens\":23}}\n\n"
                        .to_owned(),
                    "data: [DONE]\n\n".to_owned(),
                ]
                .concat()
            }
            Speaks::Messages => named(&[
                json!({"type": "message_start", "message": {"id": "msg_theirs", "type": "message", "role": "assistant",
                    "model": "their-2026", "content": [], "stop_reason": null, "stop_sequence": null,
                    "usage": {"input_tokens": 14, "output_tokens": 1}}}),
                json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
                json!({"type": "ping"}),
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Ber"}}),
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lin"}}),
                json!({"type": "content_block_stop", "index": 0}),
                json!({"type": "content_block_start", "index": 1,
                    "content_block": {"type": "tool_use", "id": "call_1", "name": "weather", "input": {}}}),
                json!({"type": "content_block_delta", "index": 1,
                    "delta": {"type": "input_json_delta", "partial_json": "{\"city\":"}}),
                json!({"type": "content_block_delta", "index": 1,
                    "delta": {"type": "input_json_delta", "partial_json": "\"Berlin\"}"}}),
                json!({"type": "content_block_stop", "index": 1}),
                json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
                    "usage": {"output_tokens": 9}}),
                json!({"type": "message_stop"}),
            ]),
            Speaks::Responses => {
                let whole = self.answer_value();
                let mut begun = whole.clone();
                (begun["status"], begun["output"], begun["usage"]) = (json!("in_progress"), json!([]), Value::Null);
                let part = json!({"type": "output_text", "text": "", "annotations": []});
                named(&[
                    json!({"type": "response.created", "sequence_number": 0, "response": begun}),
                    json!({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0,
                        "item": {"type": "message", "id": "msg_1", "status": "in_progress", "role": "assistant", "content": []}}),
                    json!({"type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1", "output_index": 0,
                        "content_index": 0, "part": part}),
                    json!({"type": "response.output_text.delta", "sequence_number": 3, "item_id": "msg_1", "output_index": 0,
                        "content_index": 0, "delta": "Berlin"}),
                    json!({"type": "response.output_item.done", "sequence_number": 4, "output_index": 0, "item": whole["output"][0]}),
                    json!({"type": "response.output_item.done", "sequence_number": 5, "output_index": 1, "item": whole["output"][1]}),
                    json!({"type": "response.completed", "sequence_number": 6, "response": whole}),
                ])
            }
        }
    }

    /// The provider's next answer, streamed or whole; a response has a new id each time.
    pub(crate) fn will(self, far: &Far, is_stream: bool) {
        let numbered = |text: String| text.replace("resp_theirs0", &format!("resp_theirs{}", far.mock.seen().len()));
        if !is_stream {
            return far.mock.will(whole(200, &numbered(self.answer_value().to_string())));
        }
        let (feed, act) = crate::mock::stream();
        far.mock.will(act);
        feed.send(Ok(Bytes::from(numbered(self.events())))).unwrap();
    }
}

const CHAT_MEMBERS: &[&str] =
    &["model", "messages", "tools", "tool_choice", "stream", "stream_options", "max_tokens", "max_completion_tokens"];
const RESPONSES_MEMBERS: &[&str] = &["model", "input", "instructions", "tools", "tool_choice", "stream", "store"];
const MESSAGES_MEMBERS: &[&str] = &["model", "messages", "system", "tools", "tool_choice", "stream", "max_tokens"];

fn accept_turns(body: &Value, roles: &[&str]) {
    let turns = body["messages"].as_array().unwrap();
    assert!(!turns.is_empty(), "{body}");
    for turn in turns {
        assert!(roles.contains(&turn["role"].as_str().unwrap()), "{turn}");
        assert!(!turn["content"].is_null() || turn["tool_calls"].is_array(), "{turn}");
    }
}

fn named(events: &[Value]) -> String {
    events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap())).collect()
}
