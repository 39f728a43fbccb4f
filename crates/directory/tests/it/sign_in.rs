//! Client credentials, right and wrong.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::contoso::{
    ADMIN_APP, ADMIN_SECRET, Answer, Contoso, MANAGED_APP, POWERLESS, POWERLESS_APP, POWERLESS_SECRET, TENANT, URL,
};

const FOUNDRY: &str = "https://ai.azure.com/.default";

async fn client(contoso: &Contoso, id: &str, secret: &str, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", scope)];
    contoso.sign_in(&TENANT.to_string(), &form).await
}

async fn good(contoso: &Contoso) -> Answer {
    client(contoso, &POWERLESS_APP.to_string(), POWERLESS_SECRET, FOUNDRY).await
}

fn claims(answer: &Answer) -> Value {
    let token = answer.body["access_token"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str, number: u64) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.body["error"], error);
    assert_eq!(answer.body["error_codes"], json!([number]));
    let description = answer.body["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
    for field in ["correlation_id", "trace_id", "timestamp"] {
        assert!(answer.body[field].is_string(), "{field}");
    }
    assert!(answer.body.get("access_token").is_none());
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_principal_without_any_role_still_gets_a_token() {
    let contoso = Contoso::new().await;
    let answer = good(&contoso).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3599);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let claims = claims(&answer);
    assert_eq!(claims["oid"], POWERLESS.to_string());
    assert_eq!(claims["appid"], POWERLESS_APP.to_string());
    assert_eq!(claims["aud"], "https://ai.azure.com");
}

#[tokio::test]
async fn the_tenant_has_several_names_and_the_audience_is_as_asked() {
    let contoso = Contoso::new().await;
    let app = ADMIN_APP.to_string();
    let cases = [
        (TENANT.to_string(), format!("{URL}/arm/.default"), format!("{URL}/arm")),
        (
            "contoso.com".to_owned(),
            "https://management.core.windows.net//.default".to_owned(),
            "https://management.core.windows.net/".to_owned(),
        ),
        ("organizations".to_owned(), format!("{URL}//.default"), format!("{URL}/")),
        ("common".to_owned(), "https://ml.azure.com/.default".to_owned(), "https://ml.azure.com".to_owned()),
    ];
    for (tenant, scope, aud) in cases {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app.as_str()),
            ("client_secret", ADMIN_SECRET),
            ("scope", scope.as_str()),
            ("client_info", "1"),
            ("claims", r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#),
        ];
        let answer = contoso.sign_in(&tenant, &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(claims(&answer)["aud"], aud);
    }
}

#[tokio::test]
async fn a_resource_in_the_older_form_is_taken_too() {
    let contoso = Contoso::new().await;
    let app = ADMIN_APP.to_string();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app.as_str()),
        ("client_secret", ADMIN_SECRET),
        ("resource", "https://management.azure.com/"),
    ];
    let answer = contoso.sign_in("common", &form).await;
    assert_eq!(claims(&answer)["aud"], "https://management.azure.com/");
}

