//! Connections in the whole server: what the operator's rules admit, and what the project API shows.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::house::House;

const ACCOUNT: &str = "contoso-customer-service";
const PROJECT: &str = "support-assistant";
const SECRET: &str = "canary-51c0ffee-secret";

fn models(names: &[&str]) -> String {
    let entry = |name: &&str| json!({ "name": name, "properties": { "model": { "name": name, "format": "OpenAI" } } });
    Value::Array(names.iter().map(entry).collect()).to_string()
}

fn gateway(target: &str) -> Value {
    json!({ "category": "ModelGateway", "authType": "ApiKey", "target": target, "credentials": { "key": SECRET },
            "metadata": { "models": models(&["gpt-4o", "claude"]) } })
}

/// The demo with one who may do everything, and one who may do what is listed.
struct Bench {
    house: House,
    admin: Uuid,
}

impl Bench {
    async fn new() -> Bench {
        let house = House::demo().await;
        let admin = house.principal().await;
        house.grant_custom_role(admin, permission(&["*"], &["*"])).await;
        Bench { house, admin }
    }

    async fn put(&self, at: &str, properties: Value) -> (StatusCode, Value) {
        let path = format!("{}/{at}?api-version=2025-09-01", self.house.account(ACCOUNT));
        let token = self.house.token(self.admin, "arm");
        self.house.send("PUT", &path, Some(&token), &json!({ "properties": properties }).to_string()).await
    }

