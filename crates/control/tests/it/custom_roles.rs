//! Custom roles: what they may be, who may write them, and how they live.

use std::sync::Arc;

use control::AccessLimits;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Answer, Bench, GROUP, OTHER_SUBSCRIPTION, OWNER, READER, SUBSCRIPTION, assignment_body, assignment_path,
    id_of,
};

const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/mg1";
const READ_ACCOUNTS: &str = "Microsoft.CognitiveServices/accounts/read";

fn subscription() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

fn path(scope: &str, role: Uuid) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}")
}

/// As `az role definition create` sends it.
fn body(name: &str, actions: &[&str], scopes: &[&str]) -> Value {
    json!({ "properties": {
        "roleName": name, "description": "made here", "type": "CustomRole", "assignableScopes": scopes,
        "permissions": [{ "actions": actions, "notActions": [], "dataActions": [], "notDataActions": null }],
    }})
}

async fn made(bench: &Bench, name: &str, actions: &[&str], scopes: &[&str]) -> Uuid {
    let role = Uuid::new_v4();
    let answer = bench.put("admin", &path(scopes[0], role), body(name, actions, scopes)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    role
}

fn says(answer: &Answer, text: &str) -> bool {
    answer.body["error"]["message"].as_str().unwrap_or_default().contains(text)
}

async fn custom_roles(bench: &Bench, who: &str, scope: &str) -> Vec<String> {
    let list =
        format!("{scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=type%20eq%20%27CustomRole%27");
    bench.get(who, &list).await.names()
}

#[tokio::test]
async fn a_custom_role_is_made_read_listed_changed_and_removed() {
    let bench = Bench::with_account().await;
    let role = Uuid::new_v4();
    let at = path(&subscription(), role);
    let created = bench.put("admin", &at, body("Account Viewer", &[READ_ACCOUNTS], &[&subscription()])).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!((&created.body["id"], &created.body["name"]), (&json!(at), &json!(role)));
    let properties = &created.body["properties"];
    assert_eq!((&properties["type"], &properties["createdBy"]), (&json!("CustomRole"), &json!(id_of("admin"))));
    assert_eq!(properties["assignableScopes"], json!([subscription()]));
    assert_eq!(properties["permissions"][0]["notDataActions"], json!([]));
    assert_eq!(bench.get("admin", &at).await.body, created.body);
    assert_eq!(bench.get("admin", &at).await.etag, created.etag);
    assert_eq!(custom_roles(&bench, "admin", &subscription()).await, [role.to_string()]);

    bench.grant("bob", OWNER, &subscription()).await;
    let mut changed = created.body.clone();
    changed["properties"]["description"] = json!("changed");
    let changed = bench.put("bob", &at, changed).await;
    assert_eq!(changed.status, 201, "clients take nothing else for a role definition: {changed:?}");
    let properties = &changed.body["properties"];
    assert_eq!((&properties["createdBy"], &properties["updatedBy"]), (&json!(id_of("admin")), &json!(id_of("bob"))));
    assert_eq!((&properties["description"], changed.etag == created.etag), (&json!("changed"), false));

    let gone = bench.delete("bob", &at).await;
    assert_eq!((gone.status, &gone.body["name"]), (200, &json!(role)));
    assert_eq!(bench.delete("bob", &at).await.status, 204);
    assert_eq!(bench.get("bob", &at).await.code(), "RoleDefinitionDoesNotExist");
}

#[tokio::test]
async fn a_change_of_a_role_holds_on_the_next_request() {
    let bench = Bench::with_account().await;
    let role = made(&bench, "Viewer", &[READ_ACCOUNTS], &[GROUP]).await;
    bench.grant("alice", role, ACCOUNT).await;
    for (actions, status) in
        [(READ_ACCOUNTS, 200), ("Microsoft.CognitiveServices/accounts/write", 403), ("*/read", 200), ("*/delete", 403)]
    {
        let change = bench.put("admin", &path(GROUP, role), body("Viewer", &[actions], &[GROUP])).await;
        assert_eq!(change.status, 201, "{change:?}");
        assert_eq!(bench.get("alice", ACCOUNT).await.status, status, "{actions}");
    }
}

#[tokio::test]
async fn what_a_role_cannot_be_is_named_with_its_field() {
    let bench = Bench::with_account().await;
    let at = path(GROUP, Uuid::new_v4());
    let good = body("Viewer", &[READ_ACCOUNTS], &[GROUP]);
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(&format!("/properties{pointer}")).unwrap() = value;
        body
    };
    let many: Vec<String> = (0..2001).map(|at| format!("{GROUP}{at}")).collect();
    for (pointer, value, target) in [
        ("/roleName", json!(""), "roleName"),
        ("/roleName", json!("   "), "roleName"),
        ("/roleName", json!("n".repeat(513)), "roleName"),
        ("/roleName", json!("a\nb"), "roleName"),
        ("/description", json!("d".repeat(2049)), "description"),
        ("/type", json!("BuiltInRole"), "type"),
        ("/permissions", json!([]), "permissions"),
        ("/permissions/0", json!("Reader"), "permissions[0]"),
        ("/permissions/0", json!({ "action": ["*"] }), "permissions[0].action"),
        ("/permissions/0/actions", json!("*"), "permissions[0].actions"),
        ("/permissions/0/actions", json!([7]), "permissions[0].actions[0]"),
        ("/assignableScopes", json!([]), "assignableScopes"),
        ("/assignableScopes", json!(["/"]), "assignableScopes[0]"),
        ("/assignableScopes", json!(["*"]), "assignableScopes[0]"),
        ("/assignableScopes", json!([GROUP, format!("{GROUP}*")]), "assignableScopes[1]"),
        ("/assignableScopes", json!([ACCOUNT]), "assignableScopes[0]"),
        ("/assignableScopes", json!(["contoso"]), "assignableScopes[0]"),
        ("/assignableScopes", json!([MANAGEMENT_GROUP, format!("{MANAGEMENT_GROUP}2")]), "assignableScopes"),
        ("/assignableScopes", json!(many), "assignableScopes"),
    ] {
        let refused = bench.put("admin", &at, with(pointer, value)).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{refused:?}");
        assert_eq!(refused.body["error"]["target"], format!("properties.{target}"), "{refused:?}");
    }
    assert_eq!(bench.put("admin", &at, json!({})).await.status, 400);
    let mut other = good.clone();
    other["name"] = json!(Uuid::new_v4());
    assert_eq!(bench.put("admin", &at, other).await.code(), "MismatchingResourceName");
    let unnamed = at.rsplit_once('/').unwrap().0;
    assert_eq!(bench.put("admin", &format!("{unnamed}/viewer"), good.clone()).await.code(), "InvalidRoleDefinitionId");
    assert!(custom_roles(&bench, "admin", GROUP).await.is_empty(), "nothing was written");

    for (pointer, value) in [
        ("/roleName", json!("n".repeat(512))),
        ("/description", json!("d".repeat(2048))),
        ("/type", json!("customrole")),
        ("/type", Value::Null),
        ("/assignableScopes", json!(many[..2000])),
        ("/assignableScopes", json!([MANAGEMENT_GROUP, GROUP, "/subscriptions/of-nobody"])),
    ] {
        let taken = bench.put("admin", &at, with(pointer, value)).await;
        assert_eq!(taken.status, 201, "{pointer}: {taken:?}");
    }
}

