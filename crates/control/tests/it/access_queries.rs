//! Who can, what can, and decisions that happened.

use arm::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ACCOUNT, Answer, Bench, GROUP, READER, SUBSCRIPTION, id_of};

const READ: &str = "Microsoft.CognitiveServices/accounts/read";

fn who_can(scope: &str, action: &str) -> String {
    format!("{}/providers/Cupola.Access/whoCan?action={action}", scope.trim_end_matches('/'))
}

fn what_can(scope: &str, principal: &str) -> String {
    format!("{}/providers/Cupola.Access/whatCan?principal={principal}", scope.trim_end_matches('/'))
}

fn decision(id: &str) -> String {
    format!("/providers/Cupola.Access/decisions/{id}")
}

fn message(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

fn principals(answer: &Answer) -> Vec<Uuid> {
    let listed = answer.body["principals"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    listed.iter().map(|one| one["principal"].as_str().unwrap().parse().unwrap()).collect()
}

/// The id under which an answer's decision is found again.
fn id_in(answer: &Answer) -> String {
    answer.header("x-cupola-decision-id").to_owned()
}

// ---- who can

#[tokio::test]
async fn who_can_names_the_members_of_a_group_and_how_they_come_to_it() {
    let bench = Bench::with_account().await;
    bench.grant("team", READER, GROUP).await;
    let found = bench.get("admin", &who_can(ACCOUNT, READ)).await;
    assert_eq!(principals(&found), [id_of("admin"), id_of("alice"), id_of("team")], "{found:?}");
    let alice = &found.body["principals"][1];
    assert_eq!(alice["paths"][0]["groupPath"], json!([id_of("team")]));
    assert_eq!(found.body["names"][id_of("alice").to_string()], "alice@contoso.com");
    assert_eq!(found.body["notes"], json!([]));
}

#[tokio::test]
async fn who_can_equals_the_sum_of_single_checks() {
    let bench = Bench::with_account().await;
    bench.grant("team", READER, GROUP).await;
    bench.grant("robot", rbac::by_name("Foundry User").unwrap().id, ACCOUNT).await;
    for (action, is_data) in [(READ, false), ("Microsoft.CognitiveServices/accounts/AIServices/agents/write", true)] {
        let found = bench.get("admin", &who_can(ACCOUNT, action)).await;
        for who in ["admin", "alice", "bob", "team", "robot"] {
            let body = json!({ "Subject": { "Attributes": { "ObjectId": id_of(who) } },
                "Actions": [{ "Id": action, "IsDataAction": is_data }] });
            let path = format!("{ACCOUNT}/providers/Microsoft.Authorization/checkAccess");
            let single = bench.post("admin", &path, Some(body)).await;
            let is_listed = principals(&found).contains(&id_of(who));
            assert_eq!(single.body[0]["accessDecision"] == "Allowed", is_listed, "{who} {action}");
        }
    }
}

#[tokio::test]
async fn who_can_needs_the_right_to_read_assignments() {
    let bench = Bench::with_account().await;
    assert_eq!(bench.get("bob", &who_can(ACCOUNT, READ)).await.status, 403);
    bench.grant("bob", READER, ACCOUNT).await;
    assert_eq!(bench.get("bob", &who_can(ACCOUNT, READ)).await.status, 200);
    assert_eq!(bench.get("bob", &who_can(GROUP, READ)).await.status, 403);
}

#[tokio::test]
async fn a_typing_error_in_an_action_or_a_scope_is_noted() {
    let bench = Bench::with_account().await;
    let found = bench.get("admin", &who_can(ACCOUNT, "Microsoft.CognitiveServices/accounts/raed")).await;
    assert!(found.body["notes"][0].as_str().unwrap().contains(READ), "{found:?}");
    let found = bench.get("admin", &who_can(&format!("{ACCOUNT}s"), READ)).await;
    assert!(found.body["notes"][0].as_str().unwrap().contains("does not exist"), "{found:?}");
    for action in ["", "*", "read", "Microsoft.X/*"] {
        let refused = bench.get("admin", &who_can(ACCOUNT, action)).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{action}");
    }
    let refused = bench.get("admin", &format!("{}&isDataAction=1", who_can(ACCOUNT, READ))).await;
    assert_eq!(refused.status, 400, "{refused:?}");
}

// ---- what can

#[tokio::test]
async fn what_can_lists_roles_and_operations_by_any_name_of_the_principal() {
    let bench = Bench::with_account().await;
    bench.grant("team", READER, GROUP).await;
    for name in ["alice@contoso.com", "ALICE", &id_of("alice").to_string()] {
        let found = bench.get("admin", &what_can(ACCOUNT, name)).await;
        assert_eq!(found.body["principal"], json!(id_of("alice")), "{name}: {found:?}");
        assert_eq!(found.body["assignments"][0]["role"]["name"], "Reader");
        let actions = found.body["at"]["actions"].as_array().unwrap();
        assert!(actions.contains(&json!(READ)) && !actions.contains(&json!(READ.replace("read", "write"))));
        assert_eq!(found.body["at"]["dataActions"], json!([]));
    }
    let by_app = bench.get("admin", &what_can(ACCOUNT, &Uuid::from_u128(0x2005).to_string())).await;
    assert_eq!(by_app.body["principal"], json!(id_of("robot")));
}

#[tokio::test]
async fn what_can_about_oneself_needs_only_a_token() {
    let bench = Bench::with_account().await;
    let own = bench.get("bob", &what_can(ACCOUNT, "bob@contoso.com")).await;
    assert_eq!((own.status, &own.body["assignments"]), (200, &json!([])), "{own:?}");
    assert_eq!(bench.get("bob", &what_can(ACCOUNT, "alice@contoso.com")).await.status, 403);
    assert_eq!(bench.get("bob", &what_can(ACCOUNT, "nobody")).await.status, 403, "who exists is not told either");
    assert_eq!(bench.get("bob", &what_can(ACCOUNT, "")).await.status, 403);
}

#[tokio::test]
async fn an_unknown_principal_is_refused_with_the_nearest_name() {
    let bench = Bench::with_account().await;
    let refused = bench.get("admin", &what_can(ACCOUNT, "alcie@contoso.com")).await;
    assert_eq!((refused.status, refused.code()), (404, "ResourceNotFound"));
    assert!(message(&refused).contains("did you mean `alice@contoso.com`"), "{refused:?}");
    let path = format!("{ACCOUNT}/providers/Cupola.Access/whatCan");
    assert_eq!(bench.get("admin", &path).await.status, 400);
}

// ---- decisions

#[tokio::test]
async fn a_refusal_is_explained_to_whom_it_hit() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, GROUP).await;
    let refused = bench.delete("bob", ACCOUNT).await;
    assert_eq!(refused.status, 403);
    let told = refused.body["error"]["additionalInfo"][0]["info"]["decisionId"].as_str().unwrap().to_owned();
    assert_eq!(told, id_in(&refused));
    let report = bench.get("bob", &decision(&told)).await;
    assert_eq!(report.status, 200, "{report:?}");
    let then = &report.body["then"];
    assert_eq!(
        (&then["outcome"], &then["action"]),
        (&json!("refused"), &json!("Microsoft.CognitiveServices/accounts/delete"))
    );
    assert_eq!(then["principalId"], json!(id_of("bob")));
    assert_eq!(report.body["changed"], false);
    assert_eq!(report.body["now"]["nearestMisses"]["lacking"][0]["role"]["name"], "Reader", "{report:?}");
    assert!(report.body["now"]["mend"]["az"].as_str().unwrap().contains(&id_of("bob").to_string()));
}

