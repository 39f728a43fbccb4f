//! Limits that the operator writes: for whom, where, and what one that cannot be read does.

use arm::Scope;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::far::{CHAT, Far, question};
use crate::house::{KEY, POWERLESS, PROJECT_USER, account};
use crate::mock::json as answer;

const GROUP: Uuid = Uuid::from_u128(0x77);
const PROJECT: &str = "/accounts/contoso-hr/api/projects/claims/openai/v1/chat/completions";
const GOOD: &str = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":2}}";

fn project() -> Scope {
    account().child("projects", "claims")
}

/// A limit of requests or tokens a month, of which no test lives to see the end.
fn limit(unit: &str, amount: u64, counts: &str, principals: Value) -> Value {
    json!({"unit": unit, "amount": amount, "window": "Month", "counts": counts, "appliesTo": {"principals": principals}})
}

fn these(kind: &str, id: Uuid) -> Value {
    json!([{"id": id, "type": kind}])
}

/// A house where both service principals may ask at the account and at the project.
async fn house() -> Far {
    let far = Far::open_ai().await;
    far.house.let_in(POWERLESS, &account()).await;
    far.house.let_in(PROJECT_USER, &account()).await;
    far
}

async fn ask(far: &Far, path: &str, credential: &str) -> (u16, String) {
    far.mock.will(answer(200, GOOD));
    let asked = far.mock.seen().len();
    let (head, body) = far.house.send("POST", path, credential, &question(false)).await.into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let was_sent = far.mock.seen().len() > asked;
    assert_eq!(was_sent, head.status == 200, "{text}");
    (head.status.as_u16(), text)
}

#[tokio::test]
async fn a_total_is_shared_by_all_and_named_in_its_refusal() {
    let far = house().await;
    far.house.limit(&account(), "little", limit("Requests", 2, "Total", json!("All"))).await;
    let (one, other) = (far.house.token(PROJECT_USER), far.house.token(POWERLESS));
    assert_eq!(ask(&far, CHAT, &one).await.0, 200);
    assert_eq!(ask(&far, CHAT, KEY).await.0, 200);
    for credential in [&one, &other, KEY] {
        let (status, text) = ask(&far, CHAT, credential).await;
        assert!(status == 429 && text.contains("`little` admits 2 requests per month"), "{text}");
    }
}

#[tokio::test]
async fn each_identity_has_a_count_of_its_own() {
    let far = house().await;
    far.house.limit(&account(), "each", limit("Requests", 1, "Each", json!("All"))).await;
    for credential in [&far.house.token(PROJECT_USER), &far.house.token(POWERLESS), KEY] {
        assert_eq!(ask(&far, CHAT, credential).await.0, 200);
        assert_eq!(ask(&far, CHAT, credential).await.0, 429);
    }
}

#[tokio::test]
async fn a_limit_of_one_identity_is_nobody_elses() {
    let far = house().await;
    let whom = these("ServicePrincipal", PROJECT_USER);
    far.house.limit(&account(), "one", limit("Requests", 1, "Total", whom)).await;
    let (one, other) = (far.house.token(PROJECT_USER), far.house.token(POWERLESS));
    assert_eq!(ask(&far, CHAT, &one).await.0, 200);
    assert_eq!(ask(&far, CHAT, &one).await.0, 429);
    for credential in [&other, KEY, &other, KEY] {
        assert_eq!(ask(&far, CHAT, credential).await.0, 200);
    }
}

#[tokio::test]
async fn a_limit_of_a_group_is_for_its_members_together_or_for_each() {
    for (counts, second) in [("Total", 429), ("Each", 200)] {
        let far = house().await;
        far.house.group(GROUP, PROJECT_USER).await;
        far.house.limit(&account(), "group", limit("Requests", 1, counts, these("Group", GROUP))).await;
        let (member, other) = (far.house.token(PROJECT_USER), far.house.token(POWERLESS));
        assert_eq!(ask(&far, CHAT, &member).await.0, 200);
        assert_eq!(ask(&far, CHAT, &member).await.0, 429, "{counts}");
        assert_eq!(ask(&far, CHAT, &other).await.0, 200, "who is no member is not counted");
        far.house.join(GROUP, POWERLESS).await;
        assert_eq!(ask(&far, CHAT, &other).await.0, second, "{counts}: who joins is counted on the next request");
    }
}