#[tokio::test]
async fn an_action_string_is_of_azures_form_or_refused() {
    let bench = Bench::with_account().await;
    let at = path(GROUP, Uuid::new_v4());
    for wrong in [
        "",
        " ",
        "/",
        "**",
        "*/*",
        "Microsoft.CognitiveServices/*/accounts/*",
        "Microsoft.CognitiveServices/**/read",
        "Microsoft.*/read",
        "Microsoft.CognitiveServices/acc*/read",
        "Microsoft.CognitiveServices/accounts/read/",
        "/Microsoft.CognitiveServices/accounts/read",
        "Microsoft.CognitiveServices//read",
        "Microsoft.CognitiveServices/accounts /read",
        "Microsoft.CognitiveServices/accounts/?",
        "Microsoft.CognitiveServices/accounts/read\n",
        "Microsoft.CognitiveServices/accounts",
        "accounts/read",
        "read",
    ] {
        for list in ["actions", "notActions", "dataActions", "notDataActions"] {
            let mut body = body("Viewer", &[READ_ACCOUNTS], &[GROUP]);
            body["properties"]["permissions"][0][list] = json!([READ_ACCOUNTS, wrong]);
            let refused = bench.put("admin", &at, body).await;
            assert_eq!((refused.status, refused.code()), (400, "InvalidActionOrNotAction"), "`{wrong}`: {refused:?}");
            assert_eq!(refused.body["error"]["target"], format!("properties.permissions[0].{list}[1]"));
        }
    }
    let right = [
        "*",
        "*/read",
        "*/action",
        "Microsoft.CognitiveServices/*",
        "Microsoft.CognitiveServices/*/read",
        "Microsoft.CognitiveServices/accounts/*",
        "microsoft.cognitiveservices/ACCOUNTS/Read",
        "Contoso.Unheard-Of/things/polish/action",
    ];
    let taken = bench.put("admin", &at, body("Viewer", &right, &[GROUP])).await;
    assert_eq!((taken.status, &taken.body["properties"]["permissions"][0]["actions"]), (201, &json!(right)));
}

