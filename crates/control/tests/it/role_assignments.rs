use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Bench, GROUP, OWNER, READER, SUBSCRIPTION, assignment_body, assignment_path, assignments_at, foundry,
    id_of,
};

const USER_ACCESS_ADMINISTRATOR: Uuid = Uuid::from_u128(0x18d7_d88d_d35e_4fb5_a5c3_7773_c20a_72d9);

#[tokio::test]
async fn an_assignment_holds_on_the_next_request_and_ends_with_its_removal() {
    let bench = Bench::with_account().await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
    let path = bench.grant("team", READER, GROUP).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    let gone = bench.delete("admin", &path).await;
    assert_eq!((gone.status, &gone.body["properties"]["principalId"]), (200, &json!(id_of("team"))));
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403);
    assert_eq!(bench.delete("admin", &path).await.status, 204);
    assert_eq!(bench.get("admin", &path).await.code(), "RoleAssignmentNotFound");
}

#[tokio::test]
async fn the_answer_echoes_what_clients_compare_byte_by_byte() {
    let bench = Bench::with_account().await;
    let name = Uuid::new_v4();
    let path = assignment_path(&ACCOUNT.to_lowercase(), name);
    let made = bench.put("admin", &path, assignment_body(READER, id_of("robot"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let properties = &made.body["properties"];
    let role = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    assert_eq!(
        (properties["roleDefinitionId"].as_str(), properties["scope"].as_str()),
        (Some(role.as_str()), Some(ACCOUNT))
    );
    assert_eq!((&made.body["id"], &made.body["name"]), (&json!(assignment_path(ACCOUNT, name)), &json!(name)));
    assert_eq!(properties["principalType"], "ServicePrincipal");
    assert_eq!(properties["condition"], Value::Null);
    assert_eq!(properties["createdBy"], json!(id_of("admin")));
    let at_root = bench.get("admin", &assignments_at("/", "atScope()")).await;
    let id = at_root.body["value"][0]["properties"]["roleDefinitionId"].as_str().unwrap().to_owned();
    assert_eq!(id, format!("/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"));
}

#[tokio::test]
async fn the_same_grant_again_is_409_and_the_client_finds_it_at_the_scope() {
    let bench = Bench::with_account().await;
    let path = bench.grant("alice", READER, ACCOUNT).await;
    let again =
        bench.put("admin", &assignment_path(ACCOUNT, Uuid::new_v4()), assignment_body(READER, id_of("alice"))).await;
    assert_eq!((again.status, again.code()), (409, "RoleAssignmentExists"));
    let here = bench.get("admin", &assignments_at(ACCOUNT, "atScope()")).await;
    assert!(here.names().contains(&path.rsplit('/').next().unwrap().to_owned()), "{here:?}");
}

#[tokio::test]
async fn the_same_name_again_is_200_for_the_same_facts_and_400_for_others() {
    let bench = Bench::with_account().await;
    let path = bench.grant("alice", READER, ACCOUNT).await;
    let mut body = assignment_body(READER, id_of("alice"));
    body["properties"]["description"] = json!("why");
    let updated = bench.put("admin", &path, body).await;
    assert_eq!((updated.status, updated.body["properties"]["description"].as_str()), (200, Some("why")));
    for body in [assignment_body(OWNER, id_of("alice")), assignment_body(READER, id_of("bob"))] {
        assert_eq!(bench.put("admin", &path, body).await.code(), "RoleAssignmentUpdateNotPermitted");
    }
    let elsewhere = assignment_path(GROUP, path.rsplit('/').next().unwrap().parse().unwrap());
    let moved = bench.put("admin", &elsewhere, assignment_body(READER, id_of("alice"))).await;
    assert_eq!((moved.status, moved.code()), (400, "RoleAssignmentUpdateNotPermitted"));
}

#[tokio::test]
async fn what_cannot_be_assigned_is_named() {
    let bench = Bench::with_account().await;
    let path = || assignment_path(ACCOUNT, Uuid::new_v4());
    let with = |name: &str, value: Value| {
        let mut body = assignment_body(READER, id_of("alice"));
        body["properties"][name] = value;
        body
    };
    for (body, code) in [
        (assignment_body(Uuid::from_u128(5), id_of("alice")), "RoleDefinitionDoesNotExist"),
        (assignment_body(READER, Uuid::from_u128(5)), "PrincipalNotFound"),
        (with("principalType", json!("Group")), "UnmatchedPrincipalType"),
        (with("principalId", json!("alice@contoso.com")), "InvalidRequestContent"),
        (with("condition", json!("nonsense")), "InvalidCondition"),
        (json!({}), "InvalidRequestContent"),
    ] {
        let refused = bench.put("admin", &path(), body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    let mut conditional = with("condition", json!("@Request[ nonsense"));
    conditional["properties"]["conditionVersion"] = json!("2.0");
    assert_eq!(bench.put("admin", &path(), conditional).await.code(), "InvalidCondition");
    let named = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/not-a-guid");
    assert_eq!(
        bench.put("admin", &named, assignment_body(READER, id_of("alice"))).await.code(),
        "InvalidRoleAssignmentId"
    );
    let nowhere = assignment_path(&ACCOUNT.replace("acct1", "nothing"), Uuid::new_v4());
    assert_eq!(bench.put("admin", &nowhere, assignment_body(READER, id_of("alice"))).await.code(), "ResourceNotFound");
}

#[tokio::test]
async fn the_filters_show_what_their_names_say() {
    let bench = Bench::with_account().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let above = bench.grant("team", READER, &subscription).await;
    let at = bench.grant("alice", READER, GROUP).await;
    let below = bench.grant("bob", READER, ACCOUNT).await;
    let name = |path: &String| path.rsplit('/').next().unwrap().to_owned();
    let root = Uuid::from_u128(1).to_string();
    let alice = format!("'{}'", id_of("alice"));
    for (filter, wanted) in [
        (String::new(), vec![name(&at), name(&above), root.clone(), name(&below)]),
        ("atScope()".to_owned(), vec![name(&at), name(&above), root.clone()]),
        (format!("principalId eq {alice}"), vec![name(&at)]),
        (format!("assignedTo({alice})"), vec![name(&at), name(&above)]),
        (format!("atScope() and assignedTo({alice})"), vec![name(&at), name(&above)]),
        (format!("atScope() and principalId eq '{}'", id_of("bob")), vec![]),
    ] {
        let listed = bench.get("admin", &assignments_at(GROUP, &filter)).await;
        assert_eq!((listed.status, listed.names()), (200, wanted), "{filter}");
    }
    assert_eq!(bench.get("admin", &assignments_at(GROUP, "roleName eq 'x'")).await.code(), "InvalidFilter");
}

#[tokio::test]
async fn a_reader_of_one_group_sees_what_holds_there_and_not_beside() {
    let bench = Bench::with_account().await;
    let other = GROUP.replace("rg1", "rg2");
    bench.put("admin", &other, json!({ "location": "local" })).await;
    let at = bench.grant("alice", READER, GROUP).await;
    bench.grant("bob", READER, &other).await;
    let listed = bench.get("alice", &assignments_at(&format!("/subscriptions/{SUBSCRIPTION}"), "")).await;
    assert_eq!(listed.names(), [at.rsplit('/').next().unwrap()]);
    let inherited = bench.get("alice", &assignments_at(GROUP, "atScope()")).await;
    assert_eq!(inherited.names().len(), 2, "the owner at the root holds here too: {inherited:?}");
    assert_eq!(bench.get("bob", &assignments_at(GROUP, "")).await.status, 403);
}

#[tokio::test]
async fn a_grant_needs_the_right_to_grant() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, GROUP).await;
    let body = || assignment_body(OWNER, id_of("bob"));
    let refused = bench.put("bob", &assignment_path(ACCOUNT, Uuid::new_v4()), body()).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    bench.grant("bob", USER_ACCESS_ADMINISTRATOR, ACCOUNT).await;
    assert_eq!(bench.put("bob", &assignment_path(GROUP, Uuid::new_v4()), body()).await.status, 403);
    assert_eq!(bench.put("bob", &assignment_path(ACCOUNT, Uuid::new_v4()), body()).await.status, 201);
}

#[tokio::test]
async fn a_conditional_grant_assigns_only_what_its_condition_names() {
    let bench = Bench::with_account().await;
    let mut body = assignment_body(USER_ACCESS_ADMINISTRATOR, id_of("bob"));
    body["properties"]["condition"] = json!(format!(
        "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}}})) AND ((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/delete'}})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}}}))"
    ));
    body["properties"]["conditionVersion"] = json!("2.0");
    let granted = bench.put("admin", &assignment_path(GROUP, Uuid::new_v4()), body).await;
    assert_eq!(granted.status, 201, "{granted:?}");
    let owner = bench.put("bob", &assignment_path(ACCOUNT, Uuid::new_v4()), assignment_body(OWNER, id_of("bob"))).await;
    assert_eq!(owner.status, 403, "{owner:?}");
    let path = assignment_path(ACCOUNT, Uuid::new_v4());
    assert_eq!(bench.put("bob", &path, assignment_body(READER, id_of("alice"))).await.status, 201);
    let kept = bench.grant("robot", OWNER, ACCOUNT).await;
    assert_eq!(bench.delete("bob", &kept).await.status, 403);
    assert_eq!(bench.delete("bob", &path).await.status, 200);
}

#[tokio::test]
async fn assignments_go_with_the_resource_they_are_for() {
    let bench = Bench::with_account().await;
    bench.grant("alice", READER, ACCOUNT).await;
    bench.delete("admin", ACCOUNT).await;
    assert_eq!(bench.put("admin", ACCOUNT, foundry()).await.status, 201);
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 403, "a new account of that name is another account");
}

#[tokio::test]
async fn an_assignment_at_a_management_group_reaches_the_subscriptions_in_it() {
    let bench = Bench::with_account().await;
    let group = "/providers/Microsoft.Management/managementGroups/mg1";
    bench.plant_resource(group, json!({ "displayName": "Business" })).await;
    bench.plant_resource(&format!("{group}/subscriptions/{SUBSCRIPTION}"), json!({})).await;
    let above = bench.grant("alice", READER, group).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    let listed = bench.get("admin", &assignments_at(&format!("/subscriptions/{SUBSCRIPTION}"), "atScope()")).await;
    assert!(listed.names().contains(&above.rsplit('/').next().unwrap().to_owned()), "{listed:?}");
    let nowhere = assignment_path(&group.replace("mg1", "mg2"), Uuid::new_v4());
    assert_eq!(bench.put("admin", &nowhere, assignment_body(READER, id_of("bob"))).await.status, 404);
}

#[tokio::test]
async fn a_custom_role_is_assigned_only_where_it_may_be() {
    let bench = Bench::with_account().await;
    let role = Uuid::from_u128(0xc0ffee);
    let definition = format!("{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{role}");
    let properties = json!({
        "roleName": "Account Viewer", "description": "", "type": "CustomRole", "assignableScopes": [GROUP],
        "permissions": [{ "actions": ["Microsoft.CognitiveServices/accounts/read"], "notActions": [], "dataActions": [], "notDataActions": [] }],
    });
    assert_eq!(bench.put("admin", &definition, json!({ "properties": properties })).await.status, 201);
    let above = assignment_path(&format!("/subscriptions/{SUBSCRIPTION}"), Uuid::new_v4());
    let refused = bench.put("admin", &above, assignment_body(role, id_of("alice"))).await;
    assert_eq!(refused.code(), "RoleDefinitionDoesNotExist", "{refused:?}");
    bench.grant("alice", role, ACCOUNT).await;
    assert_eq!(bench.get("alice", ACCOUNT).await.status, 200);
    let custom =
        format!("{ACCOUNT}/providers/Microsoft.Authorization/roleDefinitions?$filter=type%20eq%20%27CustomRole%27");
    let listed = bench.get("admin", &custom).await;
    assert_eq!(listed.body["value"][0]["properties"]["roleName"], "Account Viewer", "{listed:?}");
}

#[tokio::test]
async fn an_assignment_of_somebody_who_is_gone_is_listed_as_unknown() {
    let bench = Bench::with_account().await;
    let path = bench.grant("bob", READER, ACCOUNT).await;
    bench.plant(vec![store::Row::DeleteObject(id_of("bob"))]).await;
    assert_eq!(bench.get("admin", &path).await.body["properties"]["principalType"], "Unknown");
    assert_eq!(bench.delete("admin", &path).await.status, 200);
}
