//! Refresh tokens: replaced when they are used, one family for each sign-in.

use std::collections::HashSet;
use std::sync::Arc;

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

/// From when on a replaced refresh token is not answered any more.
const LEEWAY_S: i64 = 60;

#[tokio::test]
async fn a_used_refresh_token_ends_its_family_and_no_other() {
    let contoso = Contoso::new().await;
    let (first, other) = (signed_in(&contoso).await, signed_in(&contoso).await);
    let next = renew(&contoso, &refresh_token(&first), FOUNDRY).await;
    contoso.turn_clock_s(LEEWAY_S);
    refused(&renew(&contoso, &refresh_token(&first), FOUNDRY).await, "invalid_grant", 50_173);
    refused(&renew(&contoso, &refresh_token(&next), FOUNDRY).await, "invalid_grant", 50_173);
    assert_eq!(renew(&contoso, &refresh_token(&other), FOUNDRY).await.status, StatusCode::OK, "another sign-in");
    assert_eq!(contoso.store.world().sign_ins.of(USER).count(), 1);
}

#[tokio::test]
async fn the_journal_says_whose_sign_in_ended_and_why() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    renew(&contoso, &first, FOUNDRY).await;
    contoso.turn_clock_s(LEEWAY_S);
    refused(&renew(&contoso, &first, FOUNDRY).await, "invalid_grant", 50_173);
    let ended = last_record(&contoso);
    assert_eq!((&ended["outcome"], &ended["principalId"]), (&json!("refused"), &json!(USER)), "{ended}");
    assert!(ended["reason"].as_str().unwrap().contains("used again"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn eight_programs_that_share_a_cache_bring_one_token_and_all_go_on_with_its_successor() {
    let contoso = Arc::new(Contoso::new().await);
    let mut shared = refresh_token(&signed_in(&contoso).await);
    for _ in 0..5 {
        let bring = || {
            let (contoso, token) = (Arc::clone(&contoso), shared.clone());
            tokio::spawn(async move { renew(&contoso, &token, FOUNDRY).await })
        };
        let mut successors = HashSet::new();
        for program in [(); 8].map(|()| bring()) {
            let answer = program.await.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert_eq!(claims(&answer, "access_token")["aud"], "https://ai.azure.com");
            successors.insert(refresh_token(&answer));
        }
        assert_eq!(successors.len(), 1, "one token is the newest");
        assert!(!successors.contains(&shared));
        shared = successors.into_iter().next().unwrap();
    }
    assert_eq!(me(&contoso, &shared).await.body["id"], USER.to_string());
}

#[tokio::test]
async fn whoever_fell_behind_by_several_tokens_within_the_leeway_gets_the_newest() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    let second = refresh_token(&renew(&contoso, &first, FOUNDRY).await);
    contoso.turn_clock_s(LEEWAY_S - 1);
    let third = refresh_token(&renew(&contoso, &second, FOUNDRY).await);
    let behind = renew(&contoso, &first, "").await;
    assert_eq!(refresh_token(&behind), third);
    assert_eq!(claims(&behind, "access_token")["aud"], format!("{URL}/arm"));
    contoso.turn_clock_s(1);
    assert_eq!(refresh_token(&renew(&contoso, &second, FOUNDRY).await), third, "replaced a second ago");
    refused(&renew(&contoso, &first, FOUNDRY).await, "invalid_grant", 50_173);
    refused(&renew(&contoso, &third, FOUNDRY).await, "invalid_grant", 50_173);
}

#[tokio::test]
async fn a_forged_token_of_a_number_that_was_just_replaced_gets_nothing_and_ends_nothing() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    let next = refresh_token(&renew(&contoso, &first, FOUNDRY).await);
    let half = first.len() - 10;
    let forged = format!("{}{}", &first[..half], &next[half..]);
    refused(&renew(&contoso, &forged, FOUNDRY).await, "invalid_grant", 70_000);
    assert_eq!(renew(&contoso, &next, FOUNDRY).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_person_gets_nothing_for_a_token_that_was_just_replaced() {
    let contoso = Contoso::new().await;
    let first = refresh_token(&signed_in(&contoso).await);
    renew(&contoso, &first, FOUNDRY).await;
    let disabled = contoso.patch(&format!("/v1.0/users/{USER}"), json!({"accountEnabled": false})).await;
    assert_eq!(disabled.status, StatusCode::NO_CONTENT);
    refused(&renew(&contoso, &first, FOUNDRY).await, "invalid_grant", 50_057);
}

/// The newest record of the journal.
fn last_record(contoso: &Contoso) -> serde_json::Value {
    let mut tail = store::Journal::tail(contoso.store.dir()).unwrap();
    let mut records = Vec::new();
    loop {
        let items = tail.read().unwrap();
        if items.is_empty() {
            break;
        }
        records.extend(items);
    }
    let Some(store::journal::TailItem::Record(json)) = records.last() else { panic!("no record: {records:?}") };
    serde_json::from_str(json).unwrap()
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
