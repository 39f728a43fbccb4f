//! Every surface over every kind of provider: what the provider takes, what the caller reads, what the journal keeps.

use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::far::Far;
use super::kinds::{Kind, Speaks};
use super::surface::{Surface, events};
use crate::house::KEY;

const SURFACES: [Surface; 4] = [Surface::Chat, Surface::Models, Surface::Responses, Surface::Messages];
const KINDS: [Kind; 3] = [Kind::OpenAi, Kind::Azure, Kind::Anthropic];

async fn send(far: &Far, path: &str, body: &Value) -> (u16, String) {
    // Foundry Models hands on what its own API does not know when it is told to.
    let extra = [("extra-parameters", "pass-through")];
    let (head, answer) = far.house.send_with("POST", path, KEY, &extra, &body.to_string()).await.into_parts();
    let bytes = answer.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn every_surface_gets_text_calls_and_usage_from_every_kind_of_provider_whole_and_streamed() {
    for kind in KINDS {
        let far = kind.house().await;
        let mut requests = 0;
        for surface in SURFACES {
            for is_stream in [false, true] {
                let story = format!("{surface:?} at {kind:?}, stream {is_stream}");
                let speaks = surface.at(kind);
                speaks.will(&far, is_stream);
                let mut question = surface.question(is_stream);
                if is_stream && matches!(surface, Surface::Chat | Surface::Models) {
                    question["stream_options"] = json!({"include_usage": true});
                }
                let (status, text) = send(&far, surface.path(), &question).await;
                assert_eq!(status, 200, "{story}: {text}");
                let asked = speaks.accept(kind, far.mock.seen().last().unwrap());
                assert_eq!(asked["stream"].as_bool().unwrap_or_default(), is_stream, "{story}: {asked}");
                assert_eq!(asked["tools"].as_array().map(Vec::len), Some(1), "{story}: {asked}");
                let answer = if is_stream { surface.gather(&text) } else { serde_json::from_str(&text).unwrap() };
                let told = surface.read(&answer);
                let weather = vec![("weather".to_owned(), json!({"city": "Berlin"}))];
                assert_eq!(told, ("Berlin".to_owned(), weather, 14, 9), "{story}");
                requests += 1;
                let record = far.house.records_when(requests).await.pop().unwrap();
                let tokens = (record["promptTokens"].as_u64(), record["completionTokens"].as_u64());
                assert_eq!(tokens, (Some(14), Some(9)), "{story}: {record}");
                assert_eq!(
                    (record["usageEstimated"].as_bool(), record["upstream"].as_str()),
                    (Some(false), Some("there")),
                    "{story}"
                );
                assert!(!record.to_string().contains("Berlin"), "{story}: {record}");
            }
        }
    }
}

#[tokio::test]
async fn a_conversation_with_a_tools_result_is_said_in_the_providers_own_form() {
    let far = Kind::Anthropic.house().await;
    Speaks::Messages.will(&far, false);
    let mut body = Surface::Chat.question(false);
    body["messages"] = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\":\"Bonn\"}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]);
    assert_eq!(send(&far, Surface::Chat.path(), &body).await.0, 200);
    let asked = Speaks::Messages.accept(Kind::Anthropic, &far.mock.seen()[0]);
    let used = &asked["messages"][1]["content"][0];
    assert_eq!(
        (&used["type"], &used["id"], &used["input"]),
        (&json!("tool_use"), &json!("c1"), &json!({"city": "Bonn"}))
    );
    let result = &asked["messages"][2]["content"][0];
    assert_eq!((&result["type"], &result["tool_use_id"]), (&json!("tool_result"), &json!("c1")));
    assert!(result["content"].to_string().contains("rain"), "{asked}");
}

#[tokio::test]
async fn what_the_providers_protocol_has_no_word_for_is_refused_by_name_and_costs_nothing() {
    for (kind, surface, field, value) in [
        (Kind::Anthropic, Surface::Chat, "logit_bias", json!({"50256": -100})),
        (Kind::Anthropic, Surface::Chat, "n", json!(2)),
        (Kind::Anthropic, Surface::Chat, "seed", json!(7)),
        (Kind::Anthropic, Surface::Chat, "logprobs", json!(true)),
        (Kind::OpenAi, Surface::Messages, "top_k", json!(5)),
        (Kind::OpenAi, Surface::Responses, "truncation", json!("auto")),
        (Kind::OpenAi, Surface::Responses, "background", json!(true)),
    ] {
        let far = kind.house().await;
        let mut body = surface.question(false);
        body[field] = value;
        let (status, text) = send(&far, surface.path(), &body).await;
        assert_eq!(status, 400, "{field}: {text}");
        let error = &serde_json::from_str::<Value>(&text).unwrap()["error"];
        assert!(error["message"].as_str().unwrap().contains(&format!("`{field}`")), "{field}: {text}");
        if surface == Surface::Messages {
            assert_eq!(error["type"], "invalid_request_error", "{text}");
        } else {
            assert_eq!(error["param"], field, "{text}");
        }
        assert!(far.mock.seen().is_empty());
        assert_eq!(far.record().await["status"], 400);
    }
}

#[tokio::test]
async fn the_same_protocol_keeps_the_bytes_of_fields_that_nobody_here_knows() {
    for (kind, surface, speaks) in
        [(Kind::Anthropic, Surface::Messages, Speaks::Messages), (Kind::Azure, Surface::Responses, Speaks::Responses)]
    {
        for is_stream in [false, true] {
            let far = kind.house().await;
            speaks.will(&far, is_stream);
            let rest = r#""their_extension" : {"x":[1.0,2e3,"\u00e9"]}, "#;
            let body = surface.question(is_stream).to_string().replacen('{', &format!("{{ {rest}"), 1);
            let (head, answer) = far.house.send("POST", surface.path(), KEY, &body).await.into_parts();
            let answer = answer.collect().await.unwrap().to_bytes();
            assert_eq!(head.status, 200);
            let seen = far.mock.seen().remove(0);
            let sent = std::str::from_utf8(&seen.body).unwrap();
            assert!(sent.contains(rest), "{sent}");
            let told = std::str::from_utf8(&answer).unwrap();
            if is_stream {
                assert_eq!(told, speaks.events());
            } else {
                assert_eq!(surface.read(&serde_json::from_str(told).unwrap()).0, "Berlin");
            }
            if speaks == Speaks::Responses {
                let asked: Value = serde_json::from_str(sent).unwrap();
                assert_eq!((&asked["store"], asked.get("previous_response_id")), (&json!(false), None));
            }
        }
    }
}

#[tokio::test]
async fn an_azure_provider_without_responses_is_asked_in_chat() {
    let far = Kind::Azure.house_with("responses = false").await;
    Speaks::Chat.will(&far, false);
    let (status, text) = send(&far, Surface::Responses.path(), &Surface::Responses.question(false)).await;
    assert_eq!(status, 200, "{text}");
    Speaks::Chat.accept(Kind::Azure, &far.mock.seen()[0]);
}

const COMPLETIONS: &str = "/accounts/contoso-hr/openai/v1/completions";
const EMBEDDINGS: &str = "/accounts/contoso-hr/openai/v1/embeddings";

#[tokio::test]
async fn a_prompt_is_completed_by_a_provider_of_messages_too() {
    for is_stream in [false, true] {
        let far = Kind::Anthropic.house().await;
        let (from, to) = ("\"tool_use\"", "\"end_turn\"");
        let plain = json!({"id": "m", "type": "message", "role": "assistant", "model": "x", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "Berlin"}], "usage": {"input_tokens": 14, "output_tokens": 9}});
        if is_stream {
            let (feed, act) = crate::mock::stream();
            far.mock.will(act);
            let all = Speaks::Messages.events();
            let text: String = all.split_inclusive("\n\n").filter(|event| !event.contains("\"index\":1")).collect();
            feed.send(Ok(text.replace(from, to).into())).unwrap();
        } else {
            far.mock.will(crate::mock::json(200, &plain.to_string()));
        }
        let body = json!({"model": "far", "prompt": "The capital is", "max_tokens": 9, "stream": is_stream});
        let (status, text) = send(&far, COMPLETIONS, &body).await;
        assert_eq!(status, 200, "{text}");
        let asked = Speaks::Messages.accept(Kind::Anthropic, &far.mock.seen()[0]);
        assert_eq!(asked["max_tokens"], 9);
        let told: Vec<Value> = if is_stream { events(&text) } else { vec![serde_json::from_str(&text).unwrap()] };
        let said: String = told.iter().filter_map(|part| part["choices"][0]["text"].as_str()).collect();
        assert_eq!(said, "Berlin", "{text}");
        assert!(told.iter().all(|part| part["object"] == "text_completion"), "{text}");
        assert!(told.iter().any(|part| part["choices"][0]["finish_reason"] == "stop"), "{text}");
        let record = far.record().await;
        assert_eq!((record["promptTokens"].as_u64(), record["completionTokens"].as_u64()), (Some(14), Some(9)));
    }
}

