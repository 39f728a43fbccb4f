//! Streams from outside.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use egress::Timeouts;
use http_body_util::BodyExt;
use serde_json::Value;

use super::far::{CHAT, Far, PROVIDER_KEY, question};
use crate::house::KEY;
use crate::mock::{Feed, stream};

const ROLE: &str = "data: {\"id\":\"theirs\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n";
const BER: &str =
    "data: {\"id\":\"theirs\", \"choices\":[{\"index\":0,\"delta\":{\"content\":\"Ber\"}}],\"odd\":1.50}\n\n";
const LIN: &str = "data: {\"id\":\"theirs\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lin\"},\"finish_reason\":\"stop\"}]}\r\n\r\n";
const USAGE: &str = "data: {\"id\":\"theirs\",\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2,\"total_tokens\":16}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn say(feed: &Feed, text: &str) {
    feed.send(Ok(Bytes::from(text.to_owned()))).unwrap();
}

/// Asks for a stream that the provider feeds with `pieces` and then ends; the caller's bytes.
async fn told(far: &Far, question: &str, pieces: &[&str]) -> String {
    let (feed, act) = stream();
    far.mock.will(act);
    pieces.iter().for_each(|piece| say(&feed, piece));
    drop(feed);
    let (status, headers, text) = far.ask(question).await;
    assert_eq!((status.as_u16(), &headers["content-type"]), (200, &"text/event-stream".parse().unwrap()));
    String::from_utf8(text.to_vec()).unwrap()
}

#[tokio::test]
async fn events_are_handed_on_byte_for_byte_and_the_usage_we_asked_for_is_ours() {
    let far = Far::open_ai().await;
    let text = told(&far, &question(true), &[": hello\n\n", ROLE, BER, LIN, USAGE, DONE]).await;
    assert_eq!(text, [": hello\n\n", ROLE, BER, LIN, DONE].concat());
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.headers["accept"], "text/event-stream");
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap()["stream_options"]["include_usage"], true);
    let record = far.record().await;
    assert_eq!((record["promptTokens"].as_u64(), record["completionTokens"].as_u64()), (Some(14), Some(2)));
    assert_eq!(
        (record["usageEstimated"].as_bool(), record["finish"].as_str(), record["status"].as_u64()),
        (Some(false), Some("stop"), Some(200))
    );
    assert!(record["firstByteUs"].as_u64().unwrap() <= record["durationUs"].as_u64().unwrap());
}

#[tokio::test]
async fn a_caller_who_asked_for_usage_gets_it() {
    let far = Far::open_ai().await;
    let body =
        "{\"model\":\"far\",\"messages\":[],\"stream\":true,\"stream_options\":{\"include_usage\":true,\"x\":1}}";
    assert_eq!(told(&far, body, &[ROLE, LIN, USAGE, DONE]).await, [ROLE, LIN, USAGE, DONE].concat());
    assert_eq!(far.mock.seen()[0].body, body.replace("\"far\"", "\"their/model\""));
}

#[tokio::test]
async fn usage_beside_the_last_words_is_taken_off_for_who_did_not_ask() {
    let far = Far::open_ai().await;
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lin\"},\"finish_reason\":\"stop\"}], \"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2}}\n\n";
    let plain = last.replace("{\"prompt_tokens\":14,\"completion_tokens\":2}", "null");
    assert_eq!(told(&far, &question(true), &[BER, last, DONE]).await, [BER, &plain, DONE].concat());
    assert_eq!(far.record().await["completionTokens"], 2);
    let asks = "{\"model\":\"far\",\"messages\":[],\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
    assert_eq!(told(&far, asks, &[BER, last, DONE]).await, [BER, last, DONE].concat());
}

#[tokio::test]
async fn a_provider_that_takes_no_stream_options_is_not_sent_any_and_usage_is_estimated() {
    let far = Far::with("stream_usage = false", Timeouts::default()).await;
    told(&far, &question(true), &[ROLE, BER, LIN, DONE]).await;
    assert_eq!(serde_json::from_slice::<Value>(&far.mock.seen()[0].body).unwrap().get("stream_options"), None);
    let record = far.record().await;
    assert_eq!((record["usageEstimated"].as_bool(), record["completionTokens"].as_u64()), (Some(true), Some(2)));
    assert!(record["promptTokens"].as_u64().unwrap() > 4);
}

#[tokio::test]
async fn each_event_comes_when_it_is_whole_and_none_waits_for_the_next() {
    let far = Far::open_ai().await;
    let (feed, act) = stream();
    far.mock.will(act);
    let mut body = far.house.send("POST", CHAT, KEY, &question(true)).await.into_body();
    for event in [ROLE, BER, LIN] {
        let (head, tail) = event.split_at(event.len() / 2);
        say(&feed, head);
        say(&feed, tail);
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), event);
    }
    say(&feed, DONE);
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), DONE);
    assert_eq!(far.house.records().len(), 1, "the record is written before the end is sent");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_reader_who_leaves_cancels_the_provider_and_pays_what_was_written() {
    let far = Far::open_ai().await;
    let (feed, act) = stream();
    far.mock.will(act);
    let mut body = far.house.send("POST", CHAT, KEY, &question(true)).await.into_body();
    say(&feed, BER);
    body.frame().await.unwrap().unwrap();
    drop(body);
    feed.closed().await;
    let record = far.record().await;
    assert_eq!((record["finish"].as_str(), record["status"].as_u64()), (Some("cancelled"), Some(200)));
    assert_eq!((record["usageEstimated"].as_bool(), record["completionTokens"].as_u64()), (Some(true), Some(1)));
}

