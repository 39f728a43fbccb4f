//! The model of an agent is one that its project has when the agent is made.

use serde_json::{Value, json};

use crate::house::{House, account};

fn gateway(models: &[&str], is_default: bool) -> Value {
    let listed: Vec<Value> = models
        .iter()
        .map(|name| json!({"name": name, "properties": {"model": {"name": name, "format": "OpenAI"}}}))
        .collect();
    json!({
        "category": "ModelGateway", "target": "https://lite.example.com/v1", "authType": "ApiKey", "isSharedToAll": true,
        "isDefault": is_default, "metadata": {"models": Value::from(listed).to_string()},
    })
}

/// The status, and what is said where it is refused.
async fn make(house: &House, model: &str) -> (u16, String) {
    let wish = json!({"definition": {"kind": "prompt", "model": model}});
    let (status, body) = house.ask("POST", "/agents/clerk/versions", &wish).await;
    (status, body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_model_behind_a_connection_is_looked_for_where_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let claims = account().child("projects", "claims");
    house.add(account().child("connections", "lite-llm"), gateway(&["gpt-4o", "gpt-4o-mini"], false)).await;
    let keys = json!({"category": "CustomKeys", "target": "https://x.example.com", "authType": "CustomKeys", "isSharedToAll": true});
    house.add(claims.child("connections", "keys"), keys).await;

    assert_eq!(make(&house, "lite-llm/gpt-4o").await.0, 200);
    for (model, part) in [
        ("lite-llm/gpt-4", "lists no model `gpt-4`; did you mean `gpt-4o`?"),
        ("lite-lm/gpt-4o", "did you mean `lite-llm`?"),
        ("lite-llm/", "a model is named"),
        ("keys/gpt-4o", "leads to no models"),
        ("gpt-4o", "neither a deployment of the account nor a model behind its gateway"),
    ] {
        let (status, message) = make(&house, model).await;
        assert_eq!(status, 400, "{model}");
        assert!(message.contains(part), "{model}: {message}");
    }
}

#[tokio::test]
async fn a_model_without_a_connection_is_looked_for_behind_the_default_gateway_too() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.add(account().child("projects", "claims").child("connections", "lite-llm"), gateway(&["gpt-4o"], true)).await;
    assert_eq!(make(&house, "gpt-4o").await.0, 200);
    assert_eq!(make(&house, "far").await.0, 200);
    assert!(make(&house, "gpt-4p").await.1.contains("did you mean `gpt-4o`?"));
}