#[tokio::test]
async fn embeddings_go_there_and_back_byte_for_byte() {
    let far = Kind::OpenAi.house().await;
    let answer = "{ \"object\":\"list\", \"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[1.0,2e-3]}],\
        \"model\":\"x\",\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3} }";
    far.mock.will(crate::mock::json(200, answer));
    let (head, body) = far
        .house
        .send("POST", EMBEDDINGS, KEY, "{ \"input\":[\"a\", \"b\"],\"model\":\"far\", \"odd\":1.0 }")
        .await
        .into_parts();
    assert_eq!((head.status.as_u16(), body.collect().await.unwrap().to_bytes()), (200, answer.as_bytes().into()));
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.target, "/v1/embeddings");
    assert_eq!(seen.body, "{ \"input\":[\"a\", \"b\"],\"model\":\"their/model\", \"odd\":1.0 }");
    let record = far.record().await;
    assert_eq!((record["promptTokens"].as_u64(), record["completionTokens"].as_u64()), (Some(3), Some(0)));
    assert_eq!(record["usageEstimated"], false);
}

#[tokio::test]
async fn embeddings_are_refused_where_the_provider_has_none() {
    let far = Kind::Anthropic.house().await;
    let (status, text) = send(&far, EMBEDDINGS, &json!({"model": "far", "input": "a"})).await;
    assert_eq!(status, 400, "{text}");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["error"]["code"], "OperationNotSupported");
    assert!(far.mock.seen().is_empty());
    assert!(far.record().await.get("promptTokens").is_none());
}