#[tokio::test]
async fn a_stream_that_is_cut_in_an_event_ends_with_an_error_and_no_half_event() {
    let far = Far::open_ai().await;
    let (feed, act) = stream();
    far.mock.will(act);
    say(&feed, BER);
    say(&feed, "data: {\"id\":\"theirs\",\"choi");
    let mut body = far.house.send("POST", CHAT, KEY, &question(true)).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), BER);
    feed.send(Err(io::Error::other("cut"))).unwrap();
    let rest = body.collect().await.unwrap().to_bytes();
    let error: Value = serde_json::from_slice(rest.strip_prefix(b"data: ").unwrap()).unwrap();
    assert_eq!(error["error"]["code"], "UpstreamFailed");
    let record = far.record().await;
    assert_eq!(
        (record["finish"].as_str(), record["step"].as_str(), record["status"].as_u64()),
        (Some("error"), Some("upstream"), Some(502))
    );
    assert_eq!((record["usageEstimated"].as_bool(), record["completionTokens"].as_u64()), (Some(true), Some(1)));
}

#[tokio::test]
async fn a_stream_that_stops_politely_in_the_middle_is_an_error_too() {
    let far = Far::open_ai().await;
    let text = told(&far, &question(true), &[ROLE, BER]).await;
    assert!(
        text.starts_with(&[ROLE, BER].concat()) && text.contains("UpstreamFailed") && !text.contains("[DONE]"),
        "{text}"
    );
    assert_eq!(far.record().await["finish"], "error");
}

#[tokio::test]
async fn a_provider_that_never_says_done_is_done_when_its_answer_is() {
    let far = Far::open_ai().await;
    assert_eq!(told(&far, &question(true), &[ROLE, LIN]).await, [ROLE, LIN].concat());
    assert_eq!(far.record().await["finish"], "stop");
    assert_eq!(told(&far, &question(true), &[LIN, "data: [DONE]"]).await, [LIN, DONE].concat());
}

#[tokio::test]
async fn an_error_inside_a_stream_reaches_the_caller_and_is_recorded_as_one() {
    for end in [&[DONE][..], &[]] {
        let far = Far::open_ai().await;
        let error = format!(
            "data: {{\"error\":{{\"message\":\"quota of {PROVIDER_KEY} is over\",\"code\":\"insufficient_quota\"}}}}\n\n"
        );
        let text = told(&far, &question(true), &[&[BER, error.as_str()], end].concat()).await;
        assert_eq!(text, [BER, &error.replace(PROVIDER_KEY, "***"), &end.concat()].concat());
        let record = far.record().await;
        assert_eq!((record["finish"].as_str(), record["status"].as_u64()), (Some("error"), Some(502)));
        assert!(record["reason"].as_str().unwrap().contains("`insufficient_quota`"), "{record}");
        assert!(!record.to_string().contains(PROVIDER_KEY));
    }
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_up() {
    let far = Far::with("", Timeouts { idle: Duration::from_millis(20), ..Timeouts::default() }).await;
    let (feed, act) = stream();
    far.mock.will(act);
    say(&feed, BER);
    let (_, _, text) = far.ask(&question(true)).await;
    let text = std::str::from_utf8(&text).unwrap();
    assert!(text.starts_with(BER) && text.contains("UpstreamTimeout"), "{text}");
    feed.closed().await;
    assert_eq!(far.record().await["status"], 504);
}

#[tokio::test]
async fn a_slow_reader_makes_the_provider_wait_instead_of_filling_memory() {
    let far = Far::open_ai().await;
    let (feed, act) = stream();
    far.mock.will(act);
    let large =
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(50_000));
    let mut body = far.house.send("POST", CHAT, KEY, &question(true)).await.into_body();
    for _ in 0..400 {
        say(&feed, &large);
    }
    say(&feed, LIN);
    say(&feed, DONE);
    drop(feed);
    let mut events = 0;
    while let Some(frame) = body.frame().await {
        events += usize::from(frame.unwrap().into_data().unwrap() == large);
    }
    assert_eq!(events, 400);
    assert_eq!(far.record().await["completionTokens"], 400 * 50_000 / 4 + 1);
}

#[tokio::test]
async fn one_connection_carries_one_stream_after_the_other() {
    let far = Far::open_ai().await;
    for _ in 0..3 {
        told(&far, &question(true), &[ROLE, LIN, USAGE, DONE]).await;
    }
    assert_eq!(far.mock.connections(), 1);
}
