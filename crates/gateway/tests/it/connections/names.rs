//! Which connection a name leads to, and what is said where it leads nowhere.

use serde_json::json;

use super::gate::{ANSWER, Gate, models, project, question};
use crate::house::{PROJECT_USER, account};
use crate::mock::json as whole;

#[tokio::test]
async fn a_connection_that_is_not_there_names_the_nearest() {
    let gate = Gate::open().await;
    let (code, message) = gate.refusal("gaet/gpt-5", 400).await;
    assert_eq!(code, "ConnectionNotFound");
    assert!(
        message.starts_with("Connection 'gaet' not found: the project `claims` has none of that name"),
        "{message}"
    );
    assert!(message.ends_with("Did you mean `gate`?"), "{message}");
}

#[tokio::test]
async fn a_connection_that_is_not_shared_says_so_and_one_that_is_answers() {
    let gate = Gate::bare().await;
    gate.connect(&account(), "own", json!({})).await;
    gate.connect(&account(), "common", json!({"isSharedToAll": true})).await;
    let (code, message) = gate.refusal("own/gpt-5", 400).await;
    assert_eq!(code, "ConnectionNotFound");
    assert!(message.contains("Set `isSharedToAll` to true"), "{message}");
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("common/gpt-5").await.0, 200);
}

#[tokio::test]
async fn a_connection_to_something_else_says_what_it_is() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "search", json!({"category": "CognitiveSearch"})).await;
    let (code, message) = gate.refusal("search/gpt-5", 400).await;
    assert_eq!(code, "ConnectionNotFound");
    assert!(message.contains("its category is `CognitiveSearch`"), "{message}");
}

#[tokio::test]
async fn a_model_that_is_not_listed_names_the_nearest() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "gate", json!({"metadata": {"models": models(&["gpt-5-mini", "o3"])}})).await;
    let (code, message) = gate.refusal("gate/gpt5-mini", 404).await;
    assert_eq!(code, "DeploymentNotFound");
    assert_eq!(message, "The connection `gate` has no model `gpt5-mini`. Did you mean `gpt-5-mini`?");
    assert!(gate.mock.seen().is_empty());
}

#[tokio::test]
async fn who_may_read_no_connections_is_refused_before_any_is_looked_for() {
    let gate = Gate::open().await;
    gate.house.deny(PROJECT_USER, &project(), "Microsoft.CognitiveServices/accounts/AIServices/connections/read").await;
    for name in ["gate/gpt-5", "nothing/gpt-5"] {
        let (code, message) = gate.refusal(name, 401).await;
        assert_eq!(code, "PermissionDenied");
        assert!(message.contains("`Microsoft.CognitiveServices/accounts/AIServices/connections/read`"), "{message}");
    }
    assert!(gate.mock.seen().is_empty());
    let records = gate.house.records_when(2).await;
    assert!(
        records.iter().all(|record| record["outcome"] == "refused" && record["connection"].is_null()),
        "{records:?}"
    );
}

#[tokio::test]
async fn at_the_account_a_connections_name_is_no_deployment() {
    let gate = Gate::bare().await;
    gate.connect(&account(), "common", json!({"isSharedToAll": true, "isDefault": true})).await;
    for model in ["common/gpt-5", "gpt-5"] {
        let path = "/accounts/contoso-hr/openai/v1/chat/completions";
        let (status, _, body) = gate.house.ask("POST", path, &question(model, false)).await;
        assert_eq!((status.as_u16(), body["error"]["code"].as_str()), (404, Some("DeploymentNotFound")), "{body}");
    }
    assert!(gate.mock.seen().is_empty());
}

#[tokio::test]
async fn a_name_that_stands_alone_is_a_deployment_or_else_a_model_of_the_default() {
    let gate = Gate::bare().await;
    gate.connect(&project(), "other", json!({})).await;
    let (code, _) = gate.refusal("gpt-5", 404).await;
    assert_eq!(code, "DeploymentNotFound");
    gate.connect(&project(), "gate", json!({"isDefault": true})).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gpt-5").await.0, 200);
    assert_eq!(gate.mock.seen()[0].headers["x-ms-foundry-model-id"], "gate/gpt-5");
    // A deployment of that name comes first, though its model is gone.
    let (code, _) = gate.refusal("retired", 503).await;
    assert_eq!(code, "ModelNotAvailable");
    let (code, message) = gate.refusal("gpt-6", 404).await;
    assert_eq!(
        (code.as_str(), message.contains("`gate` has no model `gpt-6`")),
        ("DeploymentNotFound", true),
        "{message}"
    );
}

#[tokio::test]
async fn a_projects_own_connection_hides_the_accounts() {
    let gate = Gate::bare().await;
    gate.connect(&account(), "gate", json!({"isSharedToAll": true, "metadata": {"models": models(&["theirs"])}})).await;
    gate.connect(&project(), "gate", json!({"metadata": {"models": models(&["ours"])}})).await;
    gate.mock.will(whole(200, ANSWER));
    assert_eq!(gate.chat("gate/ours").await.0, 200);
    assert_eq!(gate.refusal("gate/theirs", 404).await.0, "DeploymentNotFound");
}
