use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ACCOUNT, Answer, Bench, OTHER_SUBSCRIPTION, OWNER, READER, SUBSCRIPTION, id_of};

/// The built-in role Management Group Contributor writes groups and assigns nothing.
const GROUP_CONTRIBUTOR: Uuid = Uuid::from_u128(0x5d58_bcaf_24a5_4b20_bdb6_eed9_f69f_be4c);
/// The tenant's id names its root group.
const ROOT: &str = "00000000-0000-0000-0000-000000000007";

fn id(name: &str) -> String {
    format!("/providers/Microsoft.Management/managementGroups/{name}")
}

fn member(group: &str, subscription: &str) -> String {
    format!("{}/subscriptions/{subscription}", id(group))
}

fn below(parent: &str) -> Value {
    json!({ "properties": { "details": { "parent": { "id": id(parent) } } } })
}

/// A tenant with its root group, in which both subscriptions are, and an account.
async fn bench() -> Bench {
    let bench = Bench::with_account().await;
    bench.plant_resource(&id(ROOT), json!({ "displayName": "Tenant Root Group" })).await;
    for subscription in [SUBSCRIPTION, OTHER_SUBSCRIPTION] {
        bench.plant_resource(&member(ROOT, subscription), json!({})).await;
    }
    bench
}

async fn make(bench: &Bench, name: &str, parent: &str) {
    let made = bench.put("admin", &id(name), below(parent)).await;
    assert_eq!(made.status, 200, "{made:?}");
}

async fn move_to(bench: &Bench, who: &str, group: &str) -> Answer {
    bench.send(who, "PUT", &member(group, SUBSCRIPTION), &[], None).await
}

#[tokio::test]
async fn an_assignment_at_a_group_reaches_all_below_and_ends_when_the_subscription_moves_away() {
    let bench = bench().await;
    make(&bench, "platform", ROOT).await;
    make(&bench, "models", "platform").await;
    bench.grant("alice", READER, &id("platform")).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
    assert_eq!(move_to(&bench, "admin", "models").await.status, 200);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200, "two groups up");
    assert_eq!(bench.delete("admin", &member("models", SUBSCRIPTION)).await.status, 200);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
    let home = bench.get("admin", &member(ROOT, SUBSCRIPTION)).await;
    assert_eq!(home.body["properties"]["parent"]["id"], id(ROOT), "back below the root group: {home:?}");
}

#[tokio::test]
async fn what_is_granted_at_the_root_group_holds_wherever_a_subscription_is() {
    let bench = bench().await;
    bench.grant("alice", READER, &id(ROOT)).await;
    make(&bench, "platform", ROOT).await;
    for _ in 0..2 {
        assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
        assert_eq!(move_to(&bench, "admin", "platform").await.status, 200);
    }
}

#[tokio::test]
async fn a_moved_group_takes_all_below_with_it() {
    let bench = bench().await;
    for (name, parent) in [("one", ROOT), ("two", ROOT), ("inner", "one")] {
        make(&bench, name, parent).await;
    }
    move_to(&bench, "admin", "inner").await;
    bench.grant("alice", READER, &id("two")).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
    let moved = bench.patch("admin", &id("inner"), json!({ "displayName": null, "parentGroupId": id("two") })).await;
    assert_eq!(moved.body["properties"]["details"]["parent"]["name"], "two", "{moved:?}");
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    make(&bench, "inner", "one").await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
}

