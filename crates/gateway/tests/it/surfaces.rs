//! The models in this process, by every surface.

use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::house::{House, KEY, PROJECT_USER, user};

const QUESTION: &str = "What is the capital of Germany?";
const ACCOUNT: &str = "/accounts/contoso-hr";

/// The surfaces of conversations: a path, and the body of a plain question.
fn surfaces() -> [(&'static str, Value); 4] {
    let chat = json!({"model": "chat", "messages": user(QUESTION), "temperature": 0, "max_tokens": 8});
    let response = json!({"model": "chat", "input": QUESTION, "temperature": 0, "max_output_tokens": 8});
    [
        ("openai/v1/chat/completions", chat.clone()),
        ("models/chat/completions?api-version=2024-05-01-preview", chat.clone()),
        ("anthropic/v1/messages", chat),
        ("openai/v1/responses", response),
    ]
}

async fn text_of(house: &House, path: &str, body: &Value) -> (u16, String) {
    let (head, answer) = house.send("POST", &format!("{ACCOUNT}/{path}"), KEY, &body.to_string()).await.into_parts();
    let bytes = answer.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

/// The words of a whole answer, wherever the surface has them.
fn words(answer: &Value) -> &str {
    let places = ["/choices/0/message/content", "/content/0/text", "/output/0/content/0/text", "/choices/0/text"];
    places.iter().find_map(|place| answer.pointer(place)?.as_str()).unwrap_or_else(|| panic!("{answer}"))
}

/// The words of a stream.
fn streamed(text: &str) -> String {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    let delta = |data: &str| {
        let event: Value = serde_json::from_str(data).unwrap();
        let of_response = (event["type"] == "response.output_text.delta").then(|| event["delta"].clone());
        let places = ["/choices/0/delta/content", "/choices/0/text", "/delta/text"];
        let word = of_response.or_else(|| places.iter().find_map(|place| event.pointer(place).cloned()));
        word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    };
    data.map(delta).collect()
}

#[tokio::test]
async fn every_surface_gets_the_same_words_whole_and_as_they_are_made() {
    let house = House::new().await;
    let mut told = Vec::new();
    for (path, body) in surfaces() {
        let (status, text) = text_of(&house, path, &body).await;
        assert_eq!(status, 200, "{path}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        told.push(words(&answer).to_owned());
        let usage = &answer["usage"];
        let prompt = usage["prompt_tokens"].as_u64().or_else(|| usage["input_tokens"].as_u64());
        assert_eq!(prompt, Some(37), "{path}: {answer}");
        let mut body = body;
        body["stream"] = json!(true);
        let (status, text) = text_of(&house, path, &body).await;
        assert_eq!(status, 200, "{path}: {text}");
        told.push(streamed(&text));
    }
    assert!(told[0].contains("Berlin"), "{told:?}");
    assert!(told.iter().all(|words| *words == told[0]), "{told:?}");
    let records = house.records_when(8).await;
    let usage = |record: &Value| (record["promptTokens"].as_u64(), record["completionTokens"].as_u64());
    assert!(records.iter().all(|record| usage(record) == usage(&records[0]) && record["usageEstimated"] == false));
    assert!(records.iter().all(|record| record.get("upstream").is_none()), "nobody outside was asked");
}

#[tokio::test]
async fn a_prompt_is_completed() {
    let house = House::new().await;
    let body = json!({"model": "chat", "prompt": "Say hello.", "max_tokens": 6, "temperature": 0});
    let (status, text) = text_of(&house, "openai/v1/completions", &body).await;
    assert_eq!(status, 200, "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&whole["object"], &whole["choices"][0]["finish_reason"]),
        (&json!("text_completion"), &json!("length"))
    );
    let mut body = body;
    body["stream"] = json!(true);
    let (_, text) = text_of(&house, "openai/v1/completions", &body).await;
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    assert_eq!(streamed(&text), words(&whole));
}

#[tokio::test]
async fn a_response_goes_on_from_another_and_is_kept() {
    let house = House::new().await;
    let path = "openai/v1/responses";
    let first = json!({"model": "chat", "input": "My name is Ada.", "max_output_tokens": 4, "temperature": 0});
    let first: Value = serde_json::from_str(&text_of(&house, path, &first).await.1).unwrap();
    let second = json!({"model": "chat", "input": "What is my name?", "max_output_tokens": 4, "temperature": 0,
        "previous_response_id": first["id"]});
    let (status, text) = text_of(&house, path, &second).await;
    assert_eq!(status, 200, "{text}");
    let second: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(second["previous_response_id"], first["id"]);
    let tokens = |response: &Value| response["usage"]["input_tokens"].as_u64().unwrap();
    assert!(tokens(&second) > tokens(&first) + 4, "it read what was said before: {second}");
    let (status, _, read) =
        house.ask("GET", &format!("{ACCOUNT}/{path}/{}", second["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!((status.as_u16(), read), (200, second));
}

#[tokio::test]
async fn what_could_not_be_kept_or_lies_elsewhere_is_refused_before_the_model_is_asked() {
    let house = House::new().await;
    let said = |id: &str| json!({"type": "message", "role": "user", "content": "hi", "id": id});
    let many: Vec<Value> = (0..1001).map(|n| said(&format!("msg_{n}"))).collect();
    for (more, named) in [
        (json!({"input": [said("")]}), "input[0].id"),
        (json!({"input": [said("msg_1"), said("msg_1")]}), "input[1].id"),
        (json!({"input": [said(&"x".repeat(257))]}), "input[0].id"),
        (json!({"input": many}), "at most 1000"),
        (json!({"conversation": "conv_1"}), "conversation"),
        (json!({"prompt": {"id": "pmpt_1"}}), "prompt"),
    ] {
        let mut body = json!({"model": "chat", "input": "hi", "stream": true});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, text) = text_of(&house, "openai/v1/responses", &body).await;
        assert!(status == 400 && text.contains(named), "{named}: {status} {text}");
    }
    let records = house.records();
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| record.get("completionTokens").is_none()), "{records:?}");
}

#[tokio::test]
async fn what_this_model_cannot_do_is_refused_by_name_and_runs_nothing() {
    let house = House::new().await;
    let function = json!({"name": "f", "parameters": {"type": "object"}});
    let image = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}});
    for (path, more, named) in [
        ("openai/v1/chat/completions", json!({"tools": [{"type": "function", "function": function}]}), "tools"),
        ("anthropic/v1/messages", json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}]}), "tools"),
        ("openai/v1/responses", json!({"tools": [{"type": "function", "name": "f", "parameters": {}}]}), "tools"),
        ("anthropic/v1/messages", json!({"messages": [{"role": "user", "content": [image]}]}), "messages[0]"),
    ] {
        let (_, mut body) = surfaces().into_iter().find(|(surface, _)| *surface == path).unwrap();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, text) = text_of(&house, path, &body).await;
        assert!(status == 400 && text.contains(named), "{path}: {text}");
    }
    assert!(house.records().iter().all(|record| record.get("completionTokens").is_none()), "{:?}", house.records());
}

