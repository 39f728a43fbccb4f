//! Applications, their secrets and their principals: what `az ad sp create-for-rbac` does.

use http::StatusCode;
use serde_json::json;

use crate::contoso::{ADMIN_APP, Answer, Contoso, MANAGED, TENANT};

async fn sign_in(contoso: &Contoso, app: &str, secret: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app),
        ("client_secret", secret),
        ("scope", "https://ai.azure.com/.default"),
    ];
    contoso.sign_in(&TENANT.to_string(), &form).await
}

#[tokio::test]
async fn create_for_rbac_ends_in_a_principal_that_signs_in() {
    let contoso = Contoso::new().await;
    assert_eq!(contoso.filtered("servicePrincipals", "displayName eq 'ci'").await.each("id").len(), 0);
    assert_eq!(contoso.filtered("applications", "startswith(displayName,'ci')").await.each("id").len(), 0);
    let application = contoso.post("/v1.0/applications", json!({"displayName": "ci", "keyCredentials": []})).await;
    assert_eq!(application.status, StatusCode::CREATED);
    for name in ["identifierUris", "passwordCredentials", "keyCredentials"] {
        assert_eq!(application.body[name], json!([]), "{name}");
    }
    let app = application.body["appId"].as_str().unwrap();
    let path = format!("/v1.0/applications/{}", application.id());
    let wanted = json!({"passwordCredential": {
        "displayName": "rbac", "startDateTime": "2027-01-15T08:00:00Z", "endDateTime": "2028-01-15T08:00:00Z",
    }});
    let added = contoso.post(&format!("{path}/addPassword"), wanted).await;
    assert_eq!(added.status, StatusCode::OK, "{added:?}");
    assert_eq!(added.body["endDateTime"], "2028-01-15T08:00:00Z");
    assert_eq!(added.headers["cache-control"], "no-store");
    let secret = added.body["secretText"].as_str().unwrap();
    assert!(secret.starts_with(added.body["hint"].as_str().unwrap()) && secret.len() >= 40);
    let principal = contoso.post("/v1.0/servicePrincipals", json!({"appId": app, "accountEnabled": true})).await;
    assert_eq!(principal.status, StatusCode::CREATED);
    assert_eq!(principal.body["servicePrincipalNames"], json!([app]));
    assert_eq!(principal.body["displayName"], "ci");
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::OK);

    let shown = contoso.get(&path).await;
    assert!(!shown.body.to_string().contains(secret), "a secret is shown once");
    assert_eq!(shown.body["passwordCredentials"][0]["displayName"], "rbac");
    assert_eq!(shown.body["passwordCredentials"][0]["secretText"], json!(null));
    let key_id = &shown.body["passwordCredentials"][0]["keyId"];
    assert_eq!(key_id, &added.body["keyId"]);
    let removed = contoso.post(&format!("{path}/removePassword"), json!({"keyId": key_id})).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::UNAUTHORIZED);
    let again = contoso.post(&format!("{path}/removePassword"), json!({"keyId": key_id})).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_principal_has_secrets_of_its_own() {
    let contoso = Contoso::new().await;
    let application = contoso.post("/v1.0/applications", json!({"displayName": "own"})).await;
    let app = application.body["appId"].as_str().unwrap();
    let principal = contoso.post("/v1.0/servicePrincipals", json!({"appId": app})).await;
    let path = format!("/v1.0/servicePrincipals/{}", principal.id());
    let added = contoso.post(&format!("{path}/addPassword"), json!({})).await;
    assert_eq!(added.status, StatusCode::OK, "{added:?}");
    let secret = added.body["secretText"].as_str().unwrap();
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::OK);
    let shown = contoso.get(&path).await;
    assert_eq!(shown.body["passwordCredentials"][0]["keyId"], added.body["keyId"]);
    let key_id = json!({"keyId": added.body["keyId"]});
    let removed = contoso.post(&format!("{path}/removePassword"), key_id).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::UNAUTHORIZED);
    let managed = format!("/v1.0/servicePrincipals/{MANAGED}/addPassword");
    assert_eq!(contoso.post(&managed, json!({})).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_secret_ends_when_it_was_said_to() {
    let contoso = Contoso::new().await;
    let application = contoso.post("/v1.0/applications", json!({"displayName": "short"})).await;
    let app = application.body["appId"].as_str().unwrap();
    let path = format!("/v1.0/applications/{}/addPassword", application.id());
    let ends = (jiff::Timestamp::from_second(crate::contoso::START_S + 30)).unwrap().to_string();
    let added = contoso.post(&path, json!({"passwordCredential": {"endDateTime": ends}})).await;
    let secret = added.body["secretText"].as_str().unwrap();
    assert_eq!(contoso.post("/v1.0/servicePrincipals", json!({"appId": app})).await.status, StatusCode::CREATED);
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::OK);
    contoso.turn_clock_s(31);
    assert_eq!(sign_in(&contoso, app, secret).await.status, StatusCode::UNAUTHORIZED);
    for wrong in [
        json!({"endDateTime": "2020-01-01T00:00:00Z"}),
        json!({"endDateTime": "soon"}),
        json!({"startDateTime": "2099-01-01T00:00:00Z"}),
    ] {
        let refused = contoso.post(&path, json!({"passwordCredential": wrong})).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn deleting_an_application_ends_its_principal_and_its_secrets() {
    let contoso = Contoso::new().await;
    let application = contoso.post("/v1.0/applications", json!({"displayName": "gone"})).await;
    let (id, app) = (application.id(), application.body["appId"].as_str().unwrap());
    let added = contoso.post(&format!("/v1.0/applications/{id}/addPassword"), json!({})).await;
    let principal = contoso.post("/v1.0/servicePrincipals", json!({"appId": app})).await;
    assert_eq!(contoso.delete(&format!("/v1.0/applications/{id}")).await.status, StatusCode::NO_CONTENT);
    let gone = contoso.get(&format!("/v1.0/servicePrincipals/{}", principal.id())).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let refused = sign_in(&contoso, app, added.body["secretText"].as_str().unwrap()).await;
    assert_eq!(refused.body["error_codes"], json!([700_016]));
}

#[tokio::test]
async fn an_application_is_changed_and_its_identifier_uris_are_its_own() {
    let contoso = Contoso::new().await;
    let one = contoso.post("/v1.0/applications", json!({"displayName": "one"})).await;
    let two = contoso.post("/v1.0/applications", json!({"displayName": "two"})).await;
    let principal = contoso.post("/v1.0/servicePrincipals", json!({"appId": one.body["appId"]})).await;
    let path = format!("/v1.0/applications/{}", one.id());
    let change = json!({"displayName": "uno", "identifierUris": ["api://uno"], "web": {"redirectUris": []}});
    assert_eq!(contoso.patch(&path, change).await.status, StatusCode::NO_CONTENT);
    let found = contoso.filtered("applications", "identifierUris/any(s:s eq 'api://uno')").await;
    assert_eq!(found.each("id"), [one.id()]);
    let by_uri = contoso.filtered("servicePrincipals", "servicePrincipalNames/any(c:c eq 'api://uno')").await;
    assert_eq!((by_uri.each("id"), by_uri.each("displayName")), (vec![principal.id()], vec!["uno"]));
    let taken =
        contoso.patch(&format!("/v1.0/applications/{}", two.id()), json!({"identifierUris": ["API://uno"]})).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST);
    let certificate = contoso.patch(&path, json!({"keyCredentials": [{"key": "x"}]})).await;
    assert!(certificate.message().contains("not supported"), "{}", certificate.message());
}

#[tokio::test]
async fn a_principal_needs_an_application_and_there_is_one_of_it() {
    let contoso = Contoso::new().await;
    let foreign =
        contoso.post("/v1.0/servicePrincipals", json!({"appId": "00000003-0000-0000-c000-000000000000"})).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"));
    let twice = contoso.post("/v1.0/servicePrincipals", json!({"appId": ADMIN_APP})).await;
    assert_eq!((twice.status, twice.code()), (StatusCode::CONFLICT, "Request_MultipleObjectsWithSameKeyValue"));
}

#[tokio::test]
async fn a_managed_identity_is_shown_and_not_changed_here() {
    let contoso = Contoso::new().await;
    let path = format!("/v1.0/servicePrincipals/{MANAGED}");
    let shown = contoso.get(&path).await;
    assert_eq!(shown.body["servicePrincipalType"], "ManagedIdentity");
    assert!(shown.body["alternativeNames"][1].as_str().unwrap().ends_with("/accounts/a"));
    for refused in [contoso.delete(&path).await, contoso.patch(&path, json!({"accountEnabled": false})).await] {
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "Authorization_RequestDenied"));
        assert!(refused.message().contains("managed identity"), "{}", refused.message());
    }
}