#[tokio::test]
async fn a_group_is_made_shown_changed_and_deleted() {
    let bench = bench().await;
    let body =
        json!({ "name": "Platform", "properties": { "displayName": "The platform", "details": { "parent": {} } } });
    let made = bench.put("admin", &id("Platform"), body).await;
    assert_eq!((made.status, made.body["id"].as_str()), (200, Some(id("Platform").as_str())), "{made:?}");
    let properties = &made.body["properties"];
    assert_eq!(
        (properties["displayName"].as_str(), properties["tenantId"].as_str()),
        (Some("The platform"), Some(ROOT))
    );
    assert_eq!(
        (&properties["details"]["parent"]["id"], &properties["details"]["version"]),
        (&json!(id(ROOT)), &json!(1))
    );
    let renamed = bench.patch("admin", &id("platform"), json!({ "displayName": "Base", "parentGroupId": null })).await;
    assert_eq!((renamed.status, renamed.body["properties"]["displayName"].as_str()), (200, Some("Base")));
    assert_eq!(renamed.body["id"], id("Platform"), "the name as it was first written");
    assert_eq!(renamed.body["properties"]["details"]["version"], 2);
    assert_eq!(bench.get("admin", &id("platform")).await.body, renamed.body);
    assert_eq!(bench.delete("admin", &id("platform")).await.status, 204);
    assert_eq!(bench.get("admin", &id("platform")).await.code(), "ResourceNotFound");
    assert_eq!(bench.patch("admin", &id("platform"), json!({ "displayName": "x" })).await.status, 404);
    assert_eq!(bench.delete("admin", &id("platform")).await.status, 204);
}

#[tokio::test]
async fn reads_show_what_is_above_and_below() {
    let bench = bench().await;
    make(&bench, "outer", ROOT).await;
    make(&bench, "inner", "outer").await;
    move_to(&bench, "admin", "inner").await;
    let show = async |query: &str| bench.get("admin", &format!("{}?{query}", id("outer"))).await.body;
    assert_eq!(show("x=y").await["properties"]["children"], Value::Null);
    let children = show("$expand=children").await;
    assert_eq!(children["properties"]["children"][0]["name"], "inner");
    assert_eq!(children["properties"]["children"][0]["children"], Value::Null);
    let deep = show("$expand=children&$recurse=True").await;
    assert_eq!(deep["properties"]["children"][0]["children"][0]["id"], format!("/subscriptions/{SUBSCRIPTION}"));
    assert_eq!(show("$expand=path").await["properties"]["details"]["path"][0]["name"], ROOT);
    assert_eq!(show("$expand=grandchildren").await["error"]["code"], "InvalidParameter");
    let all = bench.get("admin", &format!("{}/descendants", id("outer"))).await;
    assert_eq!(all.names(), ["inner", SUBSCRIPTION], "{all:?}");
    assert_eq!(all.body["value"][1]["properties"]["parent"]["id"], id("inner"));
    let members = bench.get("admin", &format!("{}/subscriptions", id("inner"))).await;
    assert_eq!(members.names(), [SUBSCRIPTION]);
    assert_eq!(members.body["value"][0]["properties"]["displayName"], "Finance & Risk");
    assert_eq!(bench.get("admin", &member("outer", SUBSCRIPTION)).await.status, 404, "not directly below");
    assert_eq!(bench.get("admin", &format!("{}/descendants", id("nothing"))).await.status, 404);
}

#[tokio::test]
async fn the_list_shows_what_the_caller_may_read() {
    let bench = bench().await;
    make(&bench, "outer", ROOT).await;
    make(&bench, "inner", "outer").await;
    let list = "/providers/Microsoft.Management/managementGroups";
    assert_eq!(bench.get("admin", list).await.names(), [ROOT, "inner", "outer"]);
    assert_eq!(bench.get("alice", list).await.code(), "AuthorizationFailed");
    bench.grant("alice", READER, &id("outer")).await;
    assert_eq!(bench.get("alice", list).await.names(), ["inner", "outer"]);
    assert_eq!(bench.get("alice", &id("inner")).await.status, 200);
    assert_eq!(bench.get("alice", &id(ROOT)).await.status, 403);
}

