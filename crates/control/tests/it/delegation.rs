//! Delegated assignment: nobody grants or removes what the condition on their own role forbids. And the last owner.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Bench, GROUP, OWNER, READER, SUBSCRIPTION, assignment_body, assignment_path, assignments_at, id_of,
};

const PROJECT_MANAGER: Uuid = Uuid::from_u128(0xeadc_314b_1a2d_4efa_be10_5d32_5db5_065e);
const ACCOUNT_OWNER: Uuid = Uuid::from_u128(0xe47c_6f54_e4a2_4754_9501_8e09_85b1_35e1);
const FOUNDRY_USER: Uuid = Uuid::from_u128(0x53ca_6127_db72_4b80_b1b0_d745_d6d5_456d);
const AGENT_CONSUMER: Uuid = Uuid::from_u128(0xeed3_b665_ab3a_47b6_8f48_c938_2fb1_dad6);
const LOG_ANALYTICS_READER: Uuid = Uuid::from_u128(0x73c4_2c96_874c_492b_b04d_ab87_d138_a893);
const RBAC_ADMINISTRATOR: Uuid = Uuid::from_u128(0xf583_10d9_a9f6_439a_9e8d_f62e_7b41_a168);

async fn assign(bench: &Bench, who: &str, role: Uuid, whom: &str, scope: &str) -> (u16, String) {
    let path = assignment_path(scope, Uuid::new_v4());
    let answer = bench.put(who, &path, assignment_body(role, id_of(whom))).await;
    (answer.status, path)
}

async fn grant_on_condition(bench: &Bench, whom: &str, role: Uuid, scope: &str, condition: &str) {
    let mut body = assignment_body(role, id_of(whom));
    body["properties"]["condition"] = json!(condition);
    let granted = bench.put("admin", &assignment_path(scope, Uuid::new_v4()), body).await;
    assert_eq!(granted.status, 201, "{granted:?}");
    assert_eq!(granted.body["properties"]["conditionVersion"], "2.0", "the version that is meant where none is named");
}

#[tokio::test]
async fn a_project_manager_grants_the_two_roles_of_the_condition_and_no_other() {
    let bench = Bench::with_account().await;
    bench.grant("bob", PROJECT_MANAGER, ACCOUNT).await;
    for role in [FOUNDRY_USER, AGENT_CONSUMER] {
        assert_eq!(assign(&bench, "bob", role, "alice", ACCOUNT).await.0, 201, "{role}");
    }
    for role in [OWNER, READER, PROJECT_MANAGER, ACCOUNT_OWNER, LOG_ANALYTICS_READER, RBAC_ADMINISTRATOR] {
        assert_eq!(assign(&bench, "bob", role, "alice", ACCOUNT).await.0, 403, "{role}");
    }
    assert_eq!(assign(&bench, "bob", FOUNDRY_USER, "robot", GROUP).await.0, 403, "above the account");
}

#[tokio::test]
async fn an_account_owner_grants_the_five_roles_of_the_condition_and_no_other() {
    let bench = Bench::with_account().await;
    bench.grant("bob", ACCOUNT_OWNER, GROUP).await;
    for role in [FOUNDRY_USER, AGENT_CONSUMER, LOG_ANALYTICS_READER] {
        assert_eq!(assign(&bench, "bob", role, "alice", ACCOUNT).await.0, 201, "{role}");
    }
    for role in [OWNER, READER, PROJECT_MANAGER, ACCOUNT_OWNER] {
        assert_eq!(assign(&bench, "bob", role, "alice", ACCOUNT).await.0, 403, "{role}");
    }
}

#[tokio::test]
async fn an_update_is_held_to_the_condition_by_what_is_there_and_by_what_is_asked() {
    let bench = Bench::with_account().await;
    bench.grant("bob", PROJECT_MANAGER, ACCOUNT).await;
    let theirs = bench.grant("alice", OWNER, ACCOUNT).await;
    let described = |role: Uuid| {
        let mut body = assignment_body(role, id_of("alice"));
        body["properties"]["description"] = json!("mine now");
        body
    };
    assert_eq!(bench.put("bob", &theirs, described(OWNER)).await.status, 403);
    let turned = bench.put("bob", &theirs, described(FOUNDRY_USER)).await;
    assert_eq!((turned.status, turned.code()), (400, "RoleAssignmentUpdateNotPermitted"));
    let kept = bench.get("admin", &theirs).await;
    assert_eq!(kept.body["properties"]["description"], Value::Null);
    assert!(kept.body["properties"]["roleDefinitionId"].as_str().unwrap().ends_with(&OWNER.to_string()));

    let (status, own) = assign(&bench, "bob", FOUNDRY_USER, "alice", ACCOUNT).await;
    assert_eq!(status, 201);
    assert_eq!(bench.put("bob", &own, described(OWNER)).await.status, 403);
    assert_eq!(bench.put("bob", &own, described(FOUNDRY_USER)).await.status, 200);
}

#[tokio::test]
async fn a_removal_is_held_to_the_condition_by_what_is_there() {
    let bench = Bench::with_account().await;
    bench.grant("bob", PROJECT_MANAGER, ACCOUNT).await;
    let owner = bench.grant("alice", OWNER, ACCOUNT).await;
    let user = bench.grant("alice", FOUNDRY_USER, ACCOUNT).await;
    let refused = bench.delete("bob", &owner).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("ABAC condition"), "{refused:?}");
    assert_eq!(bench.delete("bob", &user).await.status, 200);
    assert_eq!(bench.get("admin", &owner).await.status, 200);
}

