//! Refresh tokens: good once each, one family for each sign-in.

use http::StatusCode;
use serde_json::json;

use crate::contoso::{ADMIN_APP, ADMIN_SECRET, Contoso, TENANT, URL, USER};
use crate::people::{claims, me, refresh_token, refused, renew, signed_in};

const FOUNDRY: &str = "https://ai.azure.com/.default offline_access openid profile";

#[tokio::test]
async fn a_refresh_token_gets_tokens_for_any_resource_and_its_successor() {
    let contoso = Contoso::new().await;
    let first = signed_in(&contoso).await;
    let next = renew(&contoso, &refresh_token(&first), FOUNDRY).await;
    assert_eq!(next.status, StatusCode::OK, "{next:?}");
    assert_eq!(claims(&next, "access_token")["aud"], "https://ai.azure.com");
    assert!(claims(&next, "id_token").get("nonce").is_none());
    assert_ne!(refresh_token(&next), refresh_token(&first));
    assert_eq!(me(&contoso, &refresh_token(&next)).await.body["id"], USER.to_string());
}

#[tokio::test]
async fn without_a_scope_it_is_for_what_was_asked_for_first() {
    let contoso = Contoso::new().await;
    let first = signed_in(&contoso).await;
    let next = renew(&contoso, &refresh_token(&first), "").await;
    assert_eq!(claims(&next, "access_token")["aud"], format!("{URL}/arm"));
}

#[tokio::test]
async fn a_used_refresh_token_ends_its_family_and_no_other() {
    let contoso = Contoso::new().await;
    let (first, other) = (signed_in(&contoso).await, signed_in(&contoso).await);
    let next = renew(&contoso, &refresh_token(&first), FOUNDRY).await;
    refused(&renew(&contoso, &refresh_token(&first), FOUNDRY).await, "invalid_grant", 50_173);
    refused(&renew(&contoso, &refresh_token(&next), FOUNDRY).await, "invalid_grant", 50_173);
    assert_eq!(renew(&contoso, &refresh_token(&other), FOUNDRY).await.status, StatusCode::OK, "another sign-in");
    assert_eq!(contoso.store.world().sign_ins.of(USER).count(), 1);
}

#[tokio::test]
async fn two_at_once_with_one_token_do_not_both_go_on() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    let (one, two) = tokio::join!(renew(&contoso, &first, FOUNDRY), renew(&contoso, &first, FOUNDRY));
    let good = [&one, &two].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(good, 1, "{one:?} {two:?}");
}

#[tokio::test]
async fn a_refresh_token_is_of_its_client() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    let admin = ADMIN_APP.to_string();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", admin.as_str()),
        ("client_secret", ADMIN_SECRET),
        ("refresh_token", first.as_str()),
        ("scope", FOUNDRY),
    ];
    refused(&contoso.sign_in("common", &form).await, "invalid_grant", 70_000);
    assert_eq!(renew(&contoso, &first, FOUNDRY).await.status, StatusCode::OK, "its own client goes on");
}

#[tokio::test]
async fn text_that_is_no_refresh_token_is_refused_and_ends_nothing() {
    let contoso = Contoso::new().await;
    let good = refresh_token(&signed_in(&contoso).await);
    let mut forged = good.clone();
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    for text in ["x", "AAAA", forged.as_str(), &good[1..]] {
        refused(&renew(&contoso, text, FOUNDRY).await, "invalid_grant", 70_000);
    }
    assert_eq!(renew(&contoso, &good, FOUNDRY).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_expires_when_it_is_not_used_and_lives_on_when_it_is() {
    const DAYS_80_S: i64 = 80 * 24 * 3600;
    let contoso = Contoso::new().await;
    let (used, unused) = (signed_in(&contoso).await, signed_in(&contoso).await);
    contoso.turn_clock_s(DAYS_80_S);
    let used = renew(&contoso, &refresh_token(&used), FOUNDRY).await;
    contoso.turn_clock_s(DAYS_80_S);
    assert_eq!(renew(&contoso, &refresh_token(&used), FOUNDRY).await.status, StatusCode::OK);
    refused(&renew(&contoso, &refresh_token(&unused), FOUNDRY).await, "invalid_grant", 700_082);
}

#[tokio::test]
async fn a_new_password_a_disabled_account_and_a_deleted_one_end_it() {
    let contoso = Contoso::new().await;
    let path = format!("/v1.0/users/{USER}");
    let first = signed_in(&contoso).await;
    assert_eq!(contoso.patch(&path, json!({"accountEnabled": false})).await.status, StatusCode::NO_CONTENT);
    refused(&renew(&contoso, &refresh_token(&first), FOUNDRY).await, "invalid_grant", 50_057);
    assert_eq!(contoso.patch(&path, json!({"accountEnabled": true})).await.status, StatusCode::NO_CONTENT);
    let password = json!({"passwordProfile": {"password": "another-password"}});
    assert_eq!(contoso.patch(&path, password).await.status, StatusCode::NO_CONTENT);
    refused(&renew(&contoso, &refresh_token(&first), FOUNDRY).await, "invalid_grant", 50_173);
}

#[tokio::test]
async fn who_asks_for_no_refresh_token_gets_none_and_nothing_is_kept() {
    let contoso = Contoso::new().await;
    let scope = [("scope", "https://ai.azure.com/.default")];
    let code = crate::people::code(&contoso, &scope).await;
    let answer = crate::people::redeem(&contoso, &code, &[]).await;
    assert!(answer.body.get("refresh_token").is_none() && answer.body.get("id_token").is_none(), "{answer:?}");
    assert_eq!(claims(&answer, "access_token")["tid"], TENANT.to_string());
    assert_eq!(contoso.store.world().sign_ins.of(USER).count(), 0);
}

#[tokio::test]
async fn a_person_has_a_bounded_number_of_sign_ins() {
    let contoso = Contoso::new().await;
    for _ in 0..66 {
        signed_in(&contoso).await;
        contoso.turn_clock_s(1);
    }
    assert_eq!(contoso.store.world().sign_ins.of(USER).count(), 64);
}
