//! More requests than slots.

use std::sync::Arc;

use gateway::Limits;
use serde_json::json;

use crate::house::{House, KEY, next_event, user};

const CHAT: &str = "/accounts/contoso-hr/openai/v1/chat/completions";

#[tokio::test]
async fn a_full_house_says_when_to_come_back_and_records_it() {
    let house = House::with(Limits { slots: 1, queue: 0 }).await;
    let story = json!({"model": "chat", "messages": user("Tell me a long story."), "max_tokens": 300, "stream": true});
    let mut stream = house.send("POST", CHAT, KEY, &story.to_string()).await.into_body();
    next_event(&mut stream).await.unwrap();
    let (status, headers, answer) = house.chat(&json!({"model": "chat", "messages": user("hi")})).await;
    assert_eq!((status.as_u16(), answer["error"]["code"].as_str()), (429, Some("429")));
    assert_eq!(
        (&headers["retry-after"], &headers["retry-after-ms"]),
        (&"2".parse().unwrap(), &"2000".parse().unwrap())
    );
    assert_eq!(house.records()[0]["status"], 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_wait_are_all_answered() {
    let house = Arc::new(House::with(Limits { slots: 2, queue: 8 }).await);
    let short = json!({"model": "chat", "messages": user("Say hello."), "max_tokens": 3, "temperature": 0});
    let asks: Vec<_> = (0..10)
        .map(|_| {
            let (house, short) = (Arc::clone(&house), short.clone());
            tokio::spawn(async move { house.chat(&short).await })
        })
        .collect();
    let mut answers = Vec::new();
    for ask in asks {
        let (status, _, answer) = ask.await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answers.push(answer["choices"].clone());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the same question has the same answer, whoever runs beside it");
    assert_eq!(house.records().len(), 10);
}