#[tokio::test]
async fn a_condition_inside_a_role_is_read_when_it_is_written() {
    let bench = Bench::with_account().await;
    let at = path(GROUP, Uuid::new_v4());
    let mut with = body("Viewer", &[READ_ACCOUNTS], &[GROUP]);
    with["properties"]["permissions"][0]["condition"] = json!("ActionMatches{'*/read'} AND\n nonsense");
    let refused = bench.put("admin", &at, with.clone()).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidCondition"), "{refused:?}");
    assert_eq!(refused.body["error"]["target"], "properties.permissions[0].condition");
    assert!(says(&refused, "line 2"), "{refused:?}");
    with["properties"]["permissions"][0]["condition"] = json!("ActionMatches{'*/read'}");
    let taken = bench.put("admin", &at, with).await;
    assert_eq!((taken.status, &taken.body["properties"]["permissions"][0]["conditionVersion"]), (201, &json!("2.0")));
}

#[tokio::test]
async fn a_role_name_is_the_only_one_of_the_tenant() {
    let bench = Bench::with_account().await;
    made(&bench, "Account Viewer", &[READ_ACCOUNTS], &[GROUP]).await;
    let second = Uuid::new_v4();
    let elsewhere = format!("/subscriptions/{OTHER_SUBSCRIPTION}");
    for taken in ["Account Viewer", "ACCOUNT viewer", " Account Viewer ", "Owner", "foundry user", "Azure AI User"] {
        let refused = bench.put("admin", &path(&elsewhere, second), body(taken, &["*/read"], &[&elsewhere])).await;
        assert_eq!(
            (refused.status, refused.code()),
            (409, "RoleDefinitionWithSameNameExists"),
            "`{taken}`: {refused:?}"
        );
    }
    let other =
        bench.put("admin", &path(&elsewhere, second), body("Account Viewers", &["*/read"], &[&elsewhere])).await;
    assert_eq!(other.status, 201, "{other:?}");
    let renamed =
        bench.put("admin", &path(&elsewhere, second), body("Account viewer", &["*/read"], &[&elsewhere])).await;
    assert_eq!(renamed.code(), "RoleDefinitionWithSameNameExists");
    let same = bench.put("admin", &path(&elsewhere, second), body("ACCOUNT VIEWERS", &["*/read"], &[&elsewhere])).await;
    assert_eq!(same.status, 201, "its own name is not in its way");
}

