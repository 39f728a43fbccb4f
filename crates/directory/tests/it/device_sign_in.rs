//! A device that shows a code, and a person who enters it on the page.

use http::StatusCode;
use serde_json::json;

use crate::contoso::{ADMIN_APP, Answer, Contoso, TENANT, URL, USER, USER_NAME, USER_PASSWORD};
use crate::people::{ARM_SCOPE, AZ, DEVICE_GRANT, GOOD, claims, hidden, me, refresh_token, refused};

async fn begin(contoso: &Contoso) -> Answer {
    let answer =
        contoso.submit("/organizations/oauth2/v2.0/devicecode", &[("client_id", AZ), ("scope", ARM_SCOPE)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer
}

async fn poll(contoso: &Contoso, begun: &Answer) -> Answer {
    let code = begun.body["device_code"].as_str().unwrap();
    let form = [("grant_type", DEVICE_GRANT), ("client_id", AZ), ("device_code", code), ("code", code)];
    contoso.sign_in("organizations", &form).await
}

fn user_code(begun: &Answer) -> &str {
    begun.body["user_code"].as_str().unwrap()
}

async fn enter(contoso: &Contoso, code: &str, more: &[(&str, &str)]) -> Answer {
    let form: Vec<_> = [("user_code", code)].iter().chain(more).copied().collect();
    contoso.submit("/devicecode", &form).await
}

#[tokio::test]
async fn a_person_enters_the_code_and_the_device_gets_tokens_once() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    assert_eq!(begun.body["verification_uri"], format!("{URL}/devicecode"));
    assert_eq!((&begun.body["expires_in"], &begun.body["interval"]), (&json!(900), &json!(5)));
    assert!(begun.body["message"].as_str().unwrap().contains(user_code(&begun)));
    refused(&poll(&contoso, &begun).await, "authorization_pending", 70_016);

    let page = contoso.page("/devicecode").await;
    assert!(page.text.contains("name=\"user_code\""), "{page:?}");
    let page = enter(&contoso, user_code(&begun), &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Microsoft Azure CLI"), "the person sees who asks: {}", page.text);
    let code = hidden(&page, "user_code").unwrap();
    let done = enter(&contoso, &code, &GOOD).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert!(done.text.contains("You have signed in"));

    contoso.turn_clock_s(5);
    let answer = poll(&contoso, &begun).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let access = claims(&answer, "access_token");
    assert_eq!((&access["oid"], &access["idtyp"], &access["appid"]), (&json!(USER), &json!("user"), &json!(AZ)));
    assert_eq!((&access["upn"], &access["scp"]), (&json!(USER_NAME), &json!("user_impersonation")));
    assert_eq!(access["aud"], format!("{URL}/arm"));
    assert!(answer.body["scope"].as_str().unwrap().split(' ').any(|one| one == format!("{URL}/arm/.default")));
    let id = claims(&answer, "id_token");
    assert_eq!((&id["aud"], &id["tid"], &id["preferred_username"]), (&json!(AZ), &json!(TENANT), &json!(USER_NAME)));
    assert_eq!(me(&contoso, &refresh_token(&answer)).await.body["id"], USER.to_string());
    refused(&poll(&contoso, &begun).await, "bad_verification_code", 70_018);
}

#[tokio::test]
async fn the_code_may_be_typed_in_any_way_that_people_type_it() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    let code = user_code(&begun).to_lowercase();
    let typed = format!(" {} {}-{}", &code[..3], &code[3..6], &code[6..]);
    assert_eq!(enter(&contoso, &typed, &GOOD).await.status, StatusCode::OK);
    assert_eq!(poll(&contoso, &begun).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_told_to_slow_down() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    refused(&poll(&contoso, &begun).await, "authorization_pending", 70_016);
    refused(&poll(&contoso, &begun).await, "slow_down", 90_055);
    contoso.turn_clock_s(5);
    refused(&poll(&contoso, &begun).await, "authorization_pending", 70_016);
}

#[tokio::test]
async fn a_wrong_password_leaves_the_device_waiting() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    let wrong = [("username", USER_NAME), ("password", "wrong"), ("action", "sign-in")];
    let page = enter(&contoso, user_code(&begun), &wrong).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("The sign-in name or the password is not right."), "{}", page.text);
    assert!(!page.text.contains("wrong\""), "what was typed as a password is not repeated");
    refused(&poll(&contoso, &begun).await, "authorization_pending", 70_016);
    assert_eq!(enter(&contoso, user_code(&begun), &GOOD).await.status, StatusCode::OK, "a second try is a try");
}

