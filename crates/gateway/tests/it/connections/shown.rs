//! What a gateway is shown: keys, tokens, headers.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::gate::{ANSWER, GATE_KEY, Gate, PROJECT, PROJECT_IDENTITY, models, project, question};
use crate::house::{PROJECT_USER, account};
use crate::mock::{Seen, json as whole};

/// The claims of the bearer token that a request carried.
fn claims(seen: &Seen) -> Value {
    let token = seen.headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn asked(gate: &Gate) -> Seen {
    gate.mock.will(whole(200, ANSWER));
    let (status, body) = gate.chat("gate/gpt-5").await;
    assert_eq!(status, 200, "{body}");
    gate.mock.seen().pop().unwrap()
}

#[tokio::test]
async fn a_key_stands_in_its_header_and_form() {
    for (config, header, value) in [
        (None, "api-key", GATE_KEY.to_owned()),
        (Some(json!({"type": "api_key", "name": "X-Gate-Key"})), "x-gate-key", GATE_KEY.to_owned()),
        (
            Some(json!({"type": "api_key", "name": "Authorization", "format": "Bearer {api_key}"})),
            "authorization",
            format!("Bearer {GATE_KEY}"),
        ),
    ] {
        let gate = Gate::bare().await;
        let mut metadata = json!({"models": models(&["gpt-5"])});
        if let Some(config) = config {
            metadata["authConfig"] = config.to_string().into();
        }
        gate.connect(&project(), "gate", json!({"metadata": metadata})).await;
        let seen = asked(&gate).await;
        assert_eq!(seen.headers[header], value);
        let of_credentials = ["authorization", "api-key", "x-api-key", "x-gate-key"];
        assert_eq!(of_credentials.iter().filter(|name| seen.headers.contains_key(**name)).count(), 1);
    }
}

#[tokio::test]
async fn a_key_that_is_written_again_is_the_one_that_is_shown() {
    let gate = Gate::open().await;
    assert_eq!(asked(&gate).await.headers["api-key"], GATE_KEY);
    gate.house.rotate(&project().child("connections", "gate"), "key", "another-key-0123456789").await;
    assert_eq!(asked(&gate).await.headers["api-key"], "another-key-0123456789");
}

fn oauth2(gate: &Gate) -> Value {
    json!({"authType": "OAuth2", "tokenUrl": format!("{}/token", gate.mock.url), "scopes": ["a", "b"],
        "credentials": {"clientId": "client-1", "clientSecret": null}})
}

fn token(text: &str) -> crate::mock::Act {
    whole(200, &json!({"access_token": text, "expires_in": 3600}).to_string())
}

#[tokio::test]
async fn a_client_gets_its_token_once_and_another_when_it_is_refused() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "gate", oauth2(&gate)).await;
    gate.mock.will(token("token-of-the-client-1"));
    assert_eq!(asked(&gate).await.headers["authorization"], "Bearer token-of-the-client-1");
    let form = String::from_utf8(gate.mock.seen()[0].body.to_vec()).unwrap();
    assert_eq!(form, format!("grant_type=client_credentials&client_id=client-1&client_secret={GATE_KEY}&scope=a%20b"));
    assert_eq!(asked(&gate).await.headers["authorization"], "Bearer token-of-the-client-1");
    gate.mock.will(whole(401, "{}"));
    gate.mock.will(token("token-of-the-client-2"));
    assert_eq!(asked(&gate).await.headers["authorization"], "Bearer token-of-the-client-2");
    let targets: Vec<String> = gate.mock.seen().into_iter().map(|seen| seen.target).collect();
    let chat = "/v1/chat/completions";
    assert_eq!(targets, ["/token", chat, chat, chat, "/token", chat]);
}

#[tokio::test]
async fn no_token_is_a_502_that_tells_no_secret() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "gate", oauth2(&gate)).await;
    gate.mock.will(whole(401, &json!({"error": "invalid_client", "error_description": GATE_KEY}).to_string()));
    let (code, message) = gate.refusal("gate/gpt-5", 502).await;
    assert_eq!(code, "UpstreamCredential");
    assert!(message.contains("`cupola connection test gate`"), "{message}");
    let records = gate.house.records_when(1).await;
    assert!(records[0]["reason"].as_str().unwrap().contains("answered 401: ***"), "{records:?}");
}

