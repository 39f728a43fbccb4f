//! `POST …/connections/{name}/test`: each fault by its name, with its mend.

use serde_json::{Value, json};

use super::gate::{ANSWER, Gate, models, project};
use crate::house::{POWERLESS, account};
use crate::mock::{Act, Mock, json as whole, nobody, stream};

const CHUNKS: &str = "data: {\"id\":\"t\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// Tries the connection `gate` at a place; status and body.
async fn tried(gate: &Gate, place: &arm::Scope, body: &str) -> (u16, Value) {
    gate.house.owner(POWERLESS, &account()).await;
    let token = gate.house.token_for(POWERLESS, "https://management.azure.com");
    let path = format!("{}/test?api-version=2025-09-01", place.child("connections", "gate"));
    let (head, answer) = gate.house.send("POST", &path, &token, body).await.into_parts();
    (head.status.as_u16(), crate::house::json_of(answer).await)
}

/// The steps of a trial: `name` or `name:fault`, and `-name` for what was left out.
fn steps(report: &Value) -> Vec<String> {
    let one = |step: &Value| {
        let name = step["name"].as_str().unwrap();
        match (step["ok"].as_bool(), step["fault"].as_str()) {
            (Some(true), None) => name.to_owned(),
            (Some(false), Some(fault)) => format!("{name}:{fault}"),
            (None, None) => format!("-{name}"),
            _ => panic!("{step}"),
        }
    };
    report["steps"].as_array().unwrap().iter().map(one).collect()
}

/// What is to be done about the first step that failed.
fn mend(report: &Value) -> &str {
    let failed = report["steps"].as_array().unwrap().iter().find(|step| step["ok"] == json!(false));
    failed.unwrap()["mend"].as_str().unwrap()
}

fn streams(mock: &Mock) {
    let (feed, act) = stream();
    feed.send(Ok(bytes::Bytes::from(CHUNKS))).unwrap();
    mock.will(act);
}

const UP_TO_GET: [&str; 5] = ["parameters", "address", "connect", "credential", "list"];

fn then(last: &[&str]) -> Vec<String> {
    UP_TO_GET.iter().chain(last).map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_connection_that_works_passes_every_step() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, ANSWER));
    streams(&gate.mock);
    let (status, report) = tried(&gate, &project(), "").await;
    assert_eq!((status, &report["ok"], report["model"].as_str()), (200, &json!(true), Some("gpt-5")), "{report}");
    assert_eq!(steps(&report), then(&["get", "chat", "stream"]));
    assert_eq!(report["credentialKind"], "ApiKey");
    let record = gate.house.records_when(1).await.pop().unwrap();
    assert_eq!(record["connection"], project().child("connections", "gate").to_string());
    assert_eq!(
        (&record["connectionIdentity"], &record["credentialKind"]),
        (&json!(POWERLESS.to_string()), &json!("ApiKey"))
    );
    assert_eq!(record["action"], "Microsoft.CognitiveServices/accounts/projects/connections/test/action");
}

#[tokio::test]
async fn the_other_form_of_the_path_is_found() {
    let gate = Gate::open().await;
    gate.mock.will(whole(404, "{}"));
    gate.mock.will(whole(200, ANSWER));
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), then(&["get", "chat:pathForm", "-stream"]), "{report}");
    assert!(mend(&report).starts_with("set `metadata.deploymentInPath` to `\"true\"`"), "{report}");
    assert_eq!(gate.mock.seen()[1].target, "/v1/deployments/gpt-5/chat/completions");
}

#[tokio::test]
async fn the_missing_version_is_found() {
    let gate = Gate::open().await;
    for status in [404, 404, 200] {
        gate.mock.will(whole(status, if status == 200 { ANSWER } else { "{}" }));
    }
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), then(&["get", "chat:apiVersion", "-stream"]), "{report}");
    assert!(mend(&report).contains("set `metadata.inferenceAPIVersion` to `2024-10-21`"), "{report}");
}

