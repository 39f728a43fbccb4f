//! Models that the gateway is asked for.

use serde_json::{Value, json};

use super::gate::{ANSWER, GATE_KEY, Gate, project};
use crate::mock::json as whole;

async fn discovering(list: &str, get: &str, provider: &str, more: Value) -> Gate {
    let gate = Gate::bare().await;
    let discovery = json!({"listModelsEndpoint": list, "getModelEndpoint": get, "deploymentProvider": provider});
    let mut metadata = json!({"modelDiscovery": discovery.to_string()});
    for (name, value) in more.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    gate.connect(&project(), "gate", json!({"metadata": metadata})).await;
    gate
}

#[tokio::test]
async fn a_model_is_asked_for_once_with_the_key_and_the_headers() {
    let more = json!({"customHeaders": "{\"x-tier\":\"gold\"}", "deploymentAPIVersion": "2023-05-01"});
    let gate = discovering("models", "/models/{deploymentName}", "OpenAI", more).await;
    gate.mock.will(whole(200, "{\"id\":\"gpt-5\",\"object\":\"model\"}"));
    for _ in 0..2 {
        gate.mock.will(whole(200, ANSWER));
        assert_eq!(gate.chat("gate/gpt-5").await.0, 200);
    }
    let seen = gate.mock.seen();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/v1/models/gpt-5?api-version=2023-05-01", "/v1/chat/completions", "/v1/chat/completions"]);
    assert_eq!((seen[0].method.as_str(), &seen[0].headers["api-key"]), ("GET", &GATE_KEY.parse().unwrap()));
    assert_eq!(seen[0].headers["x-tier"], "gold");
}

#[tokio::test]
async fn an_api_management_without_a_list_is_asked_as_azure_answers() {
    let gate = Gate::bare().await;
    let more = json!({"category": "ApiManagement", "metadata": {"deploymentInPath": "true"}});
    gate.connect(&project(), "gate", more).await;
    gate.mock.will(whole(
        200,
        "{\"name\":\"chat\",\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"gpt-5\",\"version\":\"1\"}}}",
    ));
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/chat").await.0, 200);
    let targets: Vec<String> = gate.mock.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v1/deployments/chat", "/v1/deployments/chat/chat/completions"]);
    let records = gate.house.records_when(1).await;
    assert_eq!(records[0]["model"], "gpt-5");
}

#[tokio::test]
async fn a_refusal_to_tell_keeps_its_status_and_a_wrong_form_names_the_right_provider() {
    let gate = discovering("/models", "/models/{deploymentName}", "OpenAI", json!({})).await;
    // Nobody asks again for what is not there.
    gate.mock.will(whole(404, "{}"));
    for _ in 0..2 {
        assert_eq!(gate.refusal("gate/gpt-6", 404).await.0, "DeploymentNotFound");
    }
    assert_eq!(gate.mock.seen().len(), 1);
    gate.mock.will(whole(401, &json!({"error": {"message": format!("bad key {GATE_KEY}")}}).to_string()));
    let (_, message) = gate.refusal("gate/gpt-5", 401).await;
    assert!(message.ends_with("answered 401: bad key ***"), "{message}");
    gate.mock.will(whole(200, "{\"name\":\"gpt-5\",\"properties\":{\"model\":{\"name\":\"gpt-5\"}}}"));
    let (_, message) = gate.refusal("gate/gpt-5", 502).await;
    assert!(message.contains("`modelDiscovery.deploymentProvider` is `AzureOpenAI`"), "{message}");
}

#[tokio::test]
async fn a_gateway_that_breaks_when_it_is_asked_for_models_rests_too() {
    let gate = discovering("/models", "/models/{deploymentName}", "OpenAI", json!({})).await;
    for _ in 0..5 {
        gate.mock.will(whole(500, "{}"));
        assert_eq!(gate.refusal("gate/gpt-5", 500).await.0, "500");
    }
    assert_eq!(gate.refusal("gate/gpt-5", 503).await.0, "UpstreamUnavailable");
    assert_eq!(gate.mock.seen().len(), 5);
}