#[tokio::test]
async fn texts_become_vectors_in_either_encoding_at_every_route() {
    let house = House::new().await;
    house.deploy("embed", "all-MiniLM-L6-v2").await;
    let body =
        json!({"model": "embed", "input": ["a cat sits on the mat", "a kitten rests on the rug", "stock prices fell"]});
    let (status, text) = text_of(&house, "openai/v1/embeddings", &body).await;
    assert_eq!(status, 200, "{text}");
    let floats: Value = serde_json::from_str(&text).unwrap();
    let vector = |at: usize| -> Vec<f64> {
        floats["data"][at]["embedding"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let vectors = [vector(0), vector(1), vector(2)];
    assert_eq!(vectors[0].len(), 384);
    assert!(near(&vectors[0], &vectors[1]) > near(&vectors[0], &vectors[2]) + 0.3);
    assert!(floats["usage"]["prompt_tokens"].as_u64().unwrap() > 10, "{}", floats["usage"]);

    let mut packed = body.clone();
    packed["encoding_format"] = json!("base64");
    let (_, text) = text_of(&house, "openai/v1/embeddings", &packed).await;
    let packed: Value = serde_json::from_str(&text).unwrap();
    // 384 numbers of four bytes each.
    assert_eq!(packed["data"][0]["embedding"].as_str().unwrap().len(), 384 * 4 / 3 * 4);

    let token = house.token(PROJECT_USER);
    for (path, credential) in [
        ("openai/deployments/embed/embeddings?api-version=2024-10-21", KEY),
        ("models/embeddings?api-version=2024-05-01-preview", KEY),
        ("api/projects/claims/openai/v1/embeddings", token.as_str()),
    ] {
        let answer = house.send("POST", &format!("{ACCOUNT}/{path}"), credential, &body.to_string()).await;
        assert_eq!(answer.status(), 200, "{path}");
        let same: Value = serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
        assert_eq!(same["data"], floats["data"], "{path}");
    }
    let record = house.records_when(5).await.remove(0);
    assert_eq!((&record["promptTokens"], &record["completionTokens"]), (&floats["usage"]["prompt_tokens"], &json!(0)));
    assert!(!record.to_string().contains("kitten"), "{record}");
}

#[tokio::test]
async fn a_model_is_asked_only_for_what_it_is_for() {
    let house = House::new().await;
    house.deploy("embed", "all-MiniLM-L6-v2").await;
    for (path, body) in surfaces() {
        let mut body = body;
        body["model"] = json!("embed");
        let (status, text) = text_of(&house, path, &body).await;
        assert!(status == 400 && text.contains("all-MiniLM-L6-v2"), "{path}: {text}");
    }
    let (status, text) = text_of(&house, "openai/v1/embeddings", &json!({"model": "chat", "input": "a"})).await;
    assert!(status == 400 && text.contains("OperationNotSupported"), "{text}");
}

#[tokio::test]
async fn the_tokens_of_a_message_are_counted_without_asking_the_model() {
    let house = House::new().await;
    let count = async |text: &str| {
        let body = json!({"model": "chat", "messages": user(text)});
        let (status, text) = text_of(&house, "anthropic/v1/messages/count_tokens", &body).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()["input_tokens"].as_u64().unwrap()
    };
    let (short, long) = (count("Hi").await, count(&"word ".repeat(100)).await);
    assert!(short >= 1 && (short + 80..short + 140).contains(&long), "{short} {long}");
}