#[tokio::test]
async fn a_role_for_a_foreign_scope_is_refused_and_names_it() {
    let bench = Bench::with_account().await;
    bench.grant("bob", OWNER, GROUP).await;
    let at = path(GROUP, Uuid::new_v4());
    let other = format!("/subscriptions/{OTHER_SUBSCRIPTION}");
    for foreign in [subscription(), other.clone(), format!("{GROUP}0"), MANAGEMENT_GROUP.to_owned()] {
        let refused = bench.put("bob", &at, body("Mine", &["*"], &[GROUP, &foreign])).await;
        assert_eq!((refused.status, refused.code()), (403, "LinkedAuthorizationFailed"), "{refused:?}");
        assert!(says(&refused, &format!("linked scope(s) '{foreign}'")), "{refused:?}");
        assert!(says(&refused, "has permission to perform action 'Microsoft.Authorization/roleDefinitions/write'"));
        assert_eq!(refused.body["error"]["additionalInfo"][0]["info"]["scope"], foreign);
    }
    assert_eq!(bench.get("admin", &at).await.status, 404, "nothing was written");
    assert_eq!(bench.put("bob", &at, body("Mine", &["*"], &[GROUP])).await.status, 201);
    let above = bench.put("bob", &path(&subscription(), Uuid::new_v4()), body("Theirs", &["*"], &[GROUP])).await;
    assert_eq!((above.status, above.code()), (403, "AuthorizationFailed"), "the scope of the URL is asked as well");
}

#[tokio::test]
async fn a_change_or_removal_needs_the_right_at_every_scope_that_the_role_has_and_gets() {
    let bench = Bench::with_account().await;
    let other = format!("/subscriptions/{OTHER_SUBSCRIPTION}");
    let role = made(&bench, "Shared", &[READ_ACCOUNTS], &[&subscription(), &other]).await;
    bench.grant("bob", OWNER, &subscription()).await;
    let mine = path(&subscription(), role);
    let narrower = || body("Shared", &["*"], &[&subscription()]);
    for refused in [bench.put("bob", &mine, narrower()).await, bench.delete("bob", &mine).await] {
        assert_eq!((refused.status, refused.code()), (403, "LinkedAuthorizationFailed"), "{refused:?}");
        assert!(says(&refused, &other), "{refused:?}");
    }
    // The same role at whatever scope its GUID is used: it cannot be taken over by naming it at one's own.
    let taken_over = bench.put("bob", &path(GROUP, role), body("Shared", &["*"], &[GROUP])).await;
    assert_eq!(taken_over.code(), "LinkedAuthorizationFailed");
    let kept = bench.get("admin", &mine).await;
    assert_eq!(kept.body["properties"]["permissions"][0]["actions"], json!([READ_ACCOUNTS]));

    bench.grant("bob", OWNER, &other).await;
    assert_eq!(bench.put("bob", &path(GROUP, role), narrower()).await.status, 201, "written at one scope, kept once");
    assert_eq!(custom_roles(&bench, "admin", &subscription()).await.len(), 1);
    assert_eq!(bench.get("bob", &path(&other, role)).await.status, 404, "it cannot be assigned there any more");
    assert_eq!(bench.delete("bob", &mine).await.status, 200);
}

#[tokio::test]
async fn whoever_reads_roles_does_not_write_them() {
    let bench = Bench::with_account().await;
    let role = made(&bench, "Viewer", &[READ_ACCOUNTS], &[GROUP]).await;
    bench.grant("alice", READER, GROUP).await;
    assert_eq!(bench.get("alice", &path(GROUP, role)).await.status, 200);
    let widened = bench.put("alice", &path(GROUP, role), body("Viewer", &["*"], &[GROUP])).await;
    assert_eq!((widened.status, widened.code()), (403, "AuthorizationFailed"));
    assert_eq!(bench.delete("alice", &path(GROUP, role)).await.status, 403);
}

#[tokio::test]
async fn a_built_in_role_is_never_changed_or_removed() {
    let bench = Bench::with_account().await;
    let at = path(&subscription(), READER);
    let changed = bench.put("admin", &at, body("Reader", &["*"], &[&subscription()])).await;
    assert_eq!((changed.status, changed.code()), (403, "RoleDefinitionIsBuiltIn"), "{changed:?}");
    let removed = bench.delete("admin", &at).await;
    assert_eq!((removed.status, removed.code()), (403, "RoleDefinitionIsBuiltIn"), "{removed:?}");
    assert_eq!(bench.get("admin", &at).await.body["properties"]["permissions"][0]["actions"], json!(["*/read"]));
}

