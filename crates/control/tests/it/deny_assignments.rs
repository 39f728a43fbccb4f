use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ACCOUNT, Answer, Bench, GROUP, OWNER, READER, SUBSCRIPTION, id_of};

const EVERYBODY: &str = "00000000-0000-0000-0000-000000000000";

fn path(scope: &str, name: Uuid) -> String {
    format!("{}/providers/Microsoft.Authorization/denyAssignments/{name}", scope.trim_end_matches('/'))
}

fn list(scope: &str, filter: &str) -> String {
    let filter = filter.replace(' ', "%20").replace('\'', "%27");
    let query = if filter.is_empty() { String::new() } else { format!("?$filter={filter}") };
    format!("{}/providers/Microsoft.Authorization/denyAssignments{query}", scope.trim_end_matches('/'))
}

/// Denies `actions` to `whom`.
fn body(actions: &[&str], whom: &[&str]) -> Value {
    let principals: Vec<Value> = whom.iter().map(|name| json!({ "id": id_of(name) })).collect();
    json!({ "properties": {
        "denyAssignmentName": "story", "description": "", "isSystemProtected": false,
        "permissions": [{ "actions": actions, "notActions": [], "dataActions": [], "notDataActions": [] }],
        "principals": principals, "excludePrincipals": [],
    }})
}

fn everybody(actions: &[&str]) -> Value {
    let mut body = body(actions, &[]);
    body["properties"]["principals"] = json!([{ "id": EVERYBODY, "type": "SystemDefined" }]);
    body
}

async fn deny(bench: &Bench, scope: &str, body: Value) -> String {
    let path = path(scope, Uuid::new_v4());
    let made = bench.put("admin", &path, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    path
}

fn is_blocked(answer: &Answer) -> bool {
    (answer.status, answer.code()) == (403, "DenyAssignmentAuthorizationFailed")
}

#[tokio::test]
async fn a_deny_assignment_beats_owner_on_the_next_request_and_ends_with_its_removal() {
    let bench = Bench::with_account().await;
    bench.grant("alice", OWNER, GROUP).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    let path = deny(&bench, GROUP, body(&["Microsoft.CognitiveServices/accounts/read"], &["alice"])).await;
    let refused = bench.get("alice", ACCOUNT).await;
    assert!(is_blocked(&refused), "{refused:?}");
    let message = refused.body["error"]["message"].as_str().unwrap();
    for part in ["'story'", path.rsplit('/').next().unwrap(), GROUP, "Microsoft.CognitiveServices/accounts/read"] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert_eq!(refused.header("x-ms-failure-cause"), "gateway");
    assert_eq!(bench.get("alice", GROUP).await.status, 200, "nothing else is denied");
    assert_eq!(bench.get("admin", ACCOUNT).await.status, 200, "nobody else is denied");
    assert_eq!(bench.delete("admin", &path).await.status, 200);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    assert_eq!(bench.delete("admin", &path).await.status, 204);
    assert_eq!(bench.get("admin", &path).await.code(), "DenyAssignmentNotFound");
}

#[tokio::test]
async fn without_a_grant_the_answer_is_another() {
    let bench = Bench::with_account().await;
    let refused = bench.get("bob", ACCOUNT).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
}

#[tokio::test]
async fn who_is_excluded_by_name_or_by_a_group_is_not_denied() {
    let bench = Bench::with_account().await;
    for name in ["alice", "bob"] {
        bench.grant(name, READER, GROUP).await;
    }
    let mut denied = everybody(&["*/read"]);
    denied["properties"]["excludePrincipals"] = json!([{ "id": id_of("team"), "type": "Group" }]);
    let path = deny(&bench, GROUP, denied.clone()).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200, "she is in the group");
    assert!(is_blocked(&bench.get("bob", ACCOUNT).await));
    assert!(is_blocked(&bench.get("admin", ACCOUNT).await));
    denied["properties"]["excludePrincipals"] = json!([{ "id": id_of("bob"), "type": "User" }]);
    assert_eq!(bench.put("admin", &path, denied).await.status, 200);
    assert_eq!(bench.get("bob", ACCOUNT).await.status, 200);
    assert!(is_blocked(&bench.get("alice", ACCOUNT).await));
}