    async fn made(&self, at: &str, properties: Value) {
        let (status, body) = self.put(at, properties).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    async fn project(&self, who: Uuid, verb: &str, path: &str) -> (StatusCode, Value) {
        let token = self.house.token(who, "https://ai.azure.com");
        let path = format!("/accounts/{ACCOUNT}/api/projects/{PROJECT}/{path}");
        self.house.send(verb, &path, Some(&token), "").await
    }

    async fn read(&self, path: &str) -> Value {
        let (status, body) = self.project(self.admin, "GET", path).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    async fn names(&self, path: &str) -> Vec<String> {
        let body = self.read(path).await;
        body["value"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn permission(actions: &[&str], data_actions: &[&str]) -> Value {
    json!({ "actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": [] })
}

#[tokio::test]
async fn a_target_that_the_operator_did_not_list_is_refused_when_the_connection_is_made() {
    let bench = Bench::new().await;
    for target in [
        "http://127.0.0.1:4000/v1",
        "https://127.0.0.1/v1",
        "http://localhost:4000/v1",
        "http://169.254.169.254/latest",
        "https://[::1]/v1",
        "https://[::ffff:127.0.0.1]/v1",
        "https://0x7f.1/v1",
        "https://2130706433/v1",
        "https://[fd00::1]/v1",
        "https://vault.internal/v1",
        "https://metadata.google.internal/v1",
        "https://llm.contoso.com/v1/../admin",
        "https://llm.contoso.com/v1%2F..",
    ] {
        let (status, body) = bench.put("connections/one", gateway(target)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{target}: {body}");
        assert_eq!(body["error"]["target"], "properties.target", "{target}: {body}");
    }
    bench.made("connections/one", gateway("https://llm.contoso.com/v1")).await;
}

#[tokio::test]
async fn a_project_shows_its_connections_and_opens_one_for_who_may_list_secrets() {
    let bench = Bench::new().await;
    let own = format!("projects/{PROJECT}/connections");
    bench
        .made(
            "connections/common",
            json!({
                "category": "CustomKeys", "authType": "CustomKeys", "target": "_", "isSharedToAll": true,
                "credentials": { "keys": { "x-one": SECRET } }, "metadata": { "team": "retail" },
            }),
        )
        .await;
    bench.made("connections/hidden", gateway("https://llm.contoso.com/v1")).await;
    let mut default = gateway("https://llm.contoso.com/v1");
    default["isDefault"] = json!(true);
    bench.made(&format!("{own}/gate"), default).await;
    bench
        .made(
            &format!("{own}/cosmos"),
            json!({ "category": "CosmosDb", "authType": "AAD", "target": "https://x.contoso.com" }),
        )
        .await;

    assert_eq!(bench.names("connections?api-version=v1").await, ["common", "cosmos", "gate"]);
    assert_eq!(bench.names("connections?connectionType=CosmosDB").await, ["cosmos"]);
    assert_eq!(bench.names("connections?connectionType=ModelGateway&defaultConnection=true").await, ["gate"]);
    let shown = bench.read("connections/gate").await;
    assert_eq!(shown["credentials"], json!({ "type": "ApiKey" }));
    assert_eq!((&shown["type"], &shown["isDefault"]), (&json!("ModelGateway"), &json!(true)));
    assert!(shown["id"].as_str().unwrap().ends_with("/projects/support-assistant/connections/gate"));
    let (status, body) = bench.project(bench.admin, "GET", "connections/hiden").await;
    assert_eq!((status, body["error"]["code"].as_str()), (StatusCode::NOT_FOUND, Some("NotFound")));
    assert!(body.to_string().contains("`hiden`") && !body.to_string().contains("`hidden`"), "{body}");

    let open = "connections/gate/getConnectionWithCredentials?api-version=v1";
    let (status, opened) = bench.project(bench.admin, "POST", open).await;
    assert_eq!((status, &opened["credentials"]), (StatusCode::OK, &json!({ "type": "ApiKey", "key": SECRET })));
    let (_, opened) = bench.project(bench.admin, "POST", "connections/common/getConnectionWithCredentials").await;
    assert_eq!(opened["credentials"], json!({ "type": "CustomKeys", "x-one": SECRET }));
}

#[tokio::test]
async fn a_connection_opens_only_with_both_permissions() {
    let bench = Bench::new().await;
    let at = format!("projects/{PROJECT}/connections/gate");
    bench.made(&at, gateway("https://llm.contoso.com/v1")).await;
    let read = "Microsoft.CognitiveServices/accounts/AIServices/connections/read";
    let list = "Microsoft.CognitiveServices/accounts/AIServices/connections/listSecrets/action";
    for (holds, missing) in [(read, list), (list, read)] {
        let who = bench.house.principal().await;
        bench.house.grant_custom_role(who, permission(&["*"], &[holds])).await;
        let (status, body) = bench.project(who, "POST", "connections/gate/getConnectionWithCredentials").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
        assert!(body.to_string().contains(missing) && !body.to_string().contains(SECRET), "{body}");
    }
}

#[tokio::test]
async fn a_project_shows_its_accounts_deployments_and_what_its_gateways_list() {
    let bench = Bench::new().await;
    bench.made(&format!("projects/{PROJECT}/connections/gate"), gateway("https://llm.contoso.com/v1")).await;
    let all = bench.read("deployments?api-version=v1").await;
    let behind: Vec<(&str, &str)> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| Some((one["connectionName"].as_str()?, one["name"].as_str()?)))
        .collect();
    assert_eq!(behind, [("gate", "claude"), ("gate", "gpt-4o")]);
    let own = bench.read("deployments/chat").await;
    assert_eq!((&own["type"], &own["connectionName"]), (&json!("ModelDeployment"), &Value::Null));
    assert_eq!(own["capabilities"], json!({ "chatCompletion": "true" }));
    assert!(own["sku"]["capacity"].is_u64(), "{own}");
    assert_eq!(bench.names("deployments?modelName=GPT-4o&modelPublisher=openai").await, ["gpt-4o"]);
    assert_eq!(bench.names("deployments?deploymentType=Other").await, [""; 0]);
    assert_eq!(bench.read("deployments/claude").await["connectionName"], "gate");
    let (status, body) = bench.project(bench.admin, "GET", "deployments/nothing").await;
    assert_eq!((status, body["error"]["code"].as_str()), (StatusCode::NOT_FOUND, Some("DeploymentNotFound")));
}