#[tokio::test]
async fn a_role_in_use_stays() {
    let bench = Bench::with_account().await;
    let role = made(&bench, "Viewer", &[READ_ACCOUNTS], &[GROUP]).await;
    let held = bench.grant("alice", role, ACCOUNT).await;
    bench.plant(vec![store::Row::DeleteObject(id_of("alice"))]).await;
    let refused = bench.delete("admin", &path(GROUP, role)).await;
    assert_eq!((refused.status, refused.code()), (409, "RoleDefinitionHasAssignments"), "also by nobody: {refused:?}");
    assert!(says(&refused, "There are existing role assignments referencing role."), "{refused:?}");
    assert_eq!(bench.delete("admin", &held).await.status, 200);
    assert_eq!(bench.delete("admin", &path(GROUP, role)).await.status, 200);
    let gone = bench.put("admin", &held, assignment_body(role, id_of("bob"))).await;
    assert_eq!((gone.status, gone.code()), (400, "RoleDefinitionDoesNotExist"));
}

#[tokio::test]
async fn a_role_keeps_the_scopes_where_it_is_assigned() {
    let bench = Bench::with_account().await;
    let other = format!("/subscriptions/{OTHER_SUBSCRIPTION}");
    let role = made(&bench, "Viewer", &[READ_ACCOUNTS], &[&subscription(), &other]).await;
    let held = bench.grant("alice", role, ACCOUNT).await;
    let at = path(&other, role);
    let dropped = bench.put("admin", &at, body("Viewer", &[READ_ACCOUNTS], &[&other])).await;
    assert_eq!((dropped.status, dropped.code()), (409, "RoleDefinitionHasAssignments"), "{dropped:?}");
    assert!(says(&dropped, ACCOUNT), "{dropped:?}");
    let narrowed = bench.put("admin", &at, body("Viewer", &[READ_ACCOUNTS], &[GROUP, &other])).await;
    assert_eq!(narrowed.status, 201, "where it is assigned is still within: {narrowed:?}");
    assert_eq!(bench.delete("admin", &held).await.status, 200);
    assert_eq!(bench.put("admin", &at, body("Viewer", &[READ_ACCOUNTS], &[&other])).await.status, 201);
}

#[tokio::test]
async fn a_role_with_data_actions_is_not_assigned_at_a_management_group() {
    let bench = Bench::with_account().await;
    bench.plant_resource(MANAGEMENT_GROUP, json!({ "displayName": "Business" })).await;
    bench.plant_resource(&format!("{MANAGEMENT_GROUP}/subscriptions/{SUBSCRIPTION}"), json!({})).await;
    let mut with_data = body("Data", &[], &[MANAGEMENT_GROUP]);
    with_data["properties"]["permissions"][0]["dataActions"] = json!(["Microsoft.CognitiveServices/accounts/OpenAI/*"]);
    let (data, plain) = (Uuid::new_v4(), made(&bench, "Plain", &[READ_ACCOUNTS], &[MANAGEMENT_GROUP]).await);
    assert_eq!(bench.put("admin", &path(MANAGEMENT_GROUP, data), with_data.clone()).await.status, 201);

    let at_the_group = || assignment_path(MANAGEMENT_GROUP, Uuid::new_v4());
    let refused = bench.put("admin", &at_the_group(), assignment_body(data, id_of("alice"))).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{refused:?}");
    assert!(says(&refused, "data actions"), "{refused:?}");
    bench.grant("alice", data, &subscription()).await;
    bench.grant("alice", plain, MANAGEMENT_GROUP).await;

    with_data["properties"]["roleName"] = json!("Plain");
    let grown = bench.put("admin", &path(MANAGEMENT_GROUP, plain), with_data).await;
    assert_eq!((grown.status, grown.code()), (409, "RoleDefinitionHasAssignments"), "{grown:?}");
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200, "the role is as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_creators_pass_neither_the_limit_nor_each_others_names() {
    let limits = AccessLimits { custom_roles: 3, ..AccessLimits::default() };
    let bench = Arc::new(Bench::with_limits(limits).await);
    let mut creators = JoinSet::new();
    for at in 0..16 {
        let bench = Arc::clone(&bench);
        let name = if at < 8 { "Same".to_owned() } else { format!("Role {at}") };
        let body = body(&name, &["*/read"], &[GROUP]);
        creators.spawn(async move { bench.put("admin", &path(GROUP, Uuid::new_v4()), body).await });
    }
    let answers = creators.join_all().await;
    let created: Vec<&str> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.body["properties"]["roleName"].as_str().unwrap())
        .collect();
    assert_eq!(created.len(), 3, "{answers:?}");
    assert!(created.iter().filter(|name| **name == "Same").count() <= 1, "{created:?}");
    let refused = answers.iter().filter(|answer| answer.status != 201);
    for refusal in refused {
        assert!(
            ["RoleDefinitionLimitExceeded", "RoleDefinitionWithSameNameExists"].contains(&refusal.code()),
            "{refusal:?}"
        );
    }
    let one = custom_roles(&bench, "admin", GROUP).await[0].parse().unwrap();
    let renamed = bench.put("admin", &path(GROUP, one), body("Renamed", &["*/read"], &[GROUP])).await;
    assert_eq!(renamed.status, 201, "a change is none more: {renamed:?}");
}

