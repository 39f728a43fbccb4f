//! Requests that are not answered, and why.

use serde_json::{Value, json};

use crate::house::{House, POWERLESS, PROJECT_USER, json_of, user};

async fn refusal(house: &House, body: Value) -> (u16, Value) {
    let (status, _, answer) = house.chat(&body).await;
    (status.as_u16(), answer["error"].clone())
}

#[tokio::test]
async fn an_unknown_deployment_is_not_found() {
    let house = House::new().await;
    for name in ["nothing", "", "chat/x", "connection/model", "../deployments/chat"] {
        let (status, error) = refusal(&house, json!({"model": name, "messages": user("hi")})).await;
        assert_eq!((status, error["code"].as_str()), (404, Some("DeploymentNotFound")), "{name}");
        assert!(error["message"].as_str().unwrap().starts_with("The API deployment for this resource does not exist."));
    }
}

#[tokio::test]
async fn a_body_without_a_model_names_the_field() {
    let house = House::new().await;
    let (status, error) = refusal(&house, json!({"messages": user("hi")})).await;
    assert_eq!(
        (status, error["param"].as_str(), error["type"].as_str()),
        (400, Some("model"), Some("invalid_request_error"))
    );
}

#[tokio::test]
async fn a_bad_value_is_refused_in_the_openai_envelope_and_recorded() {
    let house = House::new().await;
    let (status, error) = refusal(&house, json!({"model": "chat", "messages": user("hi"), "max_tokens": -1})).await;
    assert_eq!(
        (status, error["param"].as_str(), error["code"].as_str()),
        (400, Some("max_tokens"), Some("invalid_value"))
    );
    let records = house.records();
    assert_eq!((records[0]["status"].as_u64(), records[0]["outcome"].as_str()), (Some(400), Some("allowed")));
    assert!(records[0]["reason"].as_str().unwrap().contains("max_tokens"));
}

#[tokio::test]
async fn an_image_is_refused_by_name() {
    let house = House::new().await;
    let content = json!([{"type": "image_url", "image_url": {"url": "https://localhost/x.png"}}]);
    let (status, error) =
        refusal(&house, json!({"model": "chat", "messages": [{"role": "user", "content": content}]})).await;
    assert_eq!((status, error["param"].as_str()), (400, Some("messages[0].content[0]")));
    assert!(error["message"].as_str().unwrap().contains("image_url"), "{error}");
}

#[tokio::test]
async fn a_missing_model_file_names_the_command_that_fetches_it() {
    let house = House::new().await;
    for stream in [false, true] {
        let (status, headers, answer) =
            house.chat(&json!({"model": "absent", "messages": user("hi"), "stream": stream})).await;
        assert_eq!((status.as_u16(), answer["error"]["code"].as_str()), (503, Some("ModelNotAvailable")));
        assert!(answer["error"]["message"].as_str().unwrap().contains("cargo xtask model"), "{answer}");
        assert_eq!(headers["x-should-retry"], "false");
    }
    assert_eq!(house.records().len(), 2);
}

#[tokio::test]
async fn a_conversation_is_not_put_to_a_model_for_embeddings() {
    let house = House::new().await;
    house.deploy("vectors", "Vectors").await;
    let (status, error) = refusal(&house, json!({"model": "vectors", "messages": user("hi")})).await;
    assert_eq!((status, error["code"].as_str()), (400, Some("OperationNotSupported")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("chatCompletion") && message.contains("Vectors"), "{message}");
}

#[tokio::test]
async fn a_model_that_left_the_catalog_is_unavailable() {
    let house = House::new().await;
    let (status, error) = refusal(&house, json!({"model": "retired", "messages": user("hi")})).await;
    assert_eq!((status, error["code"].as_str()), (503, Some("ModelNotAvailable")));
    assert!(error["message"].as_str().unwrap().contains("`Retired`"), "{error}");
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_said_before_anybody_is_asked_who_they_are() {
    let house = House::new().await;
    let answer = house.send("POST", "/accounts/nobody/openai/v1/chat/completions", "no token", "{}").await;
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn who_holds_no_role_learns_what_is_missing_and_no_model_runs() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("hi")}).to_string();
    let path = "/accounts/contoso-hr/api/projects/claims/openai/v1/chat/completions";
    let answer = house.send("POST", path, &house.token(POWERLESS), &body).await;
    assert_eq!(answer.status(), 401);
    let error = &json_of(answer.into_body()).await["error"];
    assert_eq!(error["code"], "PermissionDenied");
    assert!(
        error["message"].as_str().unwrap().contains("Microsoft.CognitiveServices/accounts/AIServices/agents/write")
    );
    assert_eq!(error["additionalInfo"][0]["type"], "AccessDecision");
}

#[tokio::test]
async fn a_project_that_does_not_exist_looks_the_same_to_who_may_not() {
    let house = House::new().await;
    let body = json!({"model": "chat", "messages": user("hi")}).to_string();
    let path = |project: &str| format!("/accounts/contoso-hr/api/projects/{project}/openai/v1/chat/completions");
    for project in ["claims", "nothing"] {
        assert_eq!(house.send("POST", &path(project), &house.token(POWERLESS), &body).await.status(), 401, "{project}");
    }
    assert_eq!(house.send("POST", &path("nothing"), &house.token(PROJECT_USER), &body).await.status(), 401);
}