#[tokio::test]
async fn the_projects_identity_is_shown_as_a_token_that_names_it() {
    for (kind, audience) in [("ProjectManagedIdentity", Some("api://gate")), ("AAD", None)] {
        let gate = Gate::bare().await;
        let mut more = json!({"authType": kind, "credentials": {}});
        more["audience"] = audience.map_or(Value::Null, Value::from);
        gate.connect(&project(), "gate", more).await;
        let claims = claims(&asked(&gate).await);
        assert_eq!(claims["aud"], audience.unwrap_or("https://cognitiveservices.azure.com"));
        assert_eq!(claims["oid"], PROJECT_IDENTITY.to_string());
        let named = project().to_string().replace("resourceGroups", "resourcegroups");
        assert_eq!(claims["xms_mirid"], named);
    }
}

#[tokio::test]
async fn a_user_is_passed_on_and_who_is_none_is_refused() {
    const ALICE: Uuid = Uuid::from_u128(0xa11ce);
    let gate = Gate::bare().await;
    gate.connect(
        &project(),
        "gate",
        json!({"authType": "UserEntraToken", "credentials": {}, "audience": "api://gate"}),
    )
    .await;
    let (code, message) = gate.refusal("gate/gpt-5", 400).await;
    assert_eq!(code, "ConnectionNotUsable");
    assert!(message.contains("is not a user"), "{message}");

    let token = gate.house.user(ALICE, "alice@contoso.com", &project()).await;
    gate.mock.will(whole(200, ANSWER));
    let path = format!("{PROJECT}/chat/completions");
    let answered = gate.house.send("POST", &path, &token, &question("gate/gpt-5", false).to_string()).await;
    assert_eq!(answered.status(), 200);
    let claims = claims(&gate.mock.seen()[0]);
    assert_eq!((claims["oid"].as_str(), claims["idtyp"].as_str()), (Some(ALICE.to_string().as_str()), Some("user")));
}

#[tokio::test]
async fn an_agents_identity_is_not_shown_for_who_is_no_agent() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "gate", json!({"authType": "AgenticIdentityToken", "credentials": {}})).await;
    let (code, message) = gate.refusal("gate/gpt-5", 400).await;
    assert_eq!(code, "ConnectionNotUsable");
    assert!(message.contains("comes from no agent"), "{message}");
    assert!(gate.mock.seen().is_empty());
}

#[tokio::test]
async fn the_connections_headers_and_ours_go_along() {
    let gate = Gate::bare().await;
    let metadata = json!({"models": models(&["gpt-5"]), "customHeaders": json!({"X-Tier": "gold", "x-cost-center": "7"}).to_string()});
    gate.connect(&project(), "gate", json!({"metadata": metadata})).await;
    let seen = asked(&gate).await;
    let header = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!((header("x-tier"), header("x-cost-center")), (Some("gold".to_owned()), Some("7".to_owned())));
    assert_eq!(header("x-ms-foundry-model-id").as_deref(), Some("gate/gpt-5"));
    assert_eq!(header("x-ms-foundry-project-id"), Some(PROJECT_IDENTITY.to_string()));
    assert_eq!(header("openai-project").as_deref(), Some("claims"));
    assert_eq!(header("x-ms-foundry-agent-id"), None);
    assert!(Uuid::try_parse(&header("x-ms-client-request-id").unwrap()).is_ok());
    let trace = header("traceparent").unwrap();
    let parts: Vec<usize> = trace.split('-').map(str::len).collect();
    assert_eq!(parts, [2, 32, 16, 2], "{trace}");
}

#[tokio::test]
async fn the_callers_own_ids_go_along_in_place_of_ours() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, ANSWER));
    let token = gate.house.token(PROJECT_USER);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("x-ms-client-request-id", "mine"), ("traceparent", trace), ("x-ms-foundry-model-id", "forged")];
    let body = question("gate/gpt-5", false).to_string();
    gate.house.send_with("POST", &format!("{PROJECT}/chat/completions"), &token, &headers, &body).await;
    let seen: HeaderMap = gate.mock.seen().remove(0).headers;
    assert_eq!(
        (&seen["x-ms-client-request-id"], &seen["traceparent"]),
        (&"mine".parse().unwrap(), &trace.parse().unwrap())
    );
    assert_eq!(seen["x-ms-foundry-model-id"], "gate/gpt-5");
}

#[tokio::test]
async fn a_shared_connection_of_the_account_shows_the_identity_of_the_project_that_asks() {
    let gate = Gate::bare().await;
    let more = json!({"authType": "ProjectManagedIdentity", "credentials": {}, "isSharedToAll": true});
    gate.connect(&account(), "gate", more).await;
    assert_eq!(claims(&asked(&gate).await)["oid"], PROJECT_IDENTITY.to_string());
}
