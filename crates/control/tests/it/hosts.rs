//! Accounts on hosts of their own.

use serde_json::json;

use crate::support::{ACCOUNT, Bench, GROUP, foundry};

#[tokio::test]
async fn the_endpoints_of_accounts_and_projects_are_printed_as_configured() {
    let bench = Bench::under(Some(arm::AccountDomain::new("corp.example", Some(8443)).unwrap())).await;
    assert_eq!(bench.put("admin", GROUP, json!({ "location": "local" })).await.status, 201);
    let made = bench.put("admin", ACCOUNT, foundry()).await.body;
    assert_eq!(made["properties"]["endpoint"], "https://acct1.cognitiveservices.corp.example:8443/");
    let endpoints = &made["properties"]["endpoints"];
    assert_eq!(endpoints["AI Foundry API"], "https://acct1.services.ai.corp.example:8443/");
    assert_eq!(endpoints["OpenAI Language Model Instance API"], "https://acct1.openai.corp.example:8443/");
    let project =
        bench.put("admin", &format!("{ACCOUNT}/projects/p1"), json!({ "location": "local", "properties": {} })).await;
    let url = &project.body["properties"]["endpoints"]["AI Foundry API"];
    assert_eq!(url, "https://acct1.services.ai.corp.example:8443/api/projects/p1");
    let openai = json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" }, "properties": {} });
    let made = bench.put("admin", &crate::support::account("plain"), openai).await.body;
    assert_eq!(made["properties"]["endpoint"], "https://plain.openai.corp.example:8443/");
}

#[tokio::test]
async fn the_control_plane_is_not_on_the_host_of_an_account() {
    let bench = Bench::under(Some(arm::AccountDomain::new("corp.example", None).unwrap())).await;
    bench.put("admin", GROUP, json!({ "location": "local" })).await;
    assert_eq!(bench.put("admin", ACCOUNT, foundry()).await.status, 201);
    for host in ["acct1.openai.corp.example", "nobody.services.ai.corp.example"] {
        assert_eq!(bench.send("admin", "GET", ACCOUNT, &[("host", host)], None).await.status, 404, "{host}");
    }
    assert_eq!(bench.send("admin", "GET", ACCOUNT, &[("host", "cupola.corp.example")], None).await.status, 200);
}