#[tokio::test]
async fn a_person_who_says_no_ends_it() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    let no = [("username", ""), ("password", ""), ("action", "cancel")];
    assert_eq!(enter(&contoso, user_code(&begun), &no).await.status, StatusCode::OK);
    refused(&poll(&contoso, &begun).await, "authorization_declined", 70_017);
    let late = enter(&contoso, user_code(&begun), &GOOD).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "nobody says yes after that");
}

#[tokio::test]
async fn a_code_that_nobody_entered_in_time_expires() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    contoso.turn_clock_s(901);
    let page = enter(&contoso, user_code(&begun), &GOOD).await;
    assert!(page.text.contains("The code is not known, or its time is over."), "{}", page.text);
    refused(&poll(&contoso, &begun).await, "expired_token", 70_020);
}

#[tokio::test]
async fn a_person_disabled_meanwhile_gets_nothing() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    assert_eq!(enter(&contoso, user_code(&begun), &GOOD).await.status, StatusCode::OK);
    let path = format!("/v1.0/users/{USER}");
    assert_eq!(contoso.patch(&path, json!({"accountEnabled": false})).await.status, StatusCode::NO_CONTENT);
    refused(&poll(&contoso, &begun).await, "invalid_grant", 50_057);
}

#[tokio::test]
async fn a_code_is_of_the_client_that_asked_for_it() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    let admin = ADMIN_APP.to_string();
    let public = contoso.filtered("applications", &format!("appId eq '{admin}'")).await;
    let path = format!("/v1.0/applications/{}", public.body["value"][0]["id"].as_str().unwrap());
    assert_eq!(contoso.patch(&path, json!({"isFallbackPublicClient": true})).await.status, StatusCode::NO_CONTENT);
    let code = begun.body["device_code"].as_str().unwrap();
    let form = [("grant_type", DEVICE_GRANT), ("client_id", admin.as_str()), ("device_code", code)];
    refused(&contoso.sign_in("organizations", &form).await, "bad_verification_code", 70_018);
    let own = contoso.submit("/common/oauth2/v2.0/devicecode", &[("client_id", &admin), ("scope", "openid")]).await;
    assert_eq!(own.status, StatusCode::OK, "a public application of the tenant has codes of its own");
}

#[tokio::test]
async fn who_may_not_have_a_code_is_told_why() {
    let contoso = Contoso::new().await;
    let path = "/organizations/oauth2/v2.0/devicecode";
    let admin = ADMIN_APP.to_string();
    refused(&contoso.submit(path, &[("client_id", &admin), ("scope", ARM_SCOPE)]).await, "invalid_client", 7_000_218);
    refused(&contoso.submit(path, &[("client_id", "x"), ("scope", ARM_SCOPE)]).await, "unauthorized_client", 700_016);
    refused(&contoso.submit(path, &[("scope", ARM_SCOPE)]).await, "invalid_request", 900_144);
    refused(&contoso.submit(path, &[("client_id", AZ)]).await, "invalid_request", 900_144);
    let elsewhere = [("client_id", AZ), ("scope", "https://vault.azure.net/.default")];
    refused(&contoso.submit(path, &elsewhere).await, "invalid_resource", 500_011);
    let tenant = "/fabrikam.com/oauth2/v2.0/devicecode";
    refused(&contoso.submit(tenant, &[("client_id", AZ), ("scope", ARM_SCOPE)]).await, "invalid_request", 90_002);
}

#[tokio::test]
async fn guessing_codes_gets_slow() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    for _ in 0..20 {
        assert_eq!(enter(&contoso, "BBBBBBBBB", &[]).await.status, StatusCode::BAD_REQUEST);
    }
    let page = enter(&contoso, "BBBBBBBBB", &[]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let wait_s: i64 = page.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(enter(&contoso, user_code(&begun), &GOOD).await.status, StatusCode::TOO_MANY_REQUESTS);
    contoso.turn_clock_s(wait_s);
    assert_eq!(enter(&contoso, user_code(&begun), &GOOD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let contoso = Contoso::new().await;
    let begun = begin(&contoso).await;
    let form = [("user_code", user_code(&begun)), ("username", USER_NAME), ("password", USER_PASSWORD)];
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        let page = contoso.submit_with("/devicecode", &form, &[foreign]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    refused(&poll(&contoso, &begun).await, "authorization_pending", 70_016);
    let own = contoso.submit_with("/devicecode", &form, &[("sec-fetch-site", "same-origin"), ("origin", URL)]).await;
    assert_eq!(own.status, StatusCode::OK);
}
