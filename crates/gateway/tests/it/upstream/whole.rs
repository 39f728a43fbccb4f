//! Whole answers from outside.

use std::time::Duration;

use bytes::Bytes;
use egress::Timeouts;
use serde_json::Value;
use tokio::sync::oneshot;

use super::far::{CHAT, Far, PROVIDER_KEY, question};
use crate::house::{KEY, PROJECT_USER};
use crate::mock::{Act, json};

const ANSWER: &str = "{ \"id\":\"theirs\",  \"model\":\"their-model-2026\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\
    \"content\":\"Berlin\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2,\"total_tokens\":16},\
    \"new_field\":1.50 }";

#[tokio::test]
async fn the_bytes_go_there_and_back_and_only_the_model_changes() {
    let far = Far::open_ai().await;
    far.mock.will(json(200, ANSWER));
    let body = "{ \"messages\":[{\"role\":\"user\",\"content\":\"Hi \\u00e9\"}],\t\"model\" : \"far\", \"their_extension\":{\"x\":[1.0,2e3]} }";
    let (status, headers, answer) = far.ask(body).await;
    assert_eq!((status.as_u16(), answer), (200, Bytes::from_static(ANSWER.as_bytes())));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(
        (&headers["x-ms-deployment-name"], &headers["x-ms-region"]),
        (&"far".parse().unwrap(), &"westeurope".parse().unwrap())
    );
    assert_eq!(headers["x-cupola-answered-by"], "upstream");

    let seen = far.mock.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(seen.body, body.replace("\"far\"", "\"their/model\""));
    assert_eq!(seen.headers["authorization"], format!("Bearer {PROVIDER_KEY}"));
    assert_eq!(
        (&seen.headers["content-type"], &seen.headers["accept"]),
        (&"application/json".parse().unwrap(), &"application/json".parse().unwrap())
    );

    let record = far.record().await;
    assert_eq!((record["status"].as_u64(), record["outcome"].as_str()), (Some(200), Some("allowed")));
    assert_eq!((record["promptTokens"].as_u64(), record["completionTokens"].as_u64()), (Some(14), Some(2)));
    assert_eq!((record["usageEstimated"].as_bool(), record["finish"].as_str()), (Some(false), Some("stop")));
    assert_eq!((record["deployment"].as_str(), record["model"].as_str()), (Some("far"), Some("Far")));
    assert!(!record.to_string().contains("Berlin"), "{record}");
}

#[tokio::test]
async fn all_three_routes_lead_there() {
    let far = Far::open_ai().await;
    let token = far.house.token(PROJECT_USER);
    for (path, credential) in [
        (CHAT, KEY),
        ("/accounts/contoso-hr/openai/deployments/far/chat/completions?api-version=2024-10-21", KEY),
        ("/accounts/contoso-hr/api/projects/claims/openai/v1/chat/completions", token.as_str()),
    ] {
        far.mock.will(json(200, ANSWER));
        assert_eq!(far.house.send("POST", path, credential, &question(false)).await.status(), 200, "{path}");
        let seen = far.mock.seen().pop().unwrap();
        assert_eq!(seen.target, "/v1/chat/completions");
        assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap()["model"], "their/model");
    }
    assert_eq!(far.house.records_when(3).await[2]["project"], "claims");
}

#[tokio::test]
async fn the_dated_route_needs_no_model_in_the_body() {
    let far = Far::open_ai().await;
    far.mock.will(json(200, ANSWER));
    let path = "/accounts/contoso-hr/openai/deployments/far/chat/completions?api-version=2024-10-21";
    assert_eq!(far.house.send("POST", path, KEY, "{\"messages\":[]}").await.status(), 200);
    assert_eq!(far.mock.seen()[0].body, "{\"model\":\"their/model\",\"messages\":[]}");
}

#[tokio::test]
async fn nobody_but_the_operator_says_where_it_goes() {
    let far = Far::open_ai().await;
    far.mock.will(json(200, ANSWER));
    let body = "{\"model\":\"far\",\"messages\":[],\"api_base\":\"http://169.254.169.254\",\"base_url\":\"http://evil.example\",\"organization\":\"o\"}";
    let headers = [
        ("x-forwarded-host", "evil.example"),
        ("x-upstream", "http://evil.example"),
        ("api-key", KEY),
        ("cookie", "a=b"),
        ("openai-organization", "evil"),
        ("x-ms-client-request-id", "mine"),
    ];
    let answer = far.house.send_with("POST", CHAT, KEY, &headers, body).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["x-ms-client-request-id"]),
        (200, &"mine".parse().unwrap())
    );
    let seen = far.mock.seen().remove(0);
    assert_eq!(seen.headers["host"], far.mock.url.strip_prefix("http://").unwrap());
    assert_eq!(seen.headers["x-ms-client-request-id"], "mine");
    let all = format!("{:?}", seen.headers);
    for theirs in ["evil", KEY, "cookie", "api-key"] {
        assert!(!all.contains(theirs), "{theirs}: {all}");
    }
}

#[tokio::test]
async fn a_model_that_is_a_url_is_an_unknown_deployment() {
    let far = Far::open_ai().await;
    let (status, _, answer) = far.ask("{\"model\":\"http://169.254.169.254/\",\"messages\":[]}").await;
    assert_eq!(status.as_u16(), 404);
    assert!(std::str::from_utf8(&answer).unwrap().contains("DeploymentNotFound"));
    assert!(far.mock.seen().is_empty());
}

#[tokio::test]
async fn usage_that_is_not_told_is_estimated_and_says_so() {
    let far = Far::open_ai().await;
    far.mock.will(json(
        200,
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"12345678\"},\"finish_reason\":\"stop\"}]}",
    ));
    far.ask("{\"model\":\"far\",\"messages\":[{\"role\":\"user\",\"content\":\"12345678\"}]}").await;
    let record = far.record().await;
    assert_eq!(
        (record["usageEstimated"].as_bool(), record["promptTokens"].as_u64(), record["completionTokens"].as_u64()),
        (Some(true), Some(18), Some(2))
    );
}

#[tokio::test]
async fn a_client_who_leaves_before_the_answer_cancels_it_there_and_pays_what_was_asked() {
    let far = std::sync::Arc::new(Far::open_ai().await);
    let (gone, told) = oneshot::channel();
    far.mock.will(Act::Silence(gone));
    let asks = std::sync::Arc::clone(&far);
    let asking = tokio::spawn(async move { asks.ask(&question(false)).await });
    while far.mock.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    assert!(told.await.is_err(), "the provider's connection was closed");
    let record = far.record().await;
    assert_eq!((record["status"].as_u64(), record["finish"].as_str()), (Some(499), Some("cancelled")));
    assert_eq!((record["usageEstimated"].as_bool(), record["completionTokens"].as_u64()), (Some(true), Some(0)));
    assert!(record["promptTokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_504() {
    let far = Far::with("", Timeouts { first_byte: Duration::from_millis(20), ..Timeouts::default() }).await;
    let (gone, _told) = oneshot::channel();
    far.mock.will(Act::Silence(gone));
    let (status, _, answer) = far.ask(&question(false)).await;
    assert_eq!(status.as_u16(), 504);
    assert!(std::str::from_utf8(&answer).unwrap().contains("UpstreamTimeout"));
    let record = far.record().await;
    assert_eq!(
        (record["status"].as_u64(), record["step"].as_str(), record["finish"].as_str()),
        (Some(504), Some("upstream"), Some("error"))
    );
    assert_eq!(record.get("promptTokens"), None);
}
