//! Limits of the gateway: made, read, listed and removed at every scope that requests pass.

use arm::Scope;
use resources::limits::{Counts, Limit, TYPE, Unit, Window};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ACCOUNT, Bench, GROUP, OWNER, READER, SUBSCRIPTION, account, deployment, foundry, id_of};

const CONTRIBUTOR: Uuid = Uuid::from_u128(0xb249_88ac_6180_42a0_ab88_20f7_382d_d24c);

fn at(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Cupola.Gateway/limits/{name}")
}

fn list(scope: &str) -> String {
    format!("{scope}/providers/Cupola.Gateway/limits")
}

fn tokens(amount: u64) -> Value {
    json!({ "properties": {
        "unit": "Tokens", "amount": amount, "window": "Day", "counts": "Total", "appliesTo": { "principals": "All" },
    }})
}

/// `acct1` with the project `p1` and the deployment `chat`, and the scopes from it upwards.
async fn furnished() -> (Bench, [String; 5]) {
    let bench = Bench::with_account().await;
    let (project, deployed) = (format!("{ACCOUNT}/projects/p1"), format!("{ACCOUNT}/deployments/chat"));
    assert_eq!(bench.put("admin", &project, json!({})).await.status, 201);
    assert_eq!(bench.put("admin", &deployed, deployment()).await.status, 201);
    let above = [ACCOUNT.to_owned(), GROUP.to_owned(), format!("/subscriptions/{SUBSCRIPTION}")];
    let [account, group, subscription] = above;
    (bench, [deployed, project, account, group, subscription])
}

#[tokio::test]
async fn a_limit_lives_at_every_scope_that_requests_pass() {
    let (bench, scopes) = furnished().await;
    for scope in &scopes {
        let path = at(scope, "daily");
        let made = bench.put("admin", &path, tokens(1000)).await;
        assert_eq!((made.status, made.body["type"].as_str()), (201, Some(TYPE)), "{made:?}");
        assert_eq!(made.body["id"].as_str(), Some(path.as_str()));
        let again = bench.put("admin", &path, tokens(2000)).await;
        assert_eq!((again.status, &again.body["properties"]["amount"]), (200, &json!(2000)));
        let patch = json!({ "properties": { "window": "Month" } });
        let patched = bench.patch("admin", &path, patch).await;
        assert_eq!((patched.status, &patched.body["properties"]["window"]), (200, &json!("Month")), "{patched:?}");
        let read = bench.get("admin", &path).await;
        assert_eq!(read.body["properties"]["amount"], json!(2000));
        let put_again = bench.put("admin", &path, read.body).await;
        assert_eq!(put_again.status, 200, "what a GET answers can be put again: {put_again:?}");
    }
    for scope in &scopes {
        assert_eq!(bench.delete("admin", &at(scope, "daily")).await.status, 200);
        assert_eq!(bench.delete("admin", &at(scope, "daily")).await.status, 204);
        assert_eq!(bench.get("admin", &at(scope, "daily")).await.status, 404);
    }
}

#[tokio::test]
async fn a_connection_may_be_limited_too() {
    let bench = Bench::with_account().await;
    let connection = format!("{ACCOUNT}/connections/c1");
    assert_eq!(bench.put("admin", &at(&connection, "l1"), tokens(1)).await.code(), "ParentResourceNotFound");
    bench.plant_resource(&connection, json!({})).await;
    assert_eq!(bench.put("admin", &at(&connection, "l1"), tokens(1)).await.status, 201);
}

#[tokio::test]
async fn a_limit_that_nothing_would_ask_is_refused() {
    let bench = Bench::with_account().await;
    let group = "/providers/Microsoft.Management/managementGroups/mg1";
    bench.plant_resource(group, json!({ "displayName": "Business" })).await;
    for scope in ["", group] {
        let refused = bench.put("admin", &at(scope, "l1"), tokens(1)).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestUri"), "{refused:?}");
    }
    let nowhere = at(&account("nobody"), "l1");
    assert_eq!(bench.put("admin", &nowhere, tokens(1)).await.status, 404);
    assert_eq!(bench.get("admin", &list(&account("nobody"))).await.status, 404);
}

#[tokio::test]
async fn a_wrong_field_is_named_with_what_was_expected() {
    let bench = Bench::with_account().await;
    let mut body = tokens(1);
    body["properties"]["window"] = json!("Week");
    let refused = bench.put("admin", &at(ACCOUNT, "l1"), body).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"));
    assert_eq!(refused.body["error"]["target"], "properties.window");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("`Minute`, `Hour`, `Day` or `Month`"));

    let whom = |id: Uuid, kind: &str| {
        let mut body = tokens(1);
        body["properties"]["appliesTo"]["principals"] = json!([{ "id": id, "type": kind }]);
        body
    };
    let path = at(ACCOUNT, "l1");
    assert_eq!(bench.put("admin", &path, whom(id_of("team"), "User")).await.code(), "UnmatchedPrincipalType");
    assert_eq!(bench.put("admin", &path, whom(Uuid::from_u128(9), "User")).await.code(), "PrincipalNotFound");
    assert_eq!(bench.get("admin", &path).await.status, 404, "a refusal writes nothing");
    assert_eq!(bench.put("admin", &path, whom(id_of("team"), "group")).await.status, 201);
}

