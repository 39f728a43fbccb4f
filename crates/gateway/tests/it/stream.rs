//! Answers as they come.

use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::house::{House, KEY, next_event, user};

const CHAT: &str = "/accounts/contoso-hr/openai/v1/chat/completions";

#[tokio::test]
async fn one_event_for_each_token_then_why_then_usage_then_done() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("Tell me a long story."), "max_tokens": 9, "temperature": 0,
        "stream": true, "stream_options": {"include_usage": true}});
    let answer = house.send("POST", CHAT, KEY, &body.to_string()).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["x-ms-deployment-name"], "chat");
    let mut events = Vec::new();
    let mut stream = answer.into_body();
    while let Some(event) = next_event(&mut stream).await {
        events.push(event);
    }
    // Usage and end come together, once the record is written.
    let last = events.pop().unwrap();
    events.push(last.strip_suffix("\n\ndata: [DONE]").unwrap().to_owned());
    let events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(events.len(), 1 + 9 + 1 + 1);
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let told: String =
        events[1..10].iter().map(|event| event["choices"][0]["delta"]["content"].as_str().unwrap()).collect();
    assert_eq!(events[10]["choices"][0]["finish_reason"], "length");
    assert_eq!(events[11]["choices"], json!([]));
    assert_eq!(events[11]["usage"]["completion_tokens"], 9);
    assert!(events.iter().all(|event| event["id"] == events[0]["id"] && event["object"] == "chat.completion.chunk"));

    // Said whole, it is the same answer.
    let whole = json!({"model": "chat", "messages": user("Tell me a long story."), "max_tokens": 9, "temperature": 0});
    assert_eq!(house.chat(&whole).await.2["choices"][0]["message"]["content"], told);
}

#[tokio::test]
async fn usage_is_not_sent_unasked() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("Say hello."), "max_tokens": 2, "stream": true});
    let bytes = house.send("POST", CHAT, KEY, &body.to_string()).await.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.ends_with("data: [DONE]\n\n") && !text.contains("usage"), "{text}");
}

#[tokio::test]
async fn the_record_is_written_before_the_end_is_sent() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("Say hello."), "max_tokens": 3, "stream": true});
    let mut stream = house.send("POST", CHAT, KEY, &body.to_string()).await.into_body();
    loop {
        let event: Value = serde_json::from_str(&next_event(&mut stream).await.unwrap()).unwrap();
        if !event["choices"][0]["finish_reason"].is_null() {
            break;
        }
    }
    let records = house.records();
    assert_eq!(
        (records.len(), records[0]["completionTokens"].as_u64(), records[0]["finish"].as_str()),
        (1, Some(3), Some("length"))
    );
}

#[tokio::test]
async fn an_error_before_the_first_token_has_its_own_status() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user(&"word ".repeat(5_000)), "stream": true});
    let (status, _, answer) = house.chat(&body).await;
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["code"], "context_length_exceeded");
    let records = house.records();
    assert_eq!(
        (records.len(), records[0]["status"].as_u64(), records[0]["finish"].as_str()),
        (1, Some(400), Some("error"))
    );
}
