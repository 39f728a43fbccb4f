//! Requests that are refused, each with the whole error that the client reads.

use dialect::openai::OpenAiError;
use dialect::openai::chat::{ChatRequest, PlainChat};
use serde_json::{Value, json};

use crate::golden;

const FILE: &str = "openai/chat-refused.json";

fn refusal(body: &Value) -> OpenAiError {
    let plain = |request: ChatRequest| PlainChat::from_request(&request).map(drop);
    ChatRequest::parse(body.clone()).and_then(plain).expect_err(&format!("{body} is accepted"))
}

/// The file holds requests and answers; blessing rewrites the answers.
#[test]
fn each_bad_request_is_refused_by_name() {
    let text = std::fs::read_to_string(golden::path(FILE)).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 30, "the file lost its cases");
    let answered: Vec<Value> = cases
        .iter()
        .map(|case| {
            let error = refusal(&case["request"]);
            assert!((400..500).contains(&error.status));
            json!({"case": case["case"], "request": case["request"], "status": error.status, "answer": error.to_json()})
        })
        .collect();
    golden::check(FILE, &(serde_json::to_string_pretty(&answered).unwrap() + "\n"));
}

#[test]
fn no_shape_of_body_breaks_the_reader() {
    let odd = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!("x"),
        json!([]),
        json!([[]]),
        json!({}),
        json!([{}]),
    ];
    let fields = [
        "model",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "stop",
        "n",
        "stream",
        "stream_options",
        "tools",
        "response_format",
        "logprobs",
        "modalities",
        "audio",
    ];
    for field in fields {
        for value in &odd {
            let mut body = json!({"messages": [{"role": "user", "content": "hi"}]});
            body[field] = value.clone();
            if let Err(error) = ChatRequest::parse(body).and_then(|request| PlainChat::from_request(&request).map(drop))
            {
                let param = error.param.as_deref().unwrap_or_default();
                assert!(param.starts_with(field), "{field} = {value}: the error names `{param}`");
                assert!(error.message.contains(param), "{field} = {value}: {}", error.message);
            }
        }
    }
}