#[tokio::test]
async fn a_condition_on_the_kind_of_principal_believes_the_directory_and_not_the_body() {
    let bench = Bench::with_account().await;
    let condition = "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'Group')";
    grant_on_condition(&bench, "bob", RBAC_ADMINISTRATOR, GROUP, condition).await;
    let mut lie = assignment_body(READER, id_of("alice"));
    lie["properties"]["principalType"] = json!("Group");
    assert_eq!(bench.put("bob", &assignment_path(ACCOUNT, Uuid::new_v4()), lie).await.status, 403);
    assert_eq!(assign(&bench, "bob", READER, "alice", ACCOUNT).await.0, 403);
    assert_eq!(assign(&bench, "bob", READER, "team", ACCOUNT).await.0, 201);
}

#[tokio::test]
async fn a_condition_on_the_principal_names_whom_one_may_give_to() {
    let bench = Bench::with_account().await;
    let condition = format!(
        "(!(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}})) OR (@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {{{}}})",
        id_of("robot").simple()
    );
    grant_on_condition(&bench, "bob", RBAC_ADMINISTRATOR, GROUP, &condition).await;
    assert_eq!(assign(&bench, "bob", OWNER, "bob", ACCOUNT).await.0, 403);
    assert_eq!(assign(&bench, "bob", READER, "robot", ACCOUNT).await.0, 201);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_passes_no_condition() {
    let bench = Bench::with_account().await;
    bench.grant("bob", PROJECT_MANAGER, ACCOUNT).await;
    let path = assignment_path(ACCOUNT, Uuid::new_v4());
    let mut named_otherwise = assignment_body(FOUNDRY_USER, id_of("alice"));
    named_otherwise["name"] = json!(Uuid::new_v4());
    for body in [json!({}), json!({ "properties": { "roleDefinitionId": "Foundry User" } }), named_otherwise] {
        assert_eq!(bench.put("bob", &path, body.clone()).await.status, 403, "{body}");
        assert_eq!(bench.put("admin", &path, body.clone()).await.status, 400, "{body}");
    }
}

/// The subscription with these as its Owners at its own scope; answers their assignments.
async fn owned_by(bench: &Bench, whom: &[&str]) -> Vec<String> {
    let mut paths = Vec::new();
    for name in whom {
        paths.push(bench.grant(name, OWNER, &format!("/subscriptions/{SUBSCRIPTION}")).await);
    }
    paths
}

#[tokio::test]
async fn the_last_owner_of_a_subscription_goes_by_a_global_administrators_hand_alone() {
    let bench = Bench::with_account().await;
    let owners = owned_by(&bench, &["bob", "alice"]).await;
    assert_eq!(bench.delete("bob", &owners[1]).await.status, 200);
    let refused = bench.delete("bob", &owners[0]).await;
    assert_eq!((refused.status, refused.code()), (403, "CannotDeleteLastOwnerAssignment"), "{refused:?}");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("last RBAC admin assignment"));
    assert_eq!(refused.body["error"]["additionalInfo"][0]["type"], "AccessDecision");
    assert_eq!(bench.get("bob", &owners[0]).await.status, 200, "nothing changed");
    assert_eq!(bench.delete("admin", &owners[0]).await.status, 200);
}

#[tokio::test]
async fn below_a_subscription_and_for_other_roles_there_is_no_last_one() {
    let bench = Bench::with_account().await;
    owned_by(&bench, &["bob"]).await;
    let below = bench.grant("alice", OWNER, GROUP).await;
    let reader = bench.grant("alice", READER, &format!("/subscriptions/{SUBSCRIPTION}")).await;
    assert_eq!(bench.delete("bob", &below).await.status, 200);
    assert_eq!(bench.delete("bob", &reader).await.status, 200);
}

#[tokio::test]
async fn somebody_who_is_gone_is_no_owner() {
    let bench = Bench::with_account().await;
    let owners = owned_by(&bench, &["bob", "robot"]).await;
    bench.plant(vec![store::Row::DeleteObject(id_of("robot"))]).await;
    let refused = bench.delete("bob", &owners[0]).await;
    assert_eq!(refused.code(), "CannotDeleteLastOwnerAssignment", "an orphan keeps no subscription: {refused:?}");
    assert_eq!(bench.delete("bob", &owners[1]).await.status, 200, "and is not kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_owners_who_remove_each_other_leave_one() {
    for _ in 0..8 {
        let bench = Bench::with_account().await;
        let owners = owned_by(&bench, &["bob", "alice"]).await;
        let (one, other) = tokio::join!(bench.delete("bob", &owners[1]), bench.delete("alice", &owners[0]));
        let removed = [&one, &other].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(removed, 1, "{one:?} {other:?}");
        let subscription = format!("/subscriptions/{SUBSCRIPTION}");
        let left = bench.get("admin", &assignments_at(&subscription, "atScope()")).await;
        assert_eq!(left.names().len(), 2, "one of them, and the admin above: {left:?}");
    }
}