#[tokio::test]
async fn the_tree_stays_a_tree_of_six_levels() {
    let bench = bench().await;
    let names = ["a", "b", "c", "d", "e", "f"];
    for (name, parent) in names.iter().zip([ROOT].iter().chain(&names)) {
        make(&bench, name, parent).await;
    }
    let seventh = bench.put("admin", &id("g"), below("f")).await;
    assert_eq!((seventh.status, seventh.code()), (400, "InvalidParameter"), "{seventh:?}");
    make(&bench, "side", ROOT).await;
    let too_deep = bench.put("admin", &id("a"), below("side")).await;
    assert_eq!((too_deep.status, too_deep.code()), (400, "InvalidParameter"), "{too_deep:?}");
    for (group, parent) in [("a", "a"), ("a", "c"), ("b", "f")] {
        let circle = bench.put("admin", &id(group), below(parent)).await;
        assert_eq!((circle.status, circle.code()), (400, "InvalidParameter"), "{group} below {parent}");
        assert_eq!(circle.body["error"]["target"], "properties.details.parent.id");
    }
    assert_eq!(bench.put("admin", &id("x"), below("nothing")).await.code(), "ParentResourceNotFound");
    assert_eq!(bench.put("admin", &id("a."), json!({})).await.code(), "InvalidResourceName");
    assert_eq!(bench.put("admin", &id("x"), json!({ "name": "y" })).await.code(), "MismatchingResourceName");
    assert_eq!(bench.put("admin", &id(ROOT), below("a")).await.code(), "InvalidParameter");
}

#[tokio::test]
async fn groups_hang_on_nothing() {
    let bench = bench().await;
    make(&bench, "platform", ROOT).await;
    let in_group = format!("{}{}", crate::support::GROUP, id("trap"));
    let version = bench.store.world().version;
    assert_eq!(bench.put("admin", &in_group, json!({})).await.code(), "InvalidRequestUri");
    let member = format!("{in_group}/subscriptions/{SUBSCRIPTION}");
    assert_eq!(bench.send("admin", "PUT", &member, &[], None).await.status, 404);
    assert_eq!(bench.get("admin", in_group.rsplit_once('/').unwrap().0).await.code(), "InvalidRequestUri");
    assert_eq!(bench.get("admin", &in_group).await.status, 404);
    assert_eq!(bench.store.world().version, version);
}

#[tokio::test]
async fn two_moves_that_are_each_right_make_no_circle_together() {
    let bench = bench().await;
    for name in ["a", "b"] {
        make(&bench, name, ROOT).await;
    }
    let (path_a, path_b) = (id("a"), id("b"));
    let (one, other) = tokio::join!(bench.put("admin", &path_a, below("b")), bench.put("admin", &path_b, below("a")));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{one:?} {other:?}");
}

#[tokio::test]
async fn only_an_empty_group_is_deleted() {
    let bench = bench().await;
    make(&bench, "outer", ROOT).await;
    make(&bench, "inner", "outer").await;
    move_to(&bench, "admin", "inner").await;
    for group in ["outer", "inner", ROOT] {
        let refused = bench.delete("admin", &id(group)).await;
        assert_eq!((refused.status, refused.code()), (409, "CannotDeleteResource"), "{group}");
    }
    bench.grant("alice", READER, &id("inner")).await;
    assert_eq!(bench.delete("admin", &member("inner", SUBSCRIPTION)).await.status, 200);
    assert_eq!(bench.delete("admin", &id("inner")).await.status, 204);
    make(&bench, "inner", "outer").await;
    assert_eq!(bench.get("alice", &id("inner")).await.status, 403, "its assignments went with it");
}

#[tokio::test]
async fn a_subscription_that_is_not_there_or_not_below_the_group_moves_nothing() {
    let bench = bench().await;
    make(&bench, "platform", ROOT).await;
    let version = bench.store.world().version;
    let nowhere = bench.send("admin", "PUT", &member("nothing", SUBSCRIPTION), &[], None).await;
    assert_eq!((nowhere.status, nowhere.code()), (404, "ResourceNotFound"));
    let nothing = bench.send("admin", "PUT", &member("platform", &Uuid::new_v4().to_string()), &[], None).await;
    assert_eq!((nothing.status, nothing.code()), (404, "SubscriptionNotFound"));
    assert_eq!(bench.delete("admin", &member("platform", SUBSCRIPTION)).await.status, 204);
    assert_eq!(bench.delete("admin", &member(ROOT, SUBSCRIPTION)).await.code(), "Conflict");
    assert_eq!(bench.store.world().version, version);
}