#[tokio::test]
async fn a_decision_that_would_come_out_differently_today_says_so() {
    let bench = Bench::with_account().await;
    let path = bench.grant("bob", READER, GROUP).await;
    let allowed = bench.get("bob", ACCOUNT).await;
    assert_eq!(allowed.status, 200);
    let report = bench.get("admin", &decision(&id_in(&allowed))).await;
    assert_eq!(report.body["changed"], false, "{report:?}");
    assert!(report.body["then"]["roleAssignment"].as_str().unwrap().eq_ignore_ascii_case(&path));
    assert_eq!(bench.delete("admin", &path).await.status, 200);
    let report = bench.get("admin", &decision(&id_in(&allowed))).await;
    assert_eq!(report.body["changed"], true);
    let summary = report.body["summary"].as_str().unwrap();
    assert!(summary.contains("since then") && summary.contains("is gone"), "{summary}");
    let refused = bench.get("bob", ACCOUNT).await;
    assert_eq!(refused.status, 403);
    bench.grant("bob", READER, GROUP).await;
    let report = bench.get("bob", &decision(&id_in(&refused))).await;
    assert_eq!((&report.body["changed"], &report.body["now"]["decision"]), (&json!(true), &json!("Allowed")));
}

#[tokio::test]
async fn another_s_decision_looks_like_one_that_never_was() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, ACCOUNT).await;
    let id = id_in(&bench.get("bob", ACCOUNT).await);
    let hidden = bench.get("alice", &decision(&id)).await;
    let never = bench.get("alice", &decision(&Uuid::new_v4().to_string())).await;
    let malformed = bench.get("alice", &decision("nonsense")).await;
    for answer in [&hidden, &never, &malformed] {
        assert_eq!((answer.status, answer.code()), (404, "ResourceNotFound"), "{answer:?}");
    }
    assert_eq!(
        message(&hidden).replace(&id, "X"),
        message(&never).replace(message(&never).split('\'').nth(1).unwrap(), "X")
    );
    let elsewhere = format!("{GROUP}{}", decision(&id));
    assert_eq!(bench.get("admin", &elsewhere).await.status, 404);
    assert_eq!(bench.get("admin", &decision(&id)).await.status, 200);
}