#[tokio::test]
async fn owners_and_contributors_write_limits_and_readers_read_them() {
    let bench = Bench::with_account().await;
    let path = at(ACCOUNT, "l1");
    assert_eq!(bench.put("alice", &path, tokens(1)).await.code(), "AuthorizationFailed");
    for (who, role) in [("alice", OWNER), ("robot", CONTRIBUTOR)] {
        bench.grant(who, role, ACCOUNT).await;
        let made = bench.put(who, &path, tokens(1)).await;
        assert!(matches!(made.status, 200 | 201), "{who}: {made:?}");
    }
    assert_eq!(bench.get("bob", &path).await.code(), "AuthorizationFailed");
    bench.grant("bob", READER, ACCOUNT).await;
    assert_eq!(bench.get("bob", &path).await.status, 200);
    for refused in [bench.put("bob", &path, tokens(9)).await, bench.delete("bob", &path).await] {
        assert_eq!(refused.code(), "AuthorizationFailed", "{refused:?}");
    }
    assert_eq!(bench.delete("robot", &path).await.status, 200);
}

#[tokio::test]
async fn a_list_shows_what_holds_at_a_scope_nearest_first_and_what_is_below() {
    let (bench, [deployed, project, account_of_both, group, subscription]) = furnished().await;
    let other = account("acct2");
    assert_eq!(bench.put("admin", &other, foundry()).await.status, 201);
    for (scope, name) in [
        (&subscription, "far"),
        (&group, "nearer"),
        (&account_of_both, "own"),
        (&project, "of-project"),
        (&deployed, "of-chat"),
        (&other, "of-other"),
    ] {
        assert_eq!(bench.put("admin", &at(scope, name), tokens(1)).await.status, 201);
    }
    let own = ["own", "nearer", "far", "of-chat", "of-project"];
    assert_eq!(bench.get("admin", &list(&account_of_both)).await.names(), own);
    let at_scope = format!("{}?$filter=atScope()", list(&account_of_both));
    assert_eq!(bench.get("admin", &at_scope).await.names(), own[..3]);
    assert_eq!(bench.get("admin", &list(&deployed)).await.names(), ["of-chat", "own", "nearer", "far"]);
    let strange = format!("{}?$filter=colour%20eq%20'red'", list(&account_of_both));
    assert_eq!(bench.get("admin", &strange).await.code(), "InvalidFilter");

    // A reader of the one account sees what holds there, and nothing of the other.
    bench.grant("alice", READER, &account_of_both).await;
    assert_eq!(bench.get("alice", &list(&account_of_both)).await.names(), own);
    assert_eq!(bench.get("alice", &list(&group)).await.names(), ["of-chat", "of-project", "own"]);
    assert_eq!(bench.get("bob", &list(&group)).await.code(), "AuthorizationFailed");
}

#[tokio::test]
async fn the_gateway_finds_the_limits_that_hold_for_a_deployment() {
    let (bench, [deployed, project, account_of_both, group, subscription]) = furnished().await;
    for (scope, name) in
        [(&subscription, "far"), (&group, "nearer"), (&account_of_both, "own"), (&project, "p"), (&deployed, "chat")]
    {
        assert_eq!(bench.put("admin", &at(scope, name), tokens(7)).await.status, 201);
    }
    let world = bench.store.world();
    let names = |scope: &str| -> Vec<String> {
        let rows = world.in_force(&Scope::parse(scope).unwrap(), TYPE);
        rows.map(|row| Limit::from_resource(row).unwrap().id.name().to_owned()).collect()
    };
    assert_eq!(names(&deployed), ["chat", "own", "nearer", "far"]);
    assert_eq!(names(&project.to_uppercase().replace("SUBSCRIPTIONS", "subscriptions")), ["p", "own", "nearer", "far"]);
    assert_eq!(names(&account("acct2")), ["nearer", "far"]);
    let row = world.resources.get(&Scope::parse(&at(&deployed, "chat")).unwrap()).unwrap();
    let limit = Limit::from_resource(row).unwrap();
    assert_eq!((limit.unit, limit.amount, limit.window, limit.counts), (Unit::Tokens, 7, Window::Day, Counts::Total));
    assert_eq!(limit.scope(), Scope::parse(&deployed).unwrap());
}

#[tokio::test]
async fn a_limit_goes_with_what_it_is_on() {
    let (bench, [deployed, ..]) = furnished().await;
    assert_eq!(bench.put("admin", &at(&deployed, "l1"), tokens(1)).await.status, 201);
    assert_eq!(bench.delete("admin", &deployed).await.status, 200);
    assert_eq!(bench.put("admin", &deployed, deployment()).await.status, 201);
    assert_eq!(bench.get("admin", &at(&deployed, "l1")).await.code(), "ResourceNotFound");
}
