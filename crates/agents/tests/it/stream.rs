//! Streamed runs: one response, whatever happens inside, in the order that strict clients demand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::house::{USER, texts, until};
use crate::runs::{Scene, by, scene};

/// Holds events against the order that the strictest client keeps: created first and empty, one id throughout, places that rise by one,
/// items that begin before they are filled and end before the response does. The last response.
fn check(events: &[Value]) -> Value {
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["response.created", "response.in_progress"], "{kinds:?}");
    assert_eq!(events[0]["response"]["output"], json!([]));
    let id = &events[0]["response"]["id"];
    let mut open: BTreeMap<u64, String> = BTreeMap::new();
    let mut done: Vec<Value> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "{event}");
        if !event["response"].is_null() {
            assert_eq!(&event["response"]["id"], id);
        }
        let Some(at) = event["output_index"].as_u64() else { continue };
        let named = event["item"]["id"].as_str().or(event["item_id"].as_str()).unwrap().to_owned();
        match event["type"].as_str().unwrap() {
            "response.output_item.added" => {
                assert_eq!(at as usize, open.len() + done.iter().filter(|item| !item.is_null()).count(), "{event}");
                assert!(open.insert(at, named).is_none());
                done.resize(done.len().max(at as usize + 1), Value::Null);
            }
            "response.output_item.done" => {
                assert_eq!(open.remove(&at), Some(named), "{event}");
                done[at as usize] = event["item"].clone();
            }
            _ => assert_eq!(open.get(&at), Some(&named), "{event}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    assert_eq!(last["response"]["output"], Value::Array(done), "what was told is what is kept");
    last["response"].clone()
}

#[tokio::test]
async fn a_streamed_run_keeps_the_order_across_answers_and_calls() {
    let Scene { house, model, folder: _folder } = scene().await;
    let function = json!({"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}});
    house.agent("helper", json!({"tools": [model.tool(), function]})).await;
    for (input, kinds) in [
        ("Hi", vec!["You said: Hi"]),
        ("call weather", vec!["function_call"]),
        (
            "look a b",
            vec![
                "openapi_call",
                "openapi_call",
                "openapi_call_output",
                "openapi_call_output",
                r#"I read 2: {"status":200,"response":"all about b"}"#,
            ],
        ),
    ] {
        let response = check(&house.stream(&by("helper", input)).await);
        assert_eq!(texts(&response["output"]), kinds, "{input}");
        let id = response["id"].as_str().unwrap();
        assert_eq!(house.ask("GET", &format!("/openai/v1/responses/{id}"), &Value::Null).await.1, response);
    }
}

#[tokio::test]
async fn a_refusal_before_the_first_event_is_no_stream() {
    let Scene { house, folder: _folder, .. } = scene().await;
    house.agent("helper", json!({})).await;
    let mut body = by("helper", "please fail");
    body["stream"] = json!(true);
    let (status, told) = house.ask("POST", "/openai/v1/responses", &body).await;
    assert_eq!((status, &told["error"]["code"]), (400, &json!("upset")), "{told}");
}

#[tokio::test]
async fn a_run_whose_reader_goes_away_is_cancelled_and_says_so() {
    let Scene { house, model, folder: _folder } = scene().await;
    house.agent("helper", json!({"tools": [model.tool()]})).await;
    let mut body = by("helper", "look slow-a");
    body["stream"] = json!(true);
    let answer = house.send(USER, "POST", "/openai/v1/responses", &body).await;
    let mut body = answer.into_body();
    let first = http_body_util::BodyExt::frame(&mut body).await.unwrap().unwrap().into_data().unwrap();
    let text = String::from_utf8(first.to_vec()).unwrap();
    let created: Value = serde_json::from_str(text.split("data: ").nth(1).unwrap().trim()).unwrap();
    until(|| model.called().len() == 1).await;
    drop(body);
    let response = house.ended(created["response"]["id"].as_str().unwrap()).await;
    assert_eq!(
        (&response["status"], &response["output"][0]["status"]),
        (&json!("cancelled"), &json!("incomplete")),
        "{response}"
    );
    assert_eq!(model.asked().len(), 1, "nobody is asked for nobody");
}
