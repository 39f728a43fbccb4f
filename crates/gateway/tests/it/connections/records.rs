//! What the journal keeps of the use of a connection, what limits hold for it, and who may use one from inside.

use access::{Asking, Plane, Route, Stored, Verb};
use gateway::{AgentTag, Inside, converse};
use http::HeaderMap;
use rbac::Permission;
use serde_json::{Value, json};
use uuid::Uuid;

use super::gate::{ANSWER, Gate, project};
use crate::house::{PROJECT_USER, account};
use crate::mock::json as whole;

const AGENT: Uuid = Uuid::from_u128(0xa6);

#[tokio::test]
async fn each_use_says_which_connection_by_whom_with_what_and_where() {
    let gate = Gate::open().await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/gpt-5").await.0, 200);
    assert_eq!(gate.chat("gate/none").await.0, 404);
    let records = gate.house.records_when(2).await;
    for record in &records {
        assert_eq!(record["connection"], project().child("connections", "gate").to_string());
        assert_eq!(record["connectionIdentity"], PROJECT_USER.to_string());
        assert_eq!((record["credentialKind"].as_str(), record["outcome"].as_str()), (Some("ApiKey"), Some("allowed")));
        assert_eq!(record["upstreamHost"], gate.mock.url.strip_prefix("http://").unwrap());
    }
    let record = &records[0];
    assert_eq!(
        (record["model"].as_str(), record.get("deployment"), record.get("upstream")),
        (Some("gpt-5"), None, None)
    );
    assert_eq!((record["promptTokens"].as_u64(), record["completionTokens"].as_u64()), (Some(14), Some(2)));
}

fn limit(amount: u64) -> Value {
    json!({"unit": "Requests", "amount": amount, "window": "Month", "counts": "Total", "appliesTo": {"principals": "All"}})
}

#[tokio::test]
async fn limits_at_the_connection_the_project_and_the_account_hold() {
    for (place, connection_at) in [
        (project().child("connections", "gate"), project()),
        (project(), project()),
        (account(), project()),
        (account().child("connections", "gate"), account()),
        (project(), account()),
    ] {
        let gate = Gate::bare().await;
        gate.connect(&connection_at, "gate", json!({"isSharedToAll": true})).await;
        gate.house.limit(&place, "little", limit(2)).await;
        for _ in 0..2 {
            gate.mock.will(whole(200, ANSWER));
            assert_eq!(gate.chat("gate/gpt-5").await.0, 200, "{place}");
        }
        let (code, message) = gate.refusal("gate/gpt-5", 429).await;
        assert!(code == "429" && message.contains("`little` admits 2 requests per month"), "{place}: {message}");
        assert_eq!(gate.mock.seen().len(), 2);
    }
}

#[tokio::test]
async fn what_was_used_is_counted_again_after_a_restart() {
    let gate = Gate::open().await;
    gate.house.limit(&project(), "little", limit(2)).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/gpt-5").await.0, 200);
    let record = gate.house.records_when(1).await.remove(0);
    gate.house.serving.count_again(&serde_json::from_value(record).unwrap());
    assert_eq!(gate.refusal("gate/gpt-5", 429).await.0, "429");
}

/// A step of an agent's run for the project's user.
async fn step(gate: &Gate) -> access::Step {
    let data = |name: &str| Permission::DataAction(format!("Microsoft.CognitiveServices/accounts/{name}").into());
    let asking = |permission| Asking {
        permission,
        scope: project(),
        rows: &[],
        route: Route::path(
            Verb::Post,
            "/accounts/{account}/api/projects/{project}/openai/v1/responses",
            Plane::Project,
        ),
        request_id: Uuid::from_u128(1),
    };
    let caller = gate.house.kept(PROJECT_USER);
    let agent: Stored = caller.through(&project().child("agents", "clerk"), &gate.house.store.world()).unwrap();
    gate.house.stand_in.admit_as(&agent, &asking(data("AIServices/agents/write"))).await.unwrap()
}

/// Asks as the agent `clerk`; the last event, or the status of the refusal.
async fn run(gate: &Gate) -> Result<Value, u16> {
    let agent = Some(AgentTag { label: "clerk:3".to_owned(), principal: Some(AGENT) });
    let body = json!({"model": "gate/gpt-5", "input": "Hi"});
    let inside = Inside { step: step(gate).await, body, agent, id: Uuid::from_u128(2), headers: HeaderMap::new() };
    let mut events = converse(&gate.house.serving, inside).await.map_err(|failure| failure.status.as_u16())?;
    let mut last = Value::Null;
    while let Some(event) = events.next().await {
        last = event.unwrap();
    }
    Ok(last)
}

async fn with_agent() -> Gate {
    let gate = Gate::open().await;
    gate.house.managed(AGENT, &project().child("agents", "clerk")).await;
    gate.house.let_in(AGENT, &project()).await;
    gate
}

#[tokio::test]
async fn an_agent_uses_a_connection_by_its_own_right_and_is_named() {
    let gate = with_agent().await;
    gate.connect(&project(), "gate-of-agents", json!({"authType": "AgenticIdentityToken", "credentials": {}})).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(run(&gate).await.unwrap()["type"], "response.completed");
    assert_eq!(gate.mock.seen()[0].headers["x-ms-foundry-agent-id"], "clerk:3");
    let record = gate.house.records_when(1).await.pop().unwrap();
    assert_eq!((&record["principalId"], &record["connectionIdentity"]), (&json!(AGENT), &json!(AGENT)));
    assert_eq!((&record["onBehalfOf"], &record["agent"]), (&json!(PROJECT_USER), &json!("clerk:3")));
}

#[tokio::test]
async fn an_agent_that_may_not_uses_it_by_its_callers_right_and_else_not_at_all() {
    const READ: &str = "Microsoft.CognitiveServices/accounts/AIServices/connections/read";
    let gate = with_agent().await;
    gate.house.deny(AGENT, &project(), READ).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(run(&gate).await.unwrap()["type"], "response.completed");
    let record = gate.house.records_when(1).await.pop().unwrap();
    assert_eq!(record["connectionIdentity"], json!(PROJECT_USER));

    gate.house.deny(PROJECT_USER, &project(), READ).await;
    assert_eq!(run(&gate).await.unwrap_err(), 401);
    let record = gate.house.records_when(2).await.pop().unwrap();
    assert_eq!((record["outcome"].as_str(), record["action"].as_str()), (Some("refused"), Some(READ)));
    assert_eq!(gate.mock.seen().len(), 1);
}