#[tokio::test]
async fn who_holds_no_role_learns_from_its_decision_no_more_than_from_the_refusal() {
    let bench = Bench::with_account().await;
    let refused = bench.get("bob", ACCOUNT).await;
    assert_eq!(refused.status, 403);
    let report = bench.get("bob", &decision(&id_in(&refused))).await;
    assert_eq!((report.status, &report.body["then"]["scope"]), (200, &json!("acct1")), "{report:?}");
    assert!(!report.body.to_string().contains(SUBSCRIPTION), "{report:?}");
    assert_eq!(report.body["now"], json!({ "decision": "NotAllowed" }));
}

#[tokio::test]
async fn a_condition_s_inputs_are_kept_and_decided_again() {
    let bench = Bench::with_account().await;
    let manager = rbac::by_name("Foundry Project Manager").unwrap().id;
    bench.grant("bob", manager, ACCOUNT).await;
    let path = crate::support::assignment_path(ACCOUNT, Uuid::new_v4());
    let refused = bench.put("bob", &path, crate::support::assignment_body(READER, id_of("alice"))).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let report = bench.get("admin", &decision(&id_in(&refused))).await;
    let inputs = &report.body["then"]["conditionInputs"]["request"];
    assert_eq!(inputs["Microsoft.Authorization/roleAssignments:RoleDefinitionId"], json!([READER]), "{report:?}");
    assert_eq!(report.body["now"]["decision"], "NotAllowed(condition)");
    let misses: &Value = &report.body["now"]["nearestMisses"]["conditionNotMet"];
    assert!(misses[0]["conditions"][0].to_string().contains(&READER.to_string()), "{misses}");
    let plain = bench.get("bob", ACCOUNT).await;
    let report = bench.get("admin", &decision(&id_in(&plain))).await;
    assert!(report.body["then"].get("conditionInputs").is_none(), "no condition had a say: {report:?}");
}

#[tokio::test]
async fn lists_and_questions_about_oneself_are_explained_as_what_they_were() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, ACCOUNT).await;
    let accounts = format!("{GROUP}/providers/Microsoft.CognitiveServices/accounts");
    let listed = bench.get("bob", &accounts).await;
    assert_eq!(listed.status, 200);
    let report = bench.get("bob", &decision(&id_in(&listed))).await;
    assert_eq!((&report.body["then"]["asked"], &report.body["changed"]), (&json!("visible"), &json!(false)));
    assert_eq!(report.body["now"]["decision"], "Allowed", "{report:?}");
    let own = bench.get("bob", &what_can(ACCOUNT, "bob@contoso.com")).await;
    let report = bench.get("bob", &decision(&id_in(&own))).await;
    assert_eq!((&report.body["then"]["asked"], &report.body["now"]), (&json!("anyToken"), &Value::Null));
    assert!(report.body["summary"].as_str().unwrap().contains("any valid token"));
}

#[tokio::test]
async fn a_deny_assignment_is_named_in_the_record() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, ACCOUNT).await;
    let id = Scope::parse(GROUP).unwrap().extension(
        "Microsoft.Authorization",
        "denyAssignments",
        &Uuid::new_v4().to_string(),
    );
    bench
        .plant_resource(
            id.as_str(),
            json!({ "denyAssignmentName": "closed", "permissions": [{ "actions": ["*/read"] }],
            "principals": [{ "id": id_of("bob"), "type": "User" }] }),
        )
        .await;
    let refused = bench.get("bob", ACCOUNT).await;
    assert_eq!(refused.status, 403);
    let report = bench.get("admin", &decision(&id_in(&refused))).await;
    assert_eq!(report.body["then"]["denyAssignment"], json!(id), "{report:?}");
    assert_eq!((&report.body["now"]["decision"], &report.body["changed"]), (&json!("Denied"), &json!(false)));
}
