//! Users in Graph.

use http::StatusCode;
use serde_json::{Value, json};

use crate::contoso::{Contoso, USER};

fn ada() -> Value {
    json!({
        "userPrincipalName": "ada@contoso.com", "displayName": "Ada Lovelace", "mailNickname": "ada",
        "accountEnabled": true,
        "passwordProfile": {"password": "canary-Passw0rd", "forceChangePasswordNextSignIn": false},
    })
}

#[tokio::test]
async fn a_created_user_is_found_by_id_by_name_and_by_filter() {
    let contoso = Contoso::new().await;
    let created = contoso.post("/v1.0/users", ada()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(!created.body.to_string().contains("canary"), "a password is never shown");
    for path in [
        format!("/v1.0/users/{}", created.id()),
        "/v1.0/users/ada@contoso.com".to_owned(),
        "/v1.0/users/ADA%40contoso.com".to_owned(),
    ] {
        let shown = contoso.get(&path).await;
        assert_eq!((shown.status, shown.id()), (StatusCode::OK, created.id()), "{path}");
        assert!(!shown.body.to_string().contains("canary"));
    }
    let filters = [
        "userPrincipalName eq 'ada@contoso.com'",
        "displayName eq 'ada lovelace'",
        "startswith(displayName,'Ada')",
        "mailNickname eq 'ada'",
        "mail eq null and accountEnabled eq true and startswith(displayName,'A')",
    ];
    for filter in filters {
        assert_eq!(contoso.filtered("users", filter).await.each("id"), [created.id()], "{filter}");
    }
    assert_eq!(contoso.filtered("users", "userPrincipalName eq 'nobody@x'").await.each("id"), Vec::<&str>::new());
}

#[tokio::test]
async fn a_sign_in_name_is_unique_and_of_the_tenants_domain() {
    let contoso = Contoso::new().await;
    assert_eq!(contoso.post("/v1.0/users", ada()).await.status, StatusCode::CREATED);
    let again = contoso.post("/v1.0/users", ada()).await;
    assert_eq!((again.status, again.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"));
    assert!(again.message().contains("userPrincipalName already exists"), "{}", again.message());
    let mut elsewhere = ada();
    elsewhere["userPrincipalName"] = json!("ada@fabrikam.com");
    let elsewhere = contoso.post("/v1.0/users", elsewhere).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    assert!(elsewhere.message().contains("contoso.com"), "{}", elsewhere.message());
}

#[tokio::test]
async fn what_is_wrong_with_a_new_user_is_said_and_changes_nothing() {
    let contoso = Contoso::new().await;
    let before = contoso.store.world().version;
    let spoilt = |name: &str, value: Value| {
        let mut body = ada();
        body[name] = value;
        body
    };
    let cases = [
        (spoilt("displayName", json!("")), "displayName"),
        (spoilt("displayName", json!(7)), "displayName"),
        (spoilt("displayName", json!("x".repeat(300))), "displayName"),
        (spoilt("mailNickname", json!(null)), "mailNickname"),
        (spoilt("accountEnabled", json!("yes")), "accountEnabled"),
        (spoilt("userPrincipalName", json!("a b@contoso.com")), "userPrincipalName"),
        (spoilt("userPrincipalName", json!("@contoso.com")), "userPrincipalName"),
        (spoilt("passwordProfile", json!({"password": "short"})), "password"),
        (spoilt("passwordProfile", json!({})), "password"),
        (spoilt("givenNmae", json!("Ada")), "Did you mean 'givenName'?"),
    ];
    for (body, word) in cases {
        let refused = contoso.post("/v1.0/users", body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"), "{word}");
        assert!(refused.message().contains(word), "{word}: {}", refused.message());
    }
    assert_eq!(contoso.store.world().version, before);
}

#[tokio::test]
async fn a_user_is_changed_disabled_and_deleted() {
    let contoso = Contoso::new().await;
    let token = contoso.user();
    assert_eq!(contoso.call(&token, "GET", "/v1.0/me", None).await.id(), USER.to_string());
    let path = format!("/v1.0/users/{USER}");
    let change =
        json!({"displayName": "Uma II", "jobTitle": "Analyst", "passwordProfile": {"password": "another-Passw0rd"}});
    assert_eq!(contoso.patch(&path, change).await.status, StatusCode::NO_CONTENT);
    let shown = contoso.get(&path).await;
    assert_eq!((&shown.body["displayName"], &shown.body["jobTitle"]), (&json!("Uma II"), &json!("Analyst")));
    assert_eq!(contoso.patch(&path, json!({"accountEnabled": false})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(contoso.call(&token, "GET", "/v1.0/me", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(contoso.delete("/v1.0/users/user@contoso.com").await.status, StatusCode::NO_CONTENT);
    let gone = contoso.get(&path).await;
    assert_eq!((gone.status, gone.code()), (StatusCode::NOT_FOUND, "Request_ResourceNotFound"));
    assert_eq!(contoso.delete(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_follow_each_other_by_absolute_links_and_lose_nobody() {
    let contoso = Contoso::new().await;
    for number in 0..5 {
        let mut body = ada();
        body["userPrincipalName"] = json!(format!("ada{number}@contoso.com"));
        assert_eq!(contoso.post("/v1.0/users", body).await.status, StatusCode::CREATED);
    }
    let mut path = "/v1.0/users?$filter=startswith(displayName,%27Ada%27)&$top=2&$select=id".to_owned();
    let (mut names, mut pages) = (Vec::new(), 0);
    loop {
        let page = contoso.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        names.extend(page.each("userPrincipalName").into_iter().map(str::to_owned));
        pages += 1;
        let Some(next) = page.body["@odata.nextLink"].as_str() else {
            break;
        };
        path = next.strip_prefix("https://localhost:8443").expect("absolute").to_owned();
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), pages), (5, 3));
}
