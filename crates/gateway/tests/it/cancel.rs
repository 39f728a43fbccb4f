//! Clients that go away.

use std::sync::Arc;
use std::time::Duration;

use gateway::Limits;
use serde_json::{Value, json};

use crate::house::{House, KEY, next_event, user};

const CHAT: &str = "/accounts/contoso-hr/openai/v1/chat/completions";

fn long_story(stream: bool) -> Value {
    json!({"model": "chat", "messages": user("Tell me a long story about a dragon."), "max_tokens": 2000, "temperature": 0,
        "presence_penalty": 2, "stream": stream})
}

fn short() -> Value {
    json!({"model": "chat", "messages": user("Say hello."), "max_tokens": 1})
}

/// Asks until the slot is free; answers how often it was taken.
async fn until_free(house: &House) -> usize {
    let mut refused = 0;
    while house.chat(&short()).await.0 == 429 {
        refused += 1;
        assert!(refused < 10_000, "the slot never came back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    refused
}

#[tokio::test]
async fn a_reader_who_leaves_a_stream_stops_the_model_and_pays_what_was_used() {
    let house = House::with(Limits { slots: 1, queue: 0 }).await;
    let mut stream = house.send("POST", CHAT, KEY, &long_story(true).to_string()).await.into_body();
    for _ in 0..4 {
        next_event(&mut stream).await.unwrap();
    }
    drop(stream);
    let record = house.records_when(1).await.remove(0);
    assert_eq!((record["finish"].as_str(), record["status"].as_u64()), (Some("cancelled"), Some(200)));
    let written = record["completionTokens"].as_u64().unwrap();
    assert!((3..500).contains(&written), "{record}");
    assert!(record["promptTokens"].as_u64().unwrap() > 0);
    until_free(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_who_leaves_before_the_answer_stops_the_model_too() {
    let house = Arc::new(House::with(Limits { slots: 1, queue: 0 }).await);
    let asking = loop {
        let asks = Arc::clone(&house);
        let asking = tokio::spawn(async move { asks.chat(&long_story(false)).await });
        // The slot is taken as soon as somebody else is refused; whoever came second of the two tries again.
        while !asking.is_finished() && house.chat(&short()).await.0 != 429 {}
        if !asking.is_finished() {
            break asking;
        }
        assert_eq!(asking.await.unwrap().0, 429, "the long answer was not that long");
    };
    asking.abort();
    until_free(&house).await;
    let cancelled = |record: &Value| record["finish"] == "cancelled";
    let settled: Vec<Value> = house.records().into_iter().filter(cancelled).collect();
    let [record] = settled.as_slice() else { panic!("{settled:?}") };
    assert_eq!((record["status"].as_u64(), record["outcome"].as_str()), (Some(499), Some("allowed")));
    assert!(record["completionTokens"].as_u64().unwrap() < 500, "{record}");
}
