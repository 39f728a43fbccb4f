//! Where a gateway is asked, and with what body.

use serde_json::{Value, json};

use super::gate::{ANSWER, Gate, models, project, question};
use crate::mock::json as whole;

#[tokio::test]
async fn the_url_has_the_path_form_and_version_that_the_connection_says() {
    for (target, metadata, expected, names_model) in [
        ("/v1", json!({}), "/v1/chat/completions", true),
        ("/v1/", json!({"deploymentInPath": "false"}), "/v1/chat/completions", true),
        ("", json!({"inferenceAPIVersion": ""}), "/chat/completions", true),
        ("/openai", json!({"deploymentInPath": "true"}), "/openai/deployments/gpt-5/chat/completions", false),
        (
            "/openai/",
            json!({"deploymentInPath": "true", "inferenceAPIVersion": "2025-03-01-preview"}),
            "/openai/deployments/gpt-5/chat/completions?api-version=2025-03-01-preview",
            false,
        ),
        ("/v1", json!({"inferenceAPIVersion": "2024-10-21"}), "/v1/chat/completions?api-version=2024-10-21", true),
    ] {
        let gate = Gate::bare().await;
        let mut metadata = metadata;
        metadata["models"] = models(&["gpt-5"]).into();
        let target = format!("{}{target}", gate.mock.url);
        gate.connect(&project(), "gate", json!({"target": target, "metadata": metadata})).await;
        gate.mock.will(whole(200, ANSWER));
        assert_eq!(gate.chat("gate/gpt-5").await.0, 200, "{metadata}");
        let seen = gate.mock.seen().remove(0);
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", expected));
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!(body.get("model"), names_model.then(|| json!("gpt-5")).as_ref(), "{body}");
        assert_eq!(body["messages"], question("", false)["messages"]);
    }
}

#[tokio::test]
async fn a_model_whose_name_has_a_slash_is_one_segment_of_the_path() {
    let gate = Gate::bare().await;
    let metadata = json!({"deploymentInPath": "true", "models": models(&["openai/gpt-5"])});
    gate.connect(&project(), "gate", json!({"metadata": metadata})).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/openai/gpt-5").await.0, 200);
    assert_eq!(gate.mock.seen()[0].target, "/v1/deployments/openai%2Fgpt-5/chat/completions");
}

#[tokio::test]
async fn a_response_is_asked_for_as_a_chat_and_keeps_the_name_that_was_asked() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, ANSWER));
    let (status, _, bytes) = gate.ask("/responses", &json!({"model": "gate/gpt-5", "input": "Hi"})).await;
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((status.as_u16(), answer["model"].as_str()), (200, Some("gate/gpt-5")), "{answer}");
    assert_eq!(answer["output"][0]["content"][0]["text"], "Berlin");
    let seen = gate.mock.seen().remove(0);
    assert_eq!(seen.target, "/v1/chat/completions");
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap()["model"], "gpt-5");
    // It is kept, and gone on from.
    let id = answer["id"].as_str().unwrap();
    gate.mock.will(whole(200, ANSWER));
    let more = json!({"model": "gate/gpt-5", "input": "And of France?", "previous_response_id": id});
    assert_eq!(gate.ask("/responses", &more).await.0, 200);
    let body: Value = serde_json::from_slice(&gate.mock.seen()[1].body).unwrap();
    assert_eq!(body["messages"].as_array().unwrap().len(), 3, "{body}");
}

#[tokio::test]
async fn embeddings_and_completions_go_through_too() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.5]}],\"model\":\"gpt-5\",\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}"));
    assert_eq!(gate.ask("/embeddings", &json!({"model": "gate/gpt-5", "input": "Hi"})).await.0, 200);
    gate.mock.will(whole(200, ANSWER));
    let (status, _, bytes) = gate.ask("/completions", &json!({"model": "gate/gpt-5", "prompt": "Hi"})).await;
    let text: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((status.as_u16(), text["choices"][0]["text"].as_str()), (200, Some("Berlin")));
    let targets: Vec<String> = gate.mock.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v1/embeddings", "/v1/chat/completions"]);
}

#[tokio::test]
async fn a_model_of_the_anthropic_format_is_asked_in_its_own_protocol() {
    let gate = Gate::bare().await;
    let list = "[{\"name\":\"sonnet\",\"properties\":{\"model\":{\"name\":\"claude\",\"format\":\"anthropic\"}}}]";
    gate.connect(&project(), "gate", json!({"metadata": {"models": list}})).await;
    gate.mock.will(whole(
        200,
        "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[{\"type\":\"text\",\"text\":\"Berlin\"}],\
         \"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":14,\"output_tokens\":2}}",
    ));
    let (status, body) = gate.chat("gate/sonnet").await;
    assert_eq!((status.as_u16(), body["choices"][0]["message"]["content"].as_str()), (200, Some("Berlin")));
    let seen = gate.mock.seen().remove(0);
    assert_eq!(
        (seen.target.as_str(), &seen.headers["anthropic-version"]),
        ("/v1/messages", &"2023-06-01".parse().unwrap())
    );
}