#[tokio::test]
async fn a_group_is_denied_with_its_members() {
    let bench = Bench::with_account().await;
    for name in ["alice", "bob"] {
        bench.grant(name, READER, GROUP).await;
    }
    deny(&bench, ACCOUNT, body(&["*/read"], &["team"])).await;
    assert!(is_blocked(&bench.get("alice", ACCOUNT).await));
    assert_eq!(bench.get("bob", ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn one_that_is_not_for_child_scopes_holds_at_its_scope_alone() {
    let bench = Bench::with_account().await;
    bench.grant("alice", READER, GROUP).await;
    let mut denied = body(&["*/read"], &["alice"]);
    denied["properties"]["doNotApplyToChildScopes"] = json!(true);
    let path = deny(&bench, GROUP, denied.clone()).await;
    assert!(is_blocked(&bench.get("alice", GROUP).await));
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    denied["properties"]["doNotApplyToChildScopes"] = json!(false);
    assert_eq!(bench.put("admin", &path, denied).await.status, 200);
    assert!(is_blocked(&bench.get("alice", ACCOUNT).await));
}

#[tokio::test]
async fn data_actions_are_denied_by_data_actions_alone() {
    let bench = Bench::with_account().await;
    let user = Uuid::from_u128(0x53ca_6127_db72_4b80_b1b0_d745_d6d5_456d);
    bench.grant("alice", user, ACCOUNT).await;
    let chat = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action";
    let may_chat = || {
        let request = rbac::AccessRequest {
            principal: id_of("alice"),
            permission: &rbac::Permission::DataAction(chat.into()),
            scope: &arm::Scope::parse(ACCOUNT).unwrap(),
            attributes: &rbac::Attributes::default(),
        };
        rbac::evaluate(&request, &bench.store.world().access).is_allowed()
    };
    assert!(may_chat());
    let path = deny(&bench, ACCOUNT, body(&["*"], &["alice"])).await;
    assert!(may_chat(), "actions are not data actions");
    let mut denied = body(&[], &["alice"]);
    denied["properties"]["permissions"][0]["dataActions"] = json!(["Microsoft.CognitiveServices/*"]);
    denied["properties"]["permissions"][0]["notDataActions"] = json!([]);
    assert_eq!(bench.put("admin", &path, denied.clone()).await.status, 200);
    assert!(!may_chat());
    denied["properties"]["permissions"][0]["notDataActions"] = json!(["Microsoft.CognitiveServices/accounts/OpenAI/*"]);
    assert_eq!(bench.put("admin", &path, denied).await.status, 200);
    assert!(may_chat(), "what is taken out again is not denied");
}

#[tokio::test]
async fn a_condition_that_cannot_be_decided_denies() {
    let bench = Bench::with_account().await;
    bench.grant("alice", READER, GROUP).await;
    let mut denied = body(&["*/read"], &["alice"]);
    denied["properties"]["condition"] = json!("@Resource[Some.Provider/things:colour] StringEquals 'red'");
    denied["properties"]["conditionVersion"] = json!("2.0");
    let path = deny(&bench, GROUP, denied.clone()).await;
    assert!(is_blocked(&bench.get("alice", ACCOUNT).await));
    denied["properties"]["condition"] = json!("(ActionMatches{'Microsoft.Storage/*'})");
    assert_eq!(bench.put("admin", &path, denied).await.status, 200);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200, "decided, and false");
}

#[tokio::test]
async fn it_is_shown_as_clients_expect_it() {
    let bench = Bench::with_account().await;
    let mut denied = everybody(&["*/delete"]);
    denied["properties"]["excludePrincipals"] = json!([{ "id": id_of("bob"), "type": "User" }]);
    let path = deny(&bench, &ACCOUNT.to_lowercase(), denied).await;
    let shown = bench.get("admin", &path).await;
    assert_eq!(shown.body["type"], "Microsoft.Authorization/denyAssignments");
    let properties = &shown.body["properties"];
    assert_eq!(
        (properties["scope"].as_str(), properties["denyAssignmentName"].as_str()),
        (Some(ACCOUNT), Some("story"))
    );
    assert_eq!(properties["principals"][0]["type"], "SystemDefined");
    assert_eq!(properties["excludePrincipals"][0]["id"], json!(id_of("bob")));
    assert_eq!((&properties["isSystemProtected"], &properties["condition"]), (&json!(false), &Value::Null));
    assert_eq!(properties["createdBy"], json!(id_of("admin")));
    assert_eq!(shown.body["id"], json!(path.replace(&ACCOUNT.to_lowercase(), ACCOUNT)));
    bench.plant(vec![store::Row::DeleteObject(id_of("bob"))]).await;
    assert_eq!(bench.get("admin", &path).await.body["properties"]["excludePrincipals"][0]["type"], "Unknown");
}

#[tokio::test]
async fn lists_show_those_at_above_and_below_to_whoever_may_read_there() {
    let bench = Bench::with_account().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let above = name(&deny(&bench, &subscription, body(&["*/delete"], &["bob"])).await);
    let here = name(&deny(&bench, GROUP, body(&["*/delete"], &["alice"])).await);
    let mut other = body(&["*/delete"], &["alice"]);
    other["properties"]["denyAssignmentName"] = json!("It's another");
    let below = name(&deny(&bench, ACCOUNT, other).await);
    let listed = async |who: &str, scope: &str, filter: &str| bench.get(who, &list(scope, filter)).await.names();
    assert_eq!(listed("admin", GROUP, "").await, [here.clone(), above.clone(), below.clone()]);
    assert_eq!(listed("admin", GROUP, "atScope()").await, [here.clone(), above.clone()]);
    let of_alice = format!("principalId eq '{}'", id_of("alice"));
    assert_eq!(listed("admin", GROUP, &of_alice).await, [here.clone(), below.clone()]);
    assert_eq!(listed("admin", GROUP, &format!("atScope() and {of_alice}")).await, std::slice::from_ref(&here));
    assert_eq!(listed("admin", GROUP, "denyAssignmentName eq 'it''s another'").await, std::slice::from_ref(&below));
    bench.grant("alice", READER, ACCOUNT).await;
    assert_eq!(listed("alice", GROUP, "").await, [below], "what she may read");
    assert_eq!(bench.get("bob", &list(GROUP, "")).await.code(), "AuthorizationFailed");
    for filter in ["gdprExportPrincipalId eq 'x'", "principalId eq 'x'", "scope eq 'x'"] {
        assert_eq!(bench.get("admin", &list(GROUP, filter)).await.code(), "InvalidFilter", "{filter}");
    }
}

#[tokio::test]
async fn bad_ones_are_refused_with_the_field_and_change_nothing() {
    let bench = Bench::with_account().await;
    let with = |pointer: &str, value: Value| {
        let mut body = body(&["*/delete"], &["alice"]);
        *body.pointer_mut(&format!("/properties{pointer}")).unwrap() = value;
        body
    };
    let version = bench.store.world().version;
    let nobody = Uuid::from_u128(0xdead);
    let cases = [
        (with("/principals", json!([])), "InvalidRequestContent", "properties.principals"),
        (with("/principals", json!([{ "id": nobody }])), "PrincipalNotFound", "properties.principals[0]"),
        (
            with("/principals", json!([{ "id": id_of("alice"), "type": "Group" }])),
            "UnmatchedPrincipalType",
            "properties.principals[0]",
        ),
        (with("/excludePrincipals", json!([{ "id": nobody }])), "PrincipalNotFound", "properties.excludePrincipals[0]"),
        (
            with("/excludePrincipals", json!([{ "id": EVERYBODY, "type": "SystemDefined" }])),
            "InvalidRequestContent",
            "properties.excludePrincipals[0]",
        ),
        (with("/permissions", json!([{}])), "InvalidRequestContent", "properties.permissions"),
        (
            with("/permissions", json!([{ "actions": ["read"] }])),
            "InvalidActionOrNotAction",
            "properties.permissions[0].actions[0]",
        ),
        (
            with("/permissions", json!([{ "actions": ["*"], "condition": "@Request[a" }])),
            "InvalidCondition",
            "properties.permissions[0].condition",
        ),
    ];
    for (body, code, target) in cases {
        let refused = bench.put("admin", &path(GROUP, Uuid::new_v4()), body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}: {refused:?}");
        assert_eq!(refused.body["error"]["target"], target, "{refused:?}");
    }
    let mut bad = body(&["*"], &["alice"]);
    bad["properties"]["condition"] = json!("@Request[a:b] StringEqual 'c'");
    let refused = bench.put("admin", &path(GROUP, Uuid::new_v4()), bad).await;
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(refused.code() == "InvalidCondition" && message.contains("line 1, column "), "{message}");
    let no_guid = format!("{GROUP}/providers/Microsoft.Authorization/denyAssignments/story");
    assert_eq!(bench.put("admin", &no_guid, body(&["*"], &["alice"])).await.code(), "InvalidDenyAssignmentId");
    let nowhere = path(&GROUP.replace("rg1", "rg2"), Uuid::new_v4());
    assert_eq!(bench.put("admin", &nowhere, body(&["*"], &["alice"])).await.code(), "ResourceGroupNotFound");
    assert_eq!(bench.store.world().version, version);
}

#[tokio::test]
async fn what_nobody_could_take_away_again_is_refused() {
    let bench = Bench::with_account().await;
    let refused = bench.put("admin", &path(GROUP, Uuid::new_v4()), everybody(&["*"])).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{refused:?}");
    let mut excluding = everybody(&["*"]);
    excluding["properties"]["excludePrincipals"] = json!([{ "id": id_of("admin") }]);
    deny(&bench, GROUP, excluding).await;
    let mut leaving_a_way = everybody(&["*"]);
    leaving_a_way["properties"]["permissions"][0]["notActions"] = json!(["Microsoft.Authorization/denyAssignments/*"]);
    let path = deny(&bench, GROUP, leaving_a_way).await;
    assert!(is_blocked(&bench.get("admin", ACCOUNT).await));
    assert_eq!(bench.delete("admin", &path).await.status, 200);
    assert_eq!(bench.get("admin", ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn what_the_system_protects_is_not_a_callers_to_make_change_or_delete() {
    let bench = Bench::with_account().await;
    let mut protected = body(&["*/delete"], &["alice"]);
    protected["properties"]["isSystemProtected"] = json!(true);
    let path = path(GROUP, Uuid::new_v4());
    let refused = bench.put("admin", &path, protected.clone()).await;
    assert_eq!((refused.status, refused.code()), (403, "DenyAssignmentIsSystemProtected"));
    bench.plant_resource(&path, protected["properties"].clone()).await;
    let change = bench.put("admin", &path, body(&["*/delete"], &["alice"])).await;
    assert_eq!((change.status, change.code()), (403, "DenyAssignmentIsSystemProtected"));
    let removal = bench.delete("admin", &path).await;
    assert_eq!((removal.status, removal.code()), (403, "DenyAssignmentIsSystemProtected"));
}

#[tokio::test]
async fn who_may_only_assign_roles_denies_nothing_without_the_action() {
    let bench = Bench::with_account().await;
    let contributor = Uuid::from_u128(0xb249_88ac_6180_42a0_ab88_20f7_382d_d24c);
    bench.grant("alice", contributor, GROUP).await;
    let made = bench.put("alice", &path(GROUP, Uuid::new_v4()), body(&["*/delete"], &["bob"])).await;
    assert_eq!((made.status, made.code()), (403, "AuthorizationFailed"));
}
