//! Azure OpenAI outside: its routes, its key, and tokens of the machine's identity from a token endpoint of ours.

use serde_json::Value;

use super::far::{Far, open, question, settings};
use crate::mock::{Mock, json};

const OK: &str = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}";

async fn azure(more: &str, variables: &[(&str, &str)]) -> Far {
    let mock = Mock::plain().await;
    let upstream = format!("kind = \"azure_openai\"\nbase_url = \"{}\"\n{more}", mock.url);
    let gateway = open(&upstream, settings(&mock, variables)).unwrap();
    Far::around(mock, gateway).await
}

fn token(text: &str) -> crate::mock::Act {
    json(200, &format!("{{\"access_token\":\"{text}\",\"expires_in\":\"3600\"}}"))
}

#[tokio::test]
async fn a_dated_route_names_the_deployment_and_takes_the_key_in_its_own_header() {
    let far = azure("api_version = \"2024-10-21\"\ncredential = { env = \"K\" }", &[("K", "azure-key-0123")]).await;
    far.mock.will(json(200, OK));
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.target, "/openai/deployments/their%2Fmodel/chat/completions?api-version=2024-10-21");
    assert_eq!(
        (&seen.headers["api-key"], seen.headers.get("authorization")),
        (&"azure-key-0123".parse().unwrap(), None)
    );
}

#[tokio::test]
async fn without_a_version_it_is_the_v1_route() {
    let far =
        azure("header = \"ocp-apim-subscription-key\"\ncredential = { env = \"K\" }", &[("K", "azure-key-0123")]).await;
    far.mock.will(json(200, OK));
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.target, "/openai/v1/chat/completions");
    assert_eq!(seen.headers["ocp-apim-subscription-key"], "azure-key-0123");
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap()["model"], "their/model");
}

#[tokio::test]
async fn the_machines_identity_is_shown_as_a_token_that_is_asked_for_once() {
    let endpoint = Mock::plain().await;
    endpoint.will(token("machine-token-1"));
    let host = [("AZURE_POD_IDENTITY_AUTHORITY_HOST", endpoint.url.as_str())];
    let far = azure("credential = { host_identity = {} }", &host).await;
    for _ in 0..2 {
        far.mock.will(json(200, OK));
        assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
        let seen = far.mock.seen().pop().unwrap();
        assert_eq!(
            (&seen.headers["authorization"], seen.headers.get("api-key")),
            (&"Bearer machine-token-1".parse().unwrap(), None)
        );
    }
    let asked = endpoint.seen();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].target.contains("resource=https%3A%2F%2Fcognitiveservices.azure.com"), "{}", asked[0].target);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once_and_the_request_sent_again() {
    let endpoint = Mock::plain().await;
    endpoint.will(token("machine-token-1"));
    endpoint.will(token("machine-token-2"));
    endpoint.will(token("machine-token-3"));
    let far =
        azure("credential = { host_identity = {} }", &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &endpoint.url)]).await;
    far.mock.will(json(401, "{\"error\":{\"code\":\"401\",\"message\":\"expired machine-token-1\"}}"));
    far.mock.will(json(200, OK));
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    let seen = far.mock.seen();
    assert_eq!(
        (&seen[0].headers["authorization"], &seen[1].headers["authorization"]),
        (&"Bearer machine-token-1".parse().unwrap(), &"Bearer machine-token-2".parse().unwrap())
    );
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(far.house.records_when(1).await.len(), 1, "one request, one record");

    // Refused again it is the caller's to know, and nothing goes round in circles.
    far.mock.will(json(401, "{\"error\":{\"code\":\"401\",\"message\":\"no\"}}"));
    far.mock.will(json(401, "{\"error\":{\"code\":\"401\",\"message\":\"still no: machine-token-3\"}}"));
    let (status, _, text) = far.ask(&question(false)).await;
    assert_eq!((status.as_u16(), far.mock.seen().len(), endpoint.seen().len()), (401, 4, 3));
    assert!(std::str::from_utf8(&text).unwrap().contains("still no: ***"));
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_tried_again() {
    let far = azure("credential = { env = \"K\" }", &[("K", "azure-key-0123")]).await;
    far.mock.will(json(401, "{\"error\":{\"code\":\"401\",\"message\":\"Access denied\"}}"));
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 401);
    assert_eq!(far.mock.seen().len(), 1);
}

#[tokio::test]
async fn no_token_is_the_servers_trouble_and_the_provider_is_not_asked() {
    let endpoint = Mock::plain().await;
    endpoint.will(json(400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"));
    let far =
        azure("credential = { host_identity = {} }", &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", &endpoint.url)]).await;
    let (status, _, text) = far.ask(&question(false)).await;
    assert_eq!(
        (status.as_u16(), serde_json::from_slice::<Value>(&text).unwrap()["error"]["code"].as_str()),
        (502, Some("UpstreamCredential"))
    );
    assert!(far.mock.seen().is_empty());
    assert!(far.record().await["reason"].as_str().unwrap().contains("Identity not found"));
}

#[tokio::test]
async fn an_application_shows_its_secret_to_its_authority_and_its_token_to_the_provider() {
    let mock = Mock::plain().await;
    mock.will(token("app-token-1"));
    mock.will(json(200, OK));
    let upstream = format!(
        "kind = \"azure_openai\"\nbase_url = \"{url}\"\napi_version = \"2024-10-21\"\ncredential = {{ client_secret = {{ tenant_id = \"t1\", \
         client_id = \"c1\", secret = {{ env = \"S\" }}, authority = \"{url}/login\" }} }}",
        url = mock.url
    );
    let gateway = open(&upstream, settings(&mock, &[("S", "the-app-secret")])).unwrap();
    let far = Far::around(mock, gateway).await;
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    let seen = far.mock.seen();
    assert_eq!(seen[0].target, "/login/t1/oauth2/v2.0/token");
    assert!(std::str::from_utf8(&seen[0].body).unwrap().contains("the-app-secret"));
    assert_eq!(seen[1].headers["authorization"], "Bearer app-token-1");
}

#[tokio::test]
async fn a_key_in_a_file_is_rotated_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, "first-key-0123\n").unwrap();
    let far = azure(&format!("credential = {{ file = \"{}\" }}", path.display()), &[]).await;
    for key in ["first-key-0123", "another-key-4567"] {
        std::fs::write(&path, key).unwrap();
        far.mock.will(json(200, OK));
        far.ask(&question(false)).await;
        assert_eq!(far.mock.seen().pop().unwrap().headers["api-key"], key);
    }
}