#[tokio::test]
async fn a_secret_by_http_basic_signs_in() {
    let contoso = Contoso::new().await;
    let basic = STANDARD.encode(format!("{POWERLESS_APP}:{POWERLESS_SECRET}"));
    let request = Request::builder().method("POST").uri("/common/oauth2/v2.0/token");
    let request = request.header("authorization", format!("Basic {basic}"));
    let body = format!("grant_type=client_credentials&scope={FOUNDRY}").into_bytes();
    assert_eq!(contoso.send(request.body(body).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_issued_token_is_good_at_graph() {
    let contoso = Contoso::new().await;
    let answer = client(&contoso, &ADMIN_APP.to_string(), ADMIN_SECRET, &format!("{URL}//.default")).await;
    let token = answer.body["access_token"].as_str().unwrap();
    assert_eq!(contoso.call(token, "GET", "/v1.0/users", None).await.status, StatusCode::OK);
    let foundry = client(&contoso, &ADMIN_APP.to_string(), ADMIN_SECRET, FOUNDRY).await;
    let foundry = foundry.body["access_token"].as_str().unwrap();
    let refused = contoso.call(foundry, "GET", "/v1.0/users", None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.code(), "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_not_repeated() {
    let contoso = Contoso::new().await;
    let answer = client(&contoso, &POWERLESS_APP.to_string(), "canary-wrong-secret", FOUNDRY).await;
    refused(&answer, 401, "invalid_client", 7_000_215);
    assert!(!answer.body.to_string().contains("canary"));
    let of_another = client(&contoso, &POWERLESS_APP.to_string(), ADMIN_SECRET, FOUNDRY).await;
    refused(&of_another, 401, "invalid_client", 7_000_215);
}

#[tokio::test]
async fn an_unknown_application_is_named() {
    let contoso = Contoso::new().await;
    for id in ["00000000-0000-0000-0000-0000000000ff", "not-a-guid", &MANAGED_APP.to_string()] {
        let answer = client(&contoso, id, "x", FOUNDRY).await;
        refused(&answer, 400, "unauthorized_client", 700_016);
        assert!(answer.body["error_description"].as_str().unwrap().contains(id));
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_refused() {
    let contoso = Contoso::new().await;
    for tenant in ["fabrikam.com", "00000000-0000-0000-0000-0000000000ff", "consumers"] {
        refused(&contoso.sign_in(tenant, &[]).await, 400, "invalid_request", 90_002);
    }
}

#[tokio::test]
async fn an_unknown_resource_is_refused_only_after_the_secret() {
    let contoso = Contoso::new().await;
    let (app, scope) = (POWERLESS_APP.to_string(), "https://vault.azure.net/.default");
    refused(&client(&contoso, &app, POWERLESS_SECRET, scope).await, 400, "invalid_resource", 500_011);
    refused(&client(&contoso, &app, "wrong", scope).await, 401, "invalid_client", 7_000_215);
}

#[tokio::test]
async fn other_grants_and_missing_parameters_are_named() {
    let contoso = Contoso::new().await;
    let password = [("grant_type", "password"), ("client_id", "x"), ("username", "u"), ("password", "canary")];
    let answer = contoso.sign_in("common", &password).await;
    refused(&answer, 400, "unsupported_grant_type", 70_003);
    assert!(!answer.body.to_string().contains("canary"));
    let none = contoso.sign_in("common", &[]).await;
    refused(&none, 400, "invalid_request", 900_144);
    assert!(none.body["error_description"].as_str().unwrap().contains("'grant_type'"));
    let no_client = contoso.sign_in("common", &[("grant_type", "client_credentials")]).await;
    refused(&no_client, 400, "invalid_request", 900_144);
    let no_secret = contoso.sign_in("common", &[("grant_type", "client_credentials"), ("client_id", "x")]).await;
    refused(&no_secret, 401, "invalid_client", 7_000_218);
    let app = POWERLESS_APP.to_string();
    refused(&client(&contoso, &app, POWERLESS_SECRET, "https://ai.azure.com").await, 400, "invalid_scope", 1_002_012);
}

#[tokio::test]
async fn guessing_gets_slow_for_the_guesser_alone() {
    let contoso = Contoso::new().await;
    let app = POWERLESS_APP.to_string();
    let mut tries = 0;
    let throttled = loop {
        let answer = client(&contoso, &app, &format!("guess-{tries}"), FOUNDRY).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        refused(&answer, 401, "invalid_client", 7_000_215);
        tries += 1;
        assert!(tries < 100, "guessing is never slowed down");
    };
    refused(&throttled, 429, "temporarily_unavailable", 90_055);
    let wait_s: i64 = throttled.headers["retry-after"].to_str().unwrap().parse().unwrap();
    let other = client(&contoso, &ADMIN_APP.to_string(), ADMIN_SECRET, FOUNDRY).await;
    assert_eq!(other.status, StatusCode::OK, "another client is free");
    assert_eq!(good(&contoso).await.status, StatusCode::TOO_MANY_REQUESTS, "even the right secret waits");
    contoso.turn_clock_s(wait_s);
    assert_eq!(good(&contoso).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_principal_gets_no_token_and_its_old_one_is_refused() {
    let contoso = Contoso::new().await;
    let old = contoso.token(POWERLESS, POWERLESS_APP);
    let path = format!("/v1.0/servicePrincipals/{POWERLESS}");
    assert_eq!(contoso.patch(&path, json!({"accountEnabled": false})).await.status, StatusCode::NO_CONTENT);
    refused(&good(&contoso).await, 400, "unauthorized_client", 7_000_112);
    assert_eq!(contoso.call(&old, "GET", "/v1.0/me", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(contoso.delete(&path).await.status, StatusCode::NO_CONTENT);
    refused(&good(&contoso).await, 400, "unauthorized_client", 7_000_229);
}
