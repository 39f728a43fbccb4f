use serde_json::json;

use crate::support::{ACCOUNT, Bench, deployment};

#[tokio::test]
async fn a_deployment_is_made_changed_and_removed() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}/deployments/chat");
    let made = bench.put("admin", &path, deployment()).await;
    assert_eq!((made.status, &made.body["sku"]["capacity"]), (201, &json!(10)), "{made:?}");
    assert_eq!(
        made.body["properties"]["rateLimits"][1],
        json!({ "key": "token", "renewalPeriod": 60, "count": 10000 })
    );
    assert_eq!(bench.put("admin", &path, deployment()).await.status, 200);
    let patched = bench.patch("admin", &path, json!({ "sku": { "name": "GlobalStandard", "capacity": 20 } })).await;
    assert_eq!((patched.status, &patched.body["sku"]["capacity"]), (200, &json!(20)));
    assert_eq!(bench.get("admin", &format!("{ACCOUNT}/deployments")).await.names(), ["chat"]);
    assert_eq!(bench.delete("admin", &path).await.status, 200);
    assert_eq!(bench.get("admin", &path).await.code(), "ResourceNotFound");
}

#[tokio::test]
async fn a_model_that_is_not_in_the_catalog_is_refused_with_the_nearest_names() {
    let bench = Bench::with_account().await;
    let mut body = deployment();
    body["properties"]["model"]["name"] = json!("SmolLM2-135M");
    let refused = bench.put("admin", &format!("{ACCOUNT}/deployments/chat"), body).await;
    assert_eq!((refused.status, refused.code()), (400, "DeploymentModelNotSupported"));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("SmolLM2-135M-Instruct"), "{refused:?}");
    assert_eq!(bench.get("admin", &format!("{ACCOUNT}/deployments")).await.names(), [""; 0]);
}

#[tokio::test]
async fn the_catalog_is_listed() {
    let bench = Bench::with_account().await;
    let models = bench.get("admin", &format!("{ACCOUNT}/models")).await;
    assert_eq!((models.status, models.names()), (200, vec!["SmolLM2-135M-Instruct".to_owned()]));
    let location =
        "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.CognitiveServices/locations";
    let there = bench.get("admin", &format!("{location}/eastus2/models")).await;
    assert_eq!(there.body["value"][0]["model"]["name"], "SmolLM2-135M-Instruct", "{there:?}");
    assert_eq!(bench.get("admin", &format!("{location}/atlantis/models")).await.status, 400);
}