#[tokio::test]
async fn a_providers_refusal_is_told_in_the_form_of_the_callers_surface() {
    let far = Kind::OpenAi.house().await;
    far.mock.will(crate::mock::json(429, "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}"));
    let (status, text) = send(&far, Surface::Messages.path(), &Surface::Messages.question(false)).await;
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &told["type"], &told["error"]["type"]), (429, &json!("error"), &json!("rate_limit_error")));
    assert!(told["error"]["message"].as_str().unwrap().contains("slow down"), "{text}");

    let far = Kind::Anthropic.house().await;
    far.mock.will(crate::mock::json(
        529,
        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
    ));
    let (status, text) = send(&far, Surface::Chat.path(), &Surface::Chat.question(true)).await;
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, told["error"]["message"].as_str()), (529, Some("Overloaded")), "{text}");
}

#[tokio::test]
async fn a_stream_that_is_said_again_and_cut_ends_with_the_surfaces_own_error() {
    // Cut within an event, and between two.
    for (kind, surface, cut) in [
        (Kind::Anthropic, Surface::Chat, "lin\""),
        (Kind::Anthropic, Surface::Chat, "event: message_delta"),
        (Kind::OpenAi, Surface::Messages, "lin\""),
        (Kind::OpenAi, Surface::Responses, "data: [DONE]"),
    ] {
        let far = kind.house().await;
        let (feed, act) = crate::mock::stream();
        far.mock.will(act);
        let all = surface.at(kind).events();
        let all = all.replace("\"finish_reason\":\"tool_calls\"", "\"finish_reason\":null");
        feed.send(Ok(all.as_bytes()[..all.find(cut).unwrap()].to_vec().into())).unwrap();
        drop(feed);
        let (_, text) = send(&far, surface.path(), &surface.question(true)).await;
        assert!(text.contains("Ber") && text.contains("error"), "{surface:?} at {kind:?}: {text}");
        assert!(
            !text.contains("[DONE]") && !text.contains("message_stop") && !text.contains("response.completed"),
            "{text}"
        );
        let record = far.record().await;
        assert_eq!((record["finish"].as_str(), record["status"].as_u64()), (Some("error"), Some(502)), "{record}");
        assert_eq!(record["usageEstimated"], true);
        assert!(record["completionTokens"].as_u64().unwrap() >= 1, "{record}");
    }
}

#[tokio::test]
async fn the_tokens_of_a_message_are_counted_by_a_provider_that_can() {
    let far = Kind::Anthropic.house().await;
    far.mock.will(crate::mock::json(200, "{\"input_tokens\":41}"));
    let path = "/accounts/contoso-hr/anthropic/v1/messages/count_tokens";
    let body = json!({"model": "far", "messages": [{"role": "user", "content": "Hi"}]});
    let (status, text) = send(&far, path, &body).await;
    assert_eq!((status, text.as_str()), (200, "{\"input_tokens\":41}"));
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.target, "/v1/messages/count_tokens");
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap()["model"], "their/model");
    let near = Kind::OpenAi.house().await;
    let (status, text) = send(&near, path, &body).await;
    assert!(
        status == 200 && serde_json::from_str::<Value>(&text).unwrap()["input_tokens"].as_u64().unwrap() > 0,
        "{text}"
    );
    assert!(near.mock.seen().is_empty(), "who cannot count is not asked");
}
