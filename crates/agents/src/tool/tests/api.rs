//! Operations of an API, over the wire.

use serde_json::{Value, json};

use super::super::offer;
use super::house::{AGENT, House, RUNNER, USER, call, planned};
use super::server::{Answer, Seen, Server};

fn tool(server: &str, auth: Value) -> Value {
    json!({"type": "openapi", "openapi": {"name": "pets", "auth": auth, "spec": {
        "openapi": "3.0.3", "servers": [{"url": format!("{server}/v1")}],
        "paths": {
            "/pets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "get": {"operationId": "one", "description": "One pet."},
                "put": {"operationId": "change", "requestBody": {"required": true, "content": {"application/json": {}}}},
            },
        },
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "pets-key"}}},
    }}})
}

fn anonymous() -> Value {
    json!({"type": "anonymous"})
}

fn by_connection(name: &str) -> Value {
    json!({"type": "project_connection", "security_scheme": {"project_connection_id": name}})
}

/// Answers with what it was asked.
fn echo(seen: &Seen) -> Answer {
    let authorization = seen.headers.get("authorization").map(|value| value.to_str().unwrap());
    Answer::json(200, json!({"target": seen.target, "authorization": authorization, "body": seen.body}))
}

#[tokio::test]
async fn an_operation_is_called_and_its_answer_told() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    let (tools, ctx) = ([tool(&server.url, anonymous())], house.context(USER, None, &[&server.url]));
    let made = planned(&tools, &ctx, "pets_change", &json!({"id": "r/x", "body": {"name": "Rex"}})).await;
    assert_eq!(made.items(None)[0]["status"], "in_progress");
    let outcome = made.make(&tools, &ctx).await;
    assert!(!outcome.is_error(), "{outcome:?}");
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PUT", "/v1/pets/r%2Fx"));
    assert_eq!(
        (seen.body.as_str(), &seen.headers["content-type"]),
        ("{\"name\":\"Rex\"}", &"application/json".parse().unwrap())
    );
    let output: Value = serde_json::from_str(&outcome.output).unwrap();
    assert_eq!(output["status"], 200);
    assert!(output["response"].as_str().unwrap().contains("Rex"));
    let items = made.items(Some(&outcome));
    assert_eq!(items[0]["type"], "openapi_call");
    assert_eq!((&items[0]["status"], &items[1]["type"]), (&json!("completed"), &json!("openapi_call_output")));
}

#[tokio::test]
async fn a_call_is_recorded_without_what_was_said() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    let ctx = house.context(USER, Some(AGENT), &[&server.url]);
    house.connect("pets-key", "ApiKey", &server.url, &[("key", "a-secret-of-pets")]).await;
    let outcome = call(&[tool(&server.url, by_connection("pets-key"))], &ctx, "pets_one", &json!({"id": "rex"})).await;
    assert!(!outcome.is_error(), "{outcome:?}");
    assert_eq!(server.seen()[0].target, "/v1/pets/rex?pets-key=a-secret-of-pets");
    assert!(!outcome.output.contains("a-secret-of-pets"), "{}", outcome.output);
    let records = house.records();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(record["agent"], "helper:3");
    assert_eq!(record["run"], "resp_1");
    assert_eq!(record["credentialKind"], "ApiKey");
    assert_eq!(record["connectionIdentity"], json!(USER));
    assert!(record["connection"].as_str().unwrap().ends_with("/connections/pets-key"));
    assert_eq!(record["upstreamHost"], server.url.trim_start_matches("http://"));
    assert_eq!((&record["outcome"], &record["status"]), (&json!("allowed"), &json!(200)));
    let text = record.to_string();
    assert!(!text.contains("rex") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn the_agents_own_right_to_a_connection_is_enough() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    house.connect("pets-key", "ApiKey", &server.url, &[("key", "a-secret-of-pets")]).await;
    let tools = [tool(&server.url, by_connection("pets-key"))];
    let with_agent = house.context(RUNNER, Some(AGENT), &[&server.url]);
    assert!(!call(&tools, &with_agent, "pets_one", &json!({"id": "rex"})).await.is_error());
    let last = house.records().pop().unwrap();
    assert_eq!(last["connectionIdentity"], json!(AGENT));

    let alone = house.context(RUNNER, None, &[&server.url]);
    let refused = call(&tools, &alone, "pets_one", &json!({"id": "rex"})).await;
    assert!(refused.output.contains("connections/read"), "{refused:?}");
    assert_eq!(server.seen().len(), 1);
    assert_eq!(house.records().pop().unwrap()["outcome"], "refused");
}

#[tokio::test]
async fn who_may_not_run_agents_calls_nothing() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    let ctx = house.context(AGENT, None, &[&server.url]);
    let refused = call(&[tool(&server.url, anonymous())], &ctx, "pets_one", &json!({"id": "rex"})).await;
    assert!(refused.output.contains("agents/write"), "{refused:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_connections_secret_goes_to_its_own_target_alone() {
    let (house, mine, theirs) = (House::new().await, Server::start(echo).await, Server::start(echo).await);
    house.connect("pets-key", "ApiKey", &mine.url, &[("key", "a-secret-of-pets")]).await;
    let ctx = house.context(USER, None, &[&mine.url, &theirs.url]);
    let refused = call(&[tool(&theirs.url, by_connection("pets-key"))], &ctx, "pets_one", &json!({"id": "rex"})).await;
    assert!(refused.output.contains("go to its own `target` alone"), "{refused:?}");
    assert!(theirs.seen().is_empty());
}

