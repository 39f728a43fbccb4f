//! The look-ups of `az role assignment create`, as it sends them.

use http::StatusCode;
use serde_json::json;

use crate::contoso::{Contoso, MANAGED, POWERLESS, POWERLESS_APP, USER};

#[tokio::test]
async fn an_assignee_is_found_by_sign_in_name() {
    let contoso = Contoso::new().await;
    let found = contoso.filtered("users", "userPrincipalName eq 'user@contoso.com'").await;
    assert_eq!(found.each("id"), [USER.to_string()]);
    assert!(contoso.filtered("users", "userPrincipalName eq 'nobody@x'").await.each("id").is_empty());
}

#[tokio::test]
async fn an_assignee_is_found_by_application_id() {
    let contoso = Contoso::new().await;
    let filter = format!("servicePrincipalNames/any(c:c eq '{POWERLESS_APP}')");
    assert_eq!(contoso.filtered("servicePrincipals", &filter).await.each("id"), [POWERLESS.to_string()]);
    let filter = format!("appId eq '{POWERLESS_APP}'");
    assert_eq!(contoso.filtered("servicePrincipals", &filter).await.each("id"), [POWERLESS.to_string()]);
    assert_eq!(contoso.filtered("applications", &filter).await.each("displayName"), ["powerless"]);
    assert!(contoso.filtered("servicePrincipals", "servicePrincipalNames/any(c:c eq 'x')").await.each("id").is_empty());
}

#[tokio::test]
async fn an_assignee_is_found_by_object_id_with_its_type() {
    let contoso = Contoso::new().await;
    let types = json!(["user", "group", "servicePrincipal", "directoryObjectPartnerReference"]);
    let ids = json!([USER, POWERLESS, MANAGED, "00000000-0000-0000-0000-0000000000ff", USER]);
    let found = contoso.post("/v1.0/directoryObjects/getByIds", json!({"ids": ids, "types": types})).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(
        found.each("@odata.type"),
        ["#microsoft.graph.user", "#microsoft.graph.servicePrincipal", "#microsoft.graph.servicePrincipal"]
    );
    let users = contoso.post("/v1.0/directoryObjects/getByIds", json!({"ids": ids, "types": ["user"]})).await;
    assert_eq!(users.each("id"), [USER.to_string()]);
    for wrong in [json!({}), json!({"ids": []}), json!({"ids": ["x"]}), json!({"ids": [USER], "types": "user"})] {
        assert_eq!(contoso.post("/v1.0/directoryObjects/getByIds", wrong).await.status, StatusCode::BAD_REQUEST);
    }
}