#[tokio::test]
async fn a_lost_update_of_a_role_is_412() {
    let bench = Bench::with_account().await;
    let at = path(GROUP, Uuid::new_v4());
    let first = bench.put("admin", &at, body("Viewer", &[READ_ACCOUNTS], &[GROUP])).await.etag.unwrap();
    let change = |name: &str| Some(body(name, &["*/read"], &[GROUP]));
    let second = bench.send("admin", "PUT", &at, &[("if-match", &first)], change("Second")).await;
    assert_eq!(second.status, 201, "{second:?}");
    let lost = bench.send("admin", "PUT", &at, &[("if-match", &first)], change("Lost")).await;
    assert_eq!((lost.status, lost.code()), (412, "PreconditionFailed"));
    assert_eq!(bench.send("admin", "DELETE", &at, &[("if-match", &first)], None).await.status, 412);
    assert_eq!(bench.get("admin", &at).await.body["properties"]["roleName"], "Second");
    assert_eq!(bench.send("admin", "DELETE", &at, &[("if-match", &second.etag.unwrap())], None).await.status, 200);
}

#[tokio::test]
async fn a_role_outlives_the_group_it_was_written_at() {
    let bench = Bench::with_account().await;
    let group = GROUP.replace("rg1", "rg2");
    assert_eq!(bench.put("admin", &group, json!({ "location": "local" })).await.status, 201);
    let role = made(&bench, "Viewer", &[READ_ACCOUNTS], &[&group, GROUP]).await;
    bench.grant("alice", role, ACCOUNT).await;
    assert!((200..300).contains(&bench.delete("admin", &group).await.status));
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    assert_eq!(bench.get("admin", &path(GROUP, role)).await.status, 200);
}

#[tokio::test]
async fn a_role_of_another_group_is_not_shown() {
    let bench = Bench::with_account().await;
    let group = GROUP.replace("rg1", "rg2");
    assert_eq!(bench.put("admin", &group, json!({ "location": "local" })).await.status, 201);
    let theirs = made(&bench, "Theirs", &[READ_ACCOUNTS], &[&group]).await;
    let mine = made(&bench, "Mine", &[READ_ACCOUNTS], &[GROUP]).await;
    let everybodys = made(&bench, "Everybody's", &[READ_ACCOUNTS], &[&subscription()]).await;
    bench.grant("alice", READER, GROUP).await;
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let expected = sorted(vec![mine.to_string(), everybodys.to_string()]);
    for scope in [GROUP.to_owned(), subscription()] {
        assert_eq!(sorted(custom_roles(&bench, "alice", &scope).await), expected, "{scope}");
    }
    assert_eq!(bench.get("alice", &path(GROUP, theirs)).await.code(), "RoleDefinitionDoesNotExist");
    assert_eq!(custom_roles(&bench, "admin", &subscription()).await.len(), 3);
}
