//! Whole answers.

use serde_json::json;

use crate::house::{House, PROJECT_USER, json_of, user};

#[tokio::test]
async fn a_question_is_answered_and_recorded() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("What is the capital of Germany?"), "temperature": 0});
    let (status, headers, answer) = house.chat(&body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["choices"][0]["message"]["content"].as_str().unwrap().contains("Berlin"), "{answer}");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "SmolLM2-135M-Instruct");
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(answer["usage"]["total_tokens"], 37 + answer["usage"]["completion_tokens"].as_u64().unwrap());
    assert_eq!(headers["x-ms-deployment-name"], "chat");
    assert_eq!(headers["x-ms-region"], "westeurope");
    assert!(headers.contains_key("x-request-id"));

    let records = house.records();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(record["status"], 200);
    assert_eq!(record["outcome"], "allowed");
    assert_eq!(record["credential"], "key1");
    assert_eq!(record["account"], "contoso-hr");
    assert_eq!(record["deployment"], "chat");
    assert_eq!(record["model"], "SmolLM2-135M-Instruct");
    assert_eq!(record["promptTokens"], 37);
    assert_eq!(record["completionTokens"], answer["usage"]["completion_tokens"]);
    assert_eq!(record["usageEstimated"], false);
    assert_eq!(record["finish"], "stop");
    assert!(record["firstByteUs"].as_u64().unwrap() <= record["durationUs"].as_u64().unwrap());
    assert!(!record.to_string().contains("Berlin"), "the journal keeps no contents: {record}");
}

#[tokio::test]
async fn the_dated_route_takes_the_deployment_from_its_path() {
    let house = House::new().await;
    let path = "/accounts/contoso-hr/openai/deployments/CHAT/chat/completions";
    let body = json!({"model": "something else", "messages": user("Say hello."), "max_tokens": 2});
    let (status, headers, answer) = house.ask("POST", &format!("{path}?api-version=2024-10-21"), &body).await;
    assert_eq!((status.as_u16(), answer["choices"][0]["finish_reason"].as_str()), (200, Some("length")), "{answer}");
    assert_eq!(headers["x-ms-deployment-name"], "chat");
    let (status, _, answer) = house.ask("POST", path, &body).await;
    assert_eq!((status.as_u16(), answer["error"]["code"].as_str()), (404, Some("404")));
    assert!(answer["error"]["message"].as_str().unwrap().contains("api-version"), "{answer}");
}

#[tokio::test]
async fn a_role_at_the_project_opens_the_projects_route_and_not_the_accounts() {
    let house = House::new().await;
    let token = house.token(PROJECT_USER);
    let body = json!({"model": "chat", "messages": user("Say hello."), "max_tokens": 2}).to_string();
    let at_project = "/accounts/contoso-hr/api/projects/claims/openai/v1/chat/completions";
    let answer = house.send("POST", at_project, &token, &body).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(json_of(answer.into_body()).await["choices"][0]["finish_reason"], "length");

    let at_account = "/accounts/contoso-hr/openai/v1/chat/completions";
    let refused = house.send("POST", at_account, &token, &body).await;
    assert_eq!(refused.status(), 401);

    let records = house.records();
    assert_eq!(
        (records[0]["project"].as_str(), records[0]["roleName"].as_str()),
        (Some("claims"), Some("Foundry User"))
    );
    assert_eq!((records[1]["outcome"].as_str(), records[1].get("promptTokens")), (Some("refused"), None));
}

#[tokio::test]
async fn a_seed_of_the_callers_makes_the_answer_repeatable() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("Tell me about rivers."), "temperature": 1, "seed": 5, "max_tokens": 12});
    let (first, second) = (house.chat(&body).await.2, house.chat(&body).await.2);
    assert_eq!(first["choices"], second["choices"]);
    assert_ne!(first["id"], second["id"]);
}
