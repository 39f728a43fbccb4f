#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use resources::connections::{DiscoveryProvider, GatewayModel, ModelFormat};
use serde_json::{Value, json};

use super::{read_all, read_one, words};

fn model(name: &str, model: &str, version: &str, format: ModelFormat) -> GatewayModel {
    GatewayModel { name: name.to_owned(), model: model.to_owned(), version: version.to_owned(), format }
}

#[test]
fn a_list_of_either_form_is_read() {
    let azure = json!({"value": [
        {"name": "chat", "properties": {"model": {"format": "OpenAI", "name": "gpt-5", "version": "1"}}},
        {"name": "sonnet", "properties": {"model": {"format": "anthropic", "name": "claude"}}},
        {"name": "bare", "properties": {"model": {"name": "m"}}},
    ]});
    let expected = [
        model("chat", "gpt-5", "1", ModelFormat::OpenAi),
        model("sonnet", "claude", "", ModelFormat::Anthropic),
        model("bare", "m", "", ModelFormat::OpenAi),
    ];
    assert_eq!(read_all(DiscoveryProvider::AzureOpenAi, &azure).unwrap(), expected);
    let open_ai = json!({"object": "list", "data": [{"id": "gpt-5", "object": "model", "owned_by": "x"}]});
    let expected = [model("gpt-5", "gpt-5", "", ModelFormat::OpenAi)];
    assert_eq!(read_all(DiscoveryProvider::OpenAi, &open_ai).unwrap(), expected);
}

#[test]
fn an_answer_in_the_other_form_names_the_provider_that_it_is_of() {
    use DiscoveryProvider::{AzureOpenAi, OpenAi};
    let azure = json!({"name": "chat", "id": "/subscriptions/x", "properties": {"model": {"name": "gpt-5"}}});
    for (provider, body, other) in [
        (OpenAi, azure, "AzureOpenAI"),
        (OpenAi, json!({"value": []}), "AzureOpenAI"),
        (AzureOpenAi, json!({"id": "gpt-5", "object": "model"}), "OpenAI"),
        (AzureOpenAi, json!({"data": []}), "OpenAI"),
    ] {
        let said = read_one(provider, &body).unwrap_err();
        assert!(said.contains(&format!("`modelDiscovery.deploymentProvider` is `{other}`")), "{said}");
        assert!(read_all(provider, &body).unwrap_err().contains(other), "{body}");
    }
    let said = read_one(OpenAi, &json!({"error": "x"})).unwrap_err();
    assert_eq!(said, "expected `{\"id\"}` of the provider `OpenAI`");
}

#[test]
fn the_words_of_a_refusal_are_found_where_gateways_put_them() {
    for (body, expected) in [
        (json!({"error": {"message": "no"}}), ": no"),
        (json!({"statusCode": 401, "message": "no"}), ": no"),
        (json!({"detail": "no"}), ": no"),
        (json!({"error": "no"}), ": no"),
        (json!({"error": "n\u{1b}[2J\no"}), ": n [2J o"),
        (json!({"x": 1}), "."),
        (Value::Null, "."),
    ] {
        assert_eq!(words(&body), expected);
    }
}
