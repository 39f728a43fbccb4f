//! What a gateway answers, and what its caller gets.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use egress::Timeouts;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::gate::{ANSWER, GATE_KEY, Gate, PROJECT, project, question};
use crate::house::{PROJECT_USER, next_event};
use crate::mock::{Act, json as whole, nobody, stream};

const FIRST: &str = "data: {\"id\":\"theirs\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Ber\"}}]}\n\n";
const LAST: &str = "data: {\"id\":\"theirs\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lin\"},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"id\":\"theirs\",\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2,\"total_tokens\":16}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// Asks for a stream of a chat; status and text.
async fn streamed(gate: &Gate) -> (u16, String) {
    let (status, _, bytes) = gate.ask("/chat/completions", &question("gate/gpt-5", true)).await;
    (status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_stream_is_handed_on_as_it_comes() {
    let gate = Gate::open().await;
    let (feed, act) = stream();
    gate.mock.will(act);
    for piece in [FIRST, LAST, USAGE, DONE] {
        feed.send(Ok(Bytes::from(piece))).unwrap();
    }
    assert_eq!(streamed(&gate).await, (200, [FIRST, LAST, DONE].concat()));
    let body: Value = serde_json::from_slice(&gate.mock.seen()[0].body).unwrap();
    assert_eq!((&body["stream"], &body["stream_options"]["include_usage"]), (&json!(true), &json!(true)));
    let records = gate.house.records_when(1).await;
    assert_eq!((records[0]["promptTokens"].as_u64(), records[0]["completionTokens"].as_u64()), (Some(14), Some(2)));
}

#[tokio::test]
async fn a_whole_answer_where_a_stream_was_asked_for_is_said_as_one() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, ANSWER));
    let (status, text) = streamed(&gate).await;
    assert_eq!(status, 200);
    let events: Vec<&str> = text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"), "{text}");
    let said: String = events
        .iter()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok())
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(said, "Berlin");
    let records = gate.house.records_when(1).await;
    assert_eq!((records[0]["completionTokens"].as_u64(), records[0]["finish"].as_str()), (Some(2), Some("stop")));

    gate.mock.will(whole(200, ANSWER));
    let (status, _, bytes) =
        gate.ask("/responses", &json!({"model": "gate/gpt-5", "input": "Hi", "stream": true})).await;
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(
        (status.as_u16(), names.first(), names.last()),
        (200, Some(&"response.created"), Some(&"response.completed"))
    );
}

#[tokio::test]
async fn a_refusal_keeps_its_status_its_words_and_when_to_come_again() {
    let gate = Gate::open().await;
    for status in [400, 401, 403, 404, 429, 500, 503] {
        let body = json!({"error": {"message": format!("no {status}, {GATE_KEY}"), "code": "theirs"}}).to_string();
        let headers = vec![("content-type", "application/json".to_owned()), ("retry-after", "7".to_owned())];
        gate.mock.will(Act::Answer(status, headers, Bytes::from(body.clone())));
        let (found, headers, bytes) = gate.ask("/chat/completions", &question("gate/gpt-5", status % 2 == 0)).await;
        let told: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            (found.as_u16(), told["error"]["message"].as_str()),
            (status, Some(format!("no {status}, ***").as_str()))
        );
        assert_eq!(
            (&headers["retry-after"], &headers["x-cupola-answered-by"]),
            (&"7".parse().unwrap(), &"upstream".parse().unwrap())
        );
        let body = json!({"model": "gate/gpt-5", "input": "Hi"});
        gate.mock.will(whole(status, &json!({"error": {"message": "no", "code": "theirs"}}).to_string()));
        assert_eq!(gate.ask("/responses", &body).await.0, status);
    }
    let records = gate.house.records_when(14).await;
    assert!(records.iter().all(|record| !record.to_string().contains(GATE_KEY)));
    assert_eq!(records[0]["reason"], "the connection `gate` answered 400 (`theirs`)");
}

#[tokio::test]
async fn a_page_instead_of_an_answer_keeps_its_status_and_names_the_connection() {
    let gate = Gate::open().await;
    gate.mock.will(Act::Answer(500, vec![("content-type", "text/html".to_owned())], Bytes::from_static(b"<html>oops")));
    let (status, body) = gate.chat("gate/gpt-5").await;
    assert_eq!(status, 500);
    assert_eq!(body["error"]["message"], "The gateway of the connection `gate` answered with status 500.");
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_a_504() {
    let gate = Gate::waiting(Timeouts { first_byte: Duration::from_millis(50), ..Timeouts::default() }).await;
    gate.connect(&project(), "gate", json!({})).await;
    let (gone, was_left) = tokio::sync::oneshot::channel();
    gate.mock.will(Act::Silence(gone));
    let (code, message) = gate.refusal("gate/gpt-5", 504).await;
    assert_eq!(code, "UpstreamTimeout");
    assert!(message.starts_with("The gateway of the connection `gate` did not answer in time."), "{message}");
    assert!(was_left.await.is_err());
}

#[tokio::test]
async fn nobody_at_home_is_a_502_that_names_the_connection_and_not_the_host() {
    let gate = Gate::bare().await;
    let (_held, closed) = nobody();
    gate.connect(&project(), "gate", json!({"target": closed})).await;
    let (code, message) = gate.refusal("gate/gpt-5", 502).await;
    assert_eq!(code, "UpstreamUnreachable");
    assert!(message.contains("`gate`") && !message.contains("127.0.0.1"), "{message}");
}

#[tokio::test]
async fn a_stream_that_is_cut_ends_with_an_error_and_no_end() {
    let gate = Gate::open().await;
    let (feed, act) = stream();
    gate.mock.will(act);
    feed.send(Ok(Bytes::from(FIRST))).unwrap();
    let token = gate.house.token(PROJECT_USER);
    let body = question("gate/gpt-5", true).to_string();
    let answered = gate.house.send("POST", &format!("{PROJECT}/chat/completions"), &token, &body).await;
    let (head, mut body) = answered.into_parts();
    assert_eq!((head.status.as_u16(), next_event(&mut body).await.is_some()), (200, true));
    feed.send(Err(io::Error::other("cut"))).unwrap();
    let rest = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert!(rest.contains("\"error\"") && !rest.contains("[DONE]"), "{rest}");
    let records = gate.house.records_when(1).await;
    assert_eq!((records[0]["finish"].as_str(), records[0]["step"].as_str()), (Some("error"), Some("upstream")));
}

#[tokio::test]
async fn a_gateway_that_fails_again_and_again_rests_and_the_others_do_not() {
    let gate = Gate::open().await;
    gate.connect(&project(), "other", json!({})).await;
    for _ in 0..5 {
        gate.mock.will(whole(500, "{}"));
        assert_eq!(gate.chat("gate/gpt-5").await.0, 500);
    }
    let (code, message) = gate.refusal("gate/gpt-5", 503).await;
    assert_eq!(code, "UpstreamUnavailable");
    assert!(message.starts_with("The gateway of the connection `gate` failed several times"), "{message}");
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("other/gpt-5").await.0, 200);
    // Written again, it is asked again.
    gate.house.rotate(&project().child("connections", "gate"), "key", GATE_KEY).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/gpt-5").await.0, 200);
}

#[tokio::test]
async fn a_key_that_comes_back_in_a_whole_answer_is_masked() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, &ANSWER.replace("Berlin", &format!("Berlin {GATE_KEY}"))));
    let (status, body) = gate.chat("gate/gpt-5").await;
    assert_eq!(
        (status.as_u16(), body["choices"][0]["message"]["content"].as_str()),
        (200, Some("Berlin ***")),
        "{body}"
    );
}