#[tokio::test]
async fn the_right_header_is_found_and_a_bad_key_named() {
    let gate = Gate::open().await;
    gate.mock.will(whole(401, "{}"));
    gate.mock.will(whole(200, ANSWER));
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), then(&["get", "chat:header", "-stream"]), "{report}");
    assert!(mend(&report).contains("\"name\":\"authorization\",\"format\":\"Bearer {api_key}\""), "{report}");
    for _ in 0..4 {
        gate.mock.will(whole(401, "{}"));
    }
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), then(&["get", "chat:identity", "-stream"]), "{report}");
}

#[tokio::test]
async fn a_model_that_the_gateway_does_not_know_is_named() {
    let gate = Gate::open().await;
    for _ in 0..3 {
        gate.mock.will(whole(404, "{\"error\":{\"message\":\"The model `gpt-5` does not exist\"}}"));
    }
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), then(&["get", "chat:model", "-stream"]), "{report}");
    let (_, report) = tried(&gate, &project(), "{\"model\": \"gpt5\"}").await;
    assert_eq!(steps(&report), then(&["get:model"]), "{report}");
    assert!(mend(&report).starts_with("ask for `gpt-5`"), "{report}");
}

#[tokio::test]
async fn a_gateway_that_is_not_there_and_one_that_may_not_be_asked_are_told_apart() {
    let gate = Gate::bare().await;
    let (_held, closed) = nobody();
    gate.connect(&project(), "gate", json!({"target": closed})).await;
    let (_, report) = tried(&gate, &project(), "").await;
    assert_eq!(steps(&report), ["parameters:network"], "{report}");
    assert!(mend(&report).contains("`egress.allowed_targets`"), "{report}");
}

#[tokio::test]
async fn what_discovery_gets_wrong_is_a_parameter() {
    let gate = Gate::bare().await;
    let discovery = json!({"listModelsEndpoint": "/models", "getModelEndpoint": "/models/{deploymentName}", "deploymentProvider": "OpenAI"});
    gate.connect(&project(), "gate", json!({"metadata": {"modelDiscovery": discovery.to_string()}})).await;
    gate.mock.will(whole(200, "{\"value\":[]}"));
    gate.mock.will(whole(404, "{}"));
    gate.mock.will(Act::Answer(500, vec![], bytes::Bytes::new()));
    let (_, report) = tried(&gate, &project(), "{\"model\": \"gpt-5\"}").await;
    let expected = [
        "parameters",
        "address",
        "connect",
        "credential",
        "list:parameters",
        "get:parameters",
        "chat:gateway",
        "-stream",
    ];
    assert_eq!(steps(&report), expected, "{report}");
}

#[tokio::test]
async fn an_accounts_connection_acts_for_the_project_that_is_named() {
    let gate = Gate::bare().await;
    let more =
        json!({"authType": "ProjectManagedIdentity", "credentials": {}, "metadata": {"models": models(&["gpt-5"])}});
    gate.connect(&account(), "gate", more).await;
    let (_, report) = tried(&gate, &account(), "").await;
    assert_eq!(steps(&report), ["parameters", "address", "connect", "-credential"], "{report}");
    assert!(report["steps"][3]["detail"].as_str().unwrap().ends_with("name one (`project`)"), "{report}");
    gate.mock.will(whole(200, ANSWER));
    gate.mock.will(whole(200, ANSWER));
    let (_, report) = tried(&gate, &account(), "{\"project\": \"claims\"}").await;
    assert_eq!((&report["ok"], steps(&report)), (&json!(true), then(&["get", "chat", "stream"])), "{report}");
}

#[tokio::test]
async fn an_unknown_wish_and_an_unknown_connection_are_refused() {
    let gate = Gate::open().await;
    let (status, body) = tried(&gate, &project(), "{\"deployment\": \"x\"}").await;
    assert_eq!(status, 400, "{body}");
    assert!(body["error"]["message"].as_str().unwrap().contains("`deployment` is not known here"), "{body}");
    assert_eq!(tried(&gate, &account(), "").await.0, 404);
}