#[tokio::test]
async fn each_way_to_prove_oneself_is_shown_in_its_place() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    let ctx = house.context(USER, Some(AGENT), &[&server.url]);
    house
        .connect("keys", "CustomKeys", &server.url, &[("keys/x-one", "first-key"), ("keys/pets-key", "second-key")])
        .await;
    house.connect("project", "ProjectManagedIdentity", &server.url, &[]).await;
    house.connect("agent", "AgenticIdentityToken", &server.url, &[]).await;
    house.connect("user", "UserEntraToken", &server.url, &[]).await;
    let of_project = json!({"type": "managed_identity", "security_scheme": {"audience": "https://pets"}});
    let cases = [
        (by_connection("keys"), None),
        (by_connection("project"), Some("Bearer token-of-claims-for-https://cognitiveservices.azure.com".to_owned())),
        (by_connection("agent"), Some(format!("Bearer token-of-{AGENT}-for-https://cognitiveservices.azure.com"))),
        (
            by_connection("user"),
            Some(format!("Bearer token-of-{USER}-through-claims-for-https://cognitiveservices.azure.com")),
        ),
        (of_project, Some("Bearer token-of-claims-for-https://pets".to_owned())),
        (anonymous(), None),
    ];
    for (auth, expected) in cases {
        let outcome = call(&[tool(&server.url, auth.clone())], &ctx, "pets_one", &json!({"id": "rex"})).await;
        assert!(!outcome.is_error(), "{auth}: {outcome:?}");
        let seen = server.seen().pop().unwrap();
        let shown = seen.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(shown, expected, "{auth}");
    }
    let with_keys = &server.seen()[0];
    assert_eq!(with_keys.headers["x-one"], "first-key");
    assert_eq!(with_keys.target, "/v1/pets/rex?pets-key=second-key");
}

#[tokio::test]
async fn an_unknown_connection_is_named_with_the_nearest() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    house.connect("pets-key", "ApiKey", &server.url, &[("key", "a-secret-of-pets")]).await;
    let ctx = house.context(USER, None, &[&server.url]);
    let outcome = call(&[tool(&server.url, by_connection("pet-key"))], &ctx, "pets_one", &json!({"id": "rex"})).await;
    assert!(outcome.output.contains("did you mean `pets-key`?"), "{outcome:?}");
    assert_eq!(house.records().pop().unwrap()["status"], 404);
}

#[tokio::test]
async fn an_error_a_redirect_and_too_much_are_failures() {
    let answer = |seen: &Seen| match seen.target.as_str() {
        "/v1/pets/away" => {
            Answer { headers: vec![("location", "http://169.254.169.254/".to_owned())], ..Answer::empty(302) }
        }
        "/v1/pets/much" => Answer::json(200, "x".repeat(300 * 1024)),
        _ => Answer::json(404, "{\"error\":\"no such pet\"}"),
    };
    let (house, server) = (House::new().await, Server::start(answer).await);
    let (tools, ctx) = ([tool(&server.url, anonymous())], house.context(USER, None, &[&server.url]));
    for (id, told) in [("away", "redirect"), ("much", "larger than the limit"), ("none", "no such pet")] {
        let outcome = call(&tools, &ctx, "pets_one", &json!({"id": id})).await;
        assert!(outcome.is_error() && outcome.output.contains(told), "{id}: {outcome:?}");
    }
    assert_eq!(server.seen().len(), 3);
    assert_eq!(house.records().pop().unwrap()["status"], 404);
}

#[tokio::test]
async fn a_server_that_nobody_listed_is_not_asked() {
    let (house, server) = (House::new().await, Server::start(echo).await);
    let ctx = house.context(USER, None, &[]);
    let outcome = call(&[tool(&server.url, anonymous())], &ctx, "pets_one", &json!({"id": "rex"})).await;
    assert!(outcome.output.contains("egress.allowed_targets"), "{outcome:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_function_is_the_callers_and_one_that_is_not_there_is_told_the_nearest() {
    let house = House::new().await;
    let ctx = house.context(USER, None, &[]);
    let function = json!({"type": "function", "name": "get_weather", "parameters": {"type": "object"}});
    let offered = offer(std::slice::from_ref(&function), &ctx).await.unwrap();
    assert_eq!(offered.model_tools(), [function]);
    let plan = |name: &str| {
        offered.plan(&super::super::Asked { function: name, arguments: "{}", call_id: "c", id: uuid::Uuid::nil() })
    };
    assert_eq!(plan("get_weather"), super::super::Planned::Caller);
    let super::super::Planned::Unknown { output } = plan("getweather") else { panic!("it is not there") };
    assert!(output.contains("did you mean `get_weather`?"), "{output}");
}
