//! A project with a connection to a gateway that a mock plays.

use std::path::Path;
use std::sync::Arc;

use arm::Scope;
use bytes::Bytes;
use egress::{Egress, Settings, Timeouts};
use gateway::{Gateway, Limits};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use resources::model_catalog::Catalog;
use serde_json::{Value, json};

use crate::house::{House, PROJECT_USER, account, user};
use crate::mock::Mock;

/// The key of the connection `gate`.
pub(crate) const GATE_KEY: &str = "the-gateways-own-key-0123456789";
/// The object id of the project's own identity.
pub(crate) const PROJECT_IDENTITY: uuid::Uuid = uuid::Uuid::from_u128(0x77);
pub(crate) const PROJECT: &str = "/accounts/contoso-hr/api/projects/claims/openai/v1";

/// A house, and the gateway that its connections lead to.
pub(crate) struct Gate {
    pub(crate) house: House,
    pub(crate) mock: Mock,
}

/// An answer of the gateway.
pub(crate) const ANSWER: &str = "{\"id\":\"theirs\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\
    \"message\":{\"role\":\"assistant\",\"content\":\"Berlin\"},\"finish_reason\":\"stop\"}],\
    \"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2,\"total_tokens\":16}}";

impl Gate {
    /// A house without a connection yet.
    pub(crate) async fn bare() -> Gate {
        Gate::waiting(Timeouts::default()).await
    }

    /// The same with other waits.
    pub(crate) async fn waiting(timeouts: Timeouts) -> Gate {
        let mock = Mock::plain().await;
        let settings = Settings { allowed_targets: vec![mock.url.clone()], timeouts, ..Settings::default() };
        let gateway = Gateway::new(Catalog::default(), Path::new("/nowhere"), Limits::default());
        let house = House::reaching(Arc::new(gateway), Egress::new(settings).unwrap()).await;
        house.managed(PROJECT_IDENTITY, &project()).await;
        Gate { house, mock }
    }

    /// A house with the connection `gate` of the project, by key, whose one model is `gpt-5` in the body.
    pub(crate) async fn open() -> Gate {
        let gate = Gate::bare().await;
        gate.connect(&project(), "gate", json!({})).await;
        gate
    }

    /// Adds a connection by key at a place; `more` is put over its properties.
    pub(crate) async fn connect(&self, place: &Scope, name: &str, more: Value) {
        let mut properties = json!({
            "category": "ModelGateway", "target": format!("{}/v1", self.mock.url), "authType": "ApiKey",
            "credentials": {"key": null},
            "metadata": {"models": models(&["gpt-5"])},
        });
        for (name, value) in more.as_object().unwrap() {
            properties[name] = value.clone();
        }
        let member = if properties["authType"] == "OAuth2" { "clientSecret" } else { "key" };
        self.house.connect(place, name, properties, &[(member, GATE_KEY)]).await;
    }

    /// Asks at the project, as its user; status, headers and bytes.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> (StatusCode, HeaderMap, Bytes) {
        let token = self.house.token(PROJECT_USER);
        let path = format!("{PROJECT}{path}");
        let (head, body) = self.house.send("POST", &path, &token, &body.to_string()).await.into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    /// A chat with a model; status and JSON.
    pub(crate) async fn chat(&self, model: &str) -> (StatusCode, Value) {
        let (status, _, bytes) = self.ask("/chat/completions", &question(model, false)).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// The message of a chat that is refused with this status.
    pub(crate) async fn refusal(&self, model: &str, status: u16) -> (String, String) {
        let (found, body) = self.chat(model).await;
        assert_eq!(found, status, "{body}");
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("/error/code"), text("/error/message"))
    }
}

pub(crate) fn project() -> Scope {
    account().child("projects", "claims")
}

pub(crate) fn question(model: &str, stream: bool) -> Value {
    json!({"model": model, "messages": user("What is the capital of Germany?"), "stream": stream})
}

/// `metadata.models` with these, each its own model.
pub(crate) fn models(names: &[&str]) -> String {
    let one = |name: &&str| json!({"name": name, "properties": {"model": {"name": name, "version": "1", "format": "OpenAI"}}});
    Value::from(names.iter().map(one).collect::<Vec<_>>()).to_string()
}
