//! Who may do what in the directory, and how Graph says no.

use http::{Request, StatusCode};
use serde_json::json;

use crate::contoso::{ADMIN, Contoso, POWERLESS, POWERLESS_APP, READER, READER_APP, TENANT, URL, USER};

#[tokio::test]
async fn nobody_is_asked_to_sign_in() {
    let contoso = Contoso::new().await;
    let answer = contoso.send(Request::builder().uri("/v1.0/users").body(Vec::new()).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn a_principal_without_a_directory_role_neither_reads_nor_writes() {
    let contoso = Contoso::new().await;
    let token = contoso.token(POWERLESS, POWERLESS_APP);
    let before = contoso.store.world().version;
    for (method, path, body) in [
        ("GET", "/v1.0/users".to_owned(), None),
        ("GET", format!("/v1.0/users/{USER}"), None),
        ("GET", "/v1.0/users/nobody".to_owned(), None),
        ("POST", "/v1.0/applications".to_owned(), Some(json!({"displayName": "x"}))),
        ("DELETE", format!("/v1.0/servicePrincipals/{ADMIN}"), None),
    ] {
        let refused = contoso.call(&token, method, &path, body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "Authorization_RequestDenied"), "{path}");
    }
    assert_eq!(contoso.store.world().version, before);
}

#[tokio::test]
async fn a_reader_and_a_user_read_and_do_not_write() {
    let contoso = Contoso::new().await;
    for token in [contoso.token(READER, READER_APP), contoso.user()] {
        assert_eq!(contoso.call(&token, "GET", "/v1.0/users", None).await.status, StatusCode::OK);
        let body = json!({"displayName": "x"});
        let refused = contoso.call(&token, "POST", "/v1.0/applications", Some(body)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let refused = contoso.call(&token, "DELETE", &format!("/v1.0/users/{USER}"), None).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn me_is_for_users() {
    let contoso = Contoso::new().await;
    let app = contoso.call(&contoso.token(POWERLESS, POWERLESS_APP), "GET", "/v1.0/me", None).await;
    assert_eq!((app.status, app.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"));
    assert_eq!(app.message(), "/me request is only valid with delegated authentication flow.");
    let user = contoso.call(&contoso.user(), "GET", "/v1.0/me", None).await;
    assert_eq!(user.body["userPrincipalName"], "user@contoso.com");
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_refused_with_what_is() {
    let contoso = Contoso::new().await;
    for filter in ["shoeSize eq 43", "endswith(displayName,'x')", "displayName eq", "x"] {
        let refused = contoso.filtered("users", filter).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"), "{filter}");
        assert!(refused.message().contains("userPrincipalName"), "{}", refused.message());
    }
    assert_eq!(contoso.get("/v1.0/users?$top=0").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(contoso.get("/v1.0/users?$skiptoken=x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(contoso.get("/v1.0/users?$search=x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(contoso.get("/v1.0/users?$select=id&$count=true&disambiguation_dummy=").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_error_carries_the_ids_by_which_the_request_is_found() {
    let contoso = Contoso::new().await;
    let missing = contoso.get("/v1.0/users/nobody@contoso.com").await;
    let inner = &missing.body["error"]["innerError"];
    assert_eq!(inner["request-id"].as_str(), missing.headers["request-id"].to_str().ok());
    assert!(inner["date"].is_string() && inner["client-request-id"].is_string(), "{inner}");
}

#[tokio::test]
async fn the_tenant_shows_as_an_organization() {
    let contoso = Contoso::new().await;
    let shown = contoso.get("/v1.0/organization").await;
    assert_eq!(shown.each("id"), [TENANT.to_string()]);
    assert_eq!(shown.body["value"][0]["verifiedDomains"][0]["name"], "contoso.com");
    assert_eq!(shown.body["@odata.context"], format!("{URL}/v1.0/$metadata#organization"));
}

#[tokio::test]
async fn an_object_is_of_its_kind_alone() {
    let contoso = Contoso::new().await;
    assert_eq!(contoso.get(&format!("/v1.0/groups/{USER}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(contoso.get(&format!("/v1.0/servicePrincipals/{USER}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(contoso.delete(&format!("/v1.0/groups/{USER}")).await.status, StatusCode::NOT_FOUND);
    let shown = contoso.get(&format!("/v1.0/directoryObjects/{USER}")).await;
    assert_eq!(shown.body["@odata.type"], "#microsoft.graph.user");
}