#[tokio::test]
async fn a_limit_of_a_project_is_not_for_the_account() {
    let far = house().await;
    let token = far.house.token(PROJECT_USER);
    far.house.limit(&project(), "project", limit("Requests", 1, "Total", json!("All"))).await;
    assert_eq!(ask(&far, PROJECT, &token).await.0, 200);
    assert_eq!(ask(&far, PROJECT, &token).await.0, 429);
    assert_eq!(ask(&far, CHAT, &token).await.0, 200);
}

#[tokio::test]
async fn a_limit_above_holds_below_from_the_next_request_on() {
    let token = |far: &Far| far.house.token(PROJECT_USER);
    let subscription = account().parent().unwrap().parent().unwrap();
    for place in [subscription, account().parent().unwrap(), account(), account().child("deployments", "far")] {
        let far = house().await;
        assert_eq!(ask(&far, PROJECT, &token(&far)).await.0, 200);
        far.house.limit(&place, "above", limit("Requests", 1, "Total", json!("All"))).await;
        assert_eq!(ask(&far, CHAT, &token(&far)).await.0, 200);
        assert_eq!(ask(&far, PROJECT, &token(&far)).await.0, 429, "{place}");
        assert_eq!(ask(&far, CHAT, &token(&far)).await.0, 429, "{place}");
    }
}

#[tokio::test]
async fn tokens_are_settled_with_what_was_used() {
    let far = house().await;
    far.house.limit(&account(), "tokens", limit("Tokens", 1000, "Total", json!("All"))).await;
    let body = |max_tokens: u64| {
        json!({"model": "far", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": max_tokens}).to_string()
    };
    for _ in 0..3 {
        far.mock.will(answer(200, GOOD));
        assert_eq!(far.ask(&body(900)).await.0, 200, "sixteen of nine hundred were used");
    }
    assert_eq!(far.ask(&body(990)).await.0, 429);
}

#[tokio::test]
async fn a_limit_for_one_model_is_not_for_another() {
    let far = house().await;
    let mut written = limit("Requests", 1, "Total", json!("All"));
    written["appliesTo"]["models"] = json!(["Rare"]);
    far.house.limit(&account(), "of-rare", written).await;
    far.house.deploy("rare", "Rare").await;
    for _ in 0..2 {
        assert_eq!(ask(&far, CHAT, KEY).await.0, 200);
    }
    far.mock.will(answer(200, GOOD));
    let rare = question(false).replace("\"far\"", "\"rare\"");
    assert_eq!(far.ask(&rare).await.0, 200);
    assert_eq!(far.ask(&rare).await.0, 429);
}

#[tokio::test]
async fn where_one_of_two_limits_refuses_the_other_is_not_charged() {
    let far = house().await;
    far.house.limit(&account(), "wide", limit("Requests", 2, "Total", json!("All"))).await;
    let whom = these("ServicePrincipal", PROJECT_USER);
    far.house.limit(&account(), "narrow", limit("Requests", 1, "Total", whom)).await;
    let token = far.house.token(PROJECT_USER);
    assert_eq!(ask(&far, CHAT, &token).await.0, 200);
    for _ in 0..3 {
        let (status, text) = ask(&far, CHAT, &token).await;
        assert!(status == 429 && text.contains("`narrow`"), "{text}");
    }
    assert_eq!(ask(&far, CHAT, KEY).await.0, 200, "the refused ones took nothing of the wide limit");
    assert_eq!(ask(&far, CHAT, KEY).await.0, 429);
}

#[tokio::test]
async fn a_limit_that_cannot_be_read_lets_nothing_through() {
    for (place, path) in [(account(), CHAT), (account(), PROJECT), (project(), PROJECT)] {
        let far = house().await;
        let token = far.house.token(PROJECT_USER);
        assert_eq!(ask(&far, path, &token).await.0, 200);
        far.house.limit(&place, "odd", json!({"unit": "Wishes", "amount": 1})).await;
        let (status, text) = ask(&far, path, &token).await;
        assert!(status == 503 && text.contains("LimitUnreadable"), "{text}");
        assert!(!text.contains("Wishes"), "what is wrong with it is the operator's to know: {text}");
        let record = far.house.records_when(2).await.pop().unwrap();
        assert!(record["reason"].as_str().unwrap().contains("Wishes"), "{record}");
    }
}
