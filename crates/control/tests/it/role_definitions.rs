use serde_json::json;

use crate::support::{ACCOUNT, Bench, READER, SUBSCRIPTION};

fn definitions(scope: &str, filter: &str) -> String {
    let filter = filter.replace(' ', "%20").replace('\'', "%27");
    format!("{scope}/providers/Microsoft.Authorization/roleDefinitions?$filter={filter}")
}

#[tokio::test]
async fn a_role_is_found_by_its_new_and_its_former_name() {
    let bench = Bench::with_account().await;
    for name in ["Foundry User", "Azure AI User", "foundry user"] {
        let found = bench.get("admin", &definitions(ACCOUNT, &format!("roleName eq '{name}'"))).await;
        let value = found.body["value"].as_array().unwrap();
        assert_eq!((value.len(), value[0]["properties"]["roleName"].as_str()), (1, Some("Foundry User")), "{name}");
        assert!(value[0]["id"].as_str().unwrap().starts_with(&format!("/subscriptions/{SUBSCRIPTION}/providers/")));
    }
    assert_eq!(bench.get("admin", &definitions(ACCOUNT, "roleName eq 'Emperor'")).await.body["value"], json!([]));
}

#[tokio::test]
async fn a_role_is_read_by_its_id_at_any_scope() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleDefinitions/{READER}?disambiguation_dummy=");
    let found = bench.get("admin", &path).await;
    assert_eq!(found.body["properties"]["type"], "BuiltInRole", "{found:?}");
    assert_eq!(found.body["properties"]["permissions"][0]["actions"], json!(["*/read"]));
    let missing = bench.get("admin", &path.replace(&READER.to_string(), "00000000-0000-0000-0000-000000000009")).await;
    assert_eq!((missing.status, missing.code()), (404, "RoleDefinitionDoesNotExist"));
}

#[tokio::test]
async fn all_built_in_roles_are_listed_and_no_custom_one_is() {
    let bench = Bench::with_account().await;
    let all = bench
        .get("admin", &format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"))
        .await;
    assert_eq!(all.names().len(), 76);
    assert_eq!(bench.get("admin", &definitions(ACCOUNT, "type eq 'CustomRole'")).await.names().len(), 0);
    assert_eq!(bench.get("alice", &definitions(ACCOUNT, "")).await.status, 403);
}

#[tokio::test]
async fn a_caller_sees_its_own_permissions() {
    let bench = Bench::with_account().await;
    bench.grant("team", READER, ACCOUNT).await;
    let path = format!("{ACCOUNT}/providers/Microsoft.Authorization/permissions");
    assert_eq!(bench.get("alice", &path).await.body["value"][0]["actions"], json!(["*/read"]));
    assert_eq!(bench.get("bob", &path).await.body["value"], json!([]));
}

#[tokio::test]
async fn a_role_definition_on_the_wire_is_the_golden_one() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    let text = format!("{}\n", serde_json::to_string_pretty(&bench.get("admin", &path).await.body).unwrap());
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/wire/arm/role_definition.json");
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        std::fs::write(golden, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(golden).unwrap_or_default(), "differs from {golden}");
}