#[tokio::test]
async fn moving_a_subscription_needs_both_groups_and_the_right_to_give_access_to_it() {
    let bench = bench().await;
    make(&bench, "from", ROOT).await;
    make(&bench, "to", ROOT).await;
    move_to(&bench, "admin", "from").await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(move_to(&bench, "alice", "to").await.code(), "AuthorizationFailed");
    bench.grant("alice", GROUP_CONTRIBUTOR, &id("to")).await;
    let without_from = move_to(&bench, "alice", "to").await;
    assert_eq!((without_from.status, without_from.code()), (403, "LinkedAuthorizationFailed"), "{without_from:?}");
    bench.grant("alice", GROUP_CONTRIBUTOR, &id("from")).await;
    let without_access = move_to(&bench, "alice", "to").await;
    assert_eq!(without_access.code(), "LinkedAuthorizationFailed");
    let message = without_access.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("Microsoft.Authorization/roleAssignments/write"), "{message}");
    bench.grant("alice", OWNER, &subscription).await;
    assert_eq!(move_to(&bench, "alice", "to").await.status, 200);
    assert_eq!(bench.delete("alice", &member("to", SUBSCRIPTION)).await.status, 200, "the root group asks nobody");
}

#[tokio::test]
async fn moving_a_group_needs_both_parents_and_the_right_to_give_access_to_it() {
    let bench = bench().await;
    for (name, parent) in [("from", ROOT), ("to", ROOT), ("moved", "from")] {
        make(&bench, name, parent).await;
    }
    bench.grant("alice", GROUP_CONTRIBUTOR, &id("from")).await;
    let renamed = bench.patch("alice", &id("moved"), json!({ "displayName": "Mine" })).await;
    assert_eq!(renamed.status, 200, "a new name moves nothing: {renamed:?}");
    let change = json!({ "parentGroupId": id("to") });
    assert_eq!(bench.patch("alice", &id("moved"), change.clone()).await.code(), "LinkedAuthorizationFailed");
    bench.grant("alice", GROUP_CONTRIBUTOR, &id("to")).await;
    assert_eq!(bench.patch("alice", &id("moved"), change.clone()).await.code(), "LinkedAuthorizationFailed");
    bench.grant("alice", OWNER, &id("moved")).await;
    assert_eq!(bench.patch("alice", &id("moved"), change).await.status, 200);
}

#[tokio::test]
async fn a_deny_at_a_group_holds_below_it() {
    let bench = bench().await;
    make(&bench, "platform", ROOT).await;
    bench.grant("alice", READER, ACCOUNT).await;
    let deny = format!("{}/providers/Microsoft.Authorization/denyAssignments/{}", id("platform"), Uuid::new_v4());
    let body = json!({ "properties": {
        "denyAssignmentName": "hands off", "permissions": [{ "actions": ["*/read"] }],
        "principals": [{ "id": id_of("alice"), "type": "User" }],
    }});
    assert_eq!(bench.put("admin", &deny, body).await.status, 201);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    move_to(&bench, "admin", "platform").await;
    assert_eq!(bench.get("alice", ACCOUNT).await.code(), "DenyAssignmentAuthorizationFailed");
    bench.delete("admin", &member("platform", SUBSCRIPTION)).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn the_provider_is_there_to_be_registered() {
    let bench = bench().await;
    let provider = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Management");
    let registered = bench.post("admin", &format!("{provider}/register"), None).await;
    assert_eq!((registered.status, registered.body["registrationState"].as_str()), (200, Some("Registered")));
    assert_eq!(bench.get("alice", &provider).await.body["namespace"], "Microsoft.Management");
    assert_eq!(bench.post("alice", &format!("{provider}/register"), None).await.status, 403);
}
