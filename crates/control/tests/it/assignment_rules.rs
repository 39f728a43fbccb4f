//! What a role assignment must not be, among others: a second one, one too many, a lost update, somebody else's heritage.

use std::sync::Arc;

use control::AccessLimits;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Answer, Bench, GROUP, OTHER_SUBSCRIPTION, READER, SUBSCRIPTION, assignment_body, assignment_path,
    assignments_at, id_of,
};

/// Reads everything, for a condition that always holds.
const TRUE: &str = "@Environment[UtcNow] DateTimeGreaterThan '2000-01-01T00:00:00Z'";
const CREATORS: usize = 64;

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body["properties"][name] = value;
    body
}

fn message(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn the_same_grant_with_and_without_a_condition_is_one_too_many_and_names_the_other() {
    let bench = Bench::with_account().await;
    let plain = assignment_body(READER, id_of("alice"));
    let conditional = with(&plain, "condition", json!(TRUE));
    for (whom, first, second) in [("alice", &plain, &conditional), ("bob", &conditional, &plain)] {
        let for_them = |body: &Value| with(body, "principalId", json!(id_of(whom)));
        let name = Uuid::new_v4();
        assert_eq!(bench.put("admin", &assignment_path(ACCOUNT, name), for_them(first)).await.status, 201);
        let again = bench.put("admin", &assignment_path(ACCOUNT, Uuid::new_v4()), for_them(second)).await;
        assert_eq!((again.status, again.code()), (409, "RoleAssignmentExists"), "{again:?}");
        assert!(message(&again).ends_with(&format!("{}.", name.simple())), "{again:?}");
    }
    let elsewhere = bench.put("admin", &assignment_path(GROUP, Uuid::new_v4()), conditional).await;
    assert_eq!(elsewhere.status, 201, "{elsewhere:?}");
}

#[tokio::test]
async fn a_condition_is_added_and_taken_away_by_writing_the_same_name() {
    let bench = Bench::with_account().await;
    let (path, plain) = (assignment_path(ACCOUNT, Uuid::new_v4()), assignment_body(READER, id_of("alice")));
    assert_eq!(bench.put("admin", &path, plain.clone()).await.status, 201);
    let narrowed = bench.put("admin", &path, with(&plain, "condition", json!(TRUE))).await;
    assert_eq!((narrowed.status, &narrowed.body["properties"]["conditionVersion"]), (200, &json!("2.0")));
    let widened = bench.put("admin", &path, plain).await;
    assert_eq!((widened.status, &widened.body["properties"]["condition"]), (200, &Value::Null));
}

#[tokio::test]
async fn what_is_too_long_or_not_a_condition_is_refused_and_says_where() {
    let bench = Bench::with_account().await;
    let body = assignment_body(READER, id_of("alice"));
    let padded = |bytes: usize| format!("{TRUE}{}", " ".repeat(bytes - TRUE.len()));
    for (name, good, bad) in
        [("description", "d".repeat(2048), "d".repeat(2049)), ("condition", padded(8192), padded(8193))]
    {
        let path = assignment_path(ACCOUNT, Uuid::new_v4());
        let refused = bench.put("admin", &path, with(&body, name, json!(bad))).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{refused:?}");
        assert_eq!(refused.body["error"]["target"], format!("properties.{name}"));
        assert_eq!(bench.get("admin", &path).await.status, 404, "nothing was written");
        assert_eq!(bench.put("admin", &path, with(&body, name, json!(good))).await.status, 201);
        assert_eq!(bench.delete("admin", &path).await.status, 200);
    }
    let path = assignment_path(ACCOUNT, Uuid::new_v4());
    let broken = bench.put("admin", &path, with(&body, "condition", json!("@Request[a]\n  StringEquls 'x'"))).await;
    assert_eq!((broken.status, broken.code()), (400, "InvalidCondition"), "{broken:?}");
    assert!(message(&broken).contains("line 2"), "{broken:?}");
    let nested = format!("{}{TRUE}{}", "(".repeat(1000), ")".repeat(1000));
    let refused = bench.put("admin", &path, with(&body, "condition", json!(nested))).await;
    assert_eq!((refused.status, refused.code()), (400, "InvalidCondition"), "{refused:?}");
    let version = with(&with(&body, "condition", json!(TRUE)), "conditionVersion", json!("1.0"));
    let refused = bench.put("admin", &path, version).await;
    assert_eq!(refused.body["error"]["target"], "properties.conditionVersion", "{refused:?}");
}

#[tokio::test]
async fn a_name_has_one_form() {
    let bench = Bench::with_account().await;
    let name = Uuid::new_v4();
    let body = || assignment_body(READER, id_of("alice"));
    let path = assignment_path(ACCOUNT, name);
    let other_form = path.replace(&name.to_string(), &name.simple().to_string());
    assert_eq!(bench.put("admin", &other_form, body()).await.code(), "InvalidRoleAssignmentId");
    assert_eq!(bench.put("admin", &path, body()).await.status, 201);
    let upper = path.replace(&name.to_string(), &name.to_string().to_uppercase());
    assert_eq!(bench.put("admin", &upper, body()).await.status, 200, "case makes no other name");
}

#[tokio::test]
async fn a_lost_update_is_412_and_changes_nothing() {
    let bench = Bench::with_account().await;
    let (path, body) = (assignment_path(ACCOUNT, Uuid::new_v4()), assignment_body(READER, id_of("alice")));
    let described = |text: &str| Some(with(&body, "description", json!(text)));
    let absent = bench.send("admin", "PUT", &path, &[("if-match", "\"1\"")], described("early")).await;
    assert_eq!((absent.status, absent.code()), (412, "PreconditionFailed"));
    let first = bench.put("admin", &path, body.clone()).await.etag.unwrap();
    let second = bench.send("admin", "PUT", &path, &[("if-match", &first)], described("second")).await;
    assert_eq!(second.status, 200, "{second:?}");
    let lost = bench.send("admin", "PUT", &path, &[("if-match", &first)], described("lost")).await;
    assert_eq!((lost.status, lost.code()), (412, "PreconditionFailed"));
    assert_eq!(bench.send("admin", "PUT", &path, &[("if-none-match", "*")], described("new")).await.status, 412);
    assert_eq!(bench.get("admin", &path).await.body["properties"]["description"], "second");
    assert_eq!(bench.send("admin", "DELETE", &path, &[("if-match", &first)], None).await.status, 412);
    let newest = second.etag.unwrap();
    assert_eq!(bench.send("admin", "DELETE", &path, &[("if-match", &newest)], None).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_updates_of_one_revision_one_wins() {
    let bench = Arc::new(Bench::with_account().await);
    let (path, body) = (assignment_path(ACCOUNT, Uuid::new_v4()), assignment_body(READER, id_of("alice")));
    let etag = bench.put("admin", &path, body.clone()).await.etag.unwrap();
    let mut writers = JoinSet::new();
    for at in 0..16 {
        let (bench, path, etag) = (Arc::clone(&bench), path.clone(), etag.clone());
        let body = with(&body, "description", json!(format!("writer {at}")));
        writers
            .spawn(async move { bench.send("admin", "PUT", &path, &[("if-match", &etag)], Some(body)).await.status });
    }
    let mut statuses = writers.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, [412; 15].as_slice()));
}

/// Puts `count` users into the directory and answers their object ids.
async fn people(bench: &Bench, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    let mut rows = Vec::new();
    for at in 0..count {
        let mut one = (**bench.store.world().directory.object(id_of("bob")).unwrap()).clone();
        one.id = Uuid::new_v4();
        one.user_principal_name = Some(format!("person{at}@contoso.com"));
        ids.push(one.id);
        rows.push(store::Row::PutObject(one));
    }
    bench.plant(rows).await;
    ids
}

/// Lets everybody create one assignment at the scope at once; answers how many were created, and the other answers' codes.
async fn all_at_once(bench: &Arc<Bench>, scope: &str, people: &[Uuid]) -> (usize, Vec<String>) {
    let mut creators = JoinSet::new();
    for person in people {
        let (bench, body) = (Arc::clone(bench), assignment_body(READER, *person));
        let path = assignment_path(scope, Uuid::new_v4());
        creators.spawn(async move { bench.put("admin", &path, body).await });
    }
    let answers = creators.join_all().await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status != 201);
    (created, refused.map(|answer| format!("{} {}", answer.status, answer.code())).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_parallel_creators_do_not_pass_the_limit_of_a_subscription() {
    let limits = AccessLimits { role_assignments_per_subscription: 10, ..AccessLimits::default() };
    let bench = Arc::new(Bench::with_limits(limits).await);
    let people = people(&bench, CREATORS).await;
    let at_the_subscription = bench.grant("alice", READER, &format!("/subscriptions/{SUBSCRIPTION}")).await;
    bench.grant("alice", READER, GROUP).await;
    let (created, refused) = all_at_once(&bench, ACCOUNT, &people).await;
    assert_eq!((created, refused.len()), (8, CREATORS - 8), "groups and resources count as well");
    assert!(refused.iter().all(|refusal| refusal == "400 RoleAssignmentLimitExceeded"), "{refused:?}");

    // What is there already is said to be there, an update is none more, another subscription has its own limit.
    let body = assignment_body(READER, id_of("alice"));
    let again = bench.put("admin", &assignment_path(GROUP, Uuid::new_v4()), body.clone()).await;
    assert_eq!(again.code(), "RoleAssignmentExists");
    assert_eq!(bench.put("admin", &at_the_subscription, body.clone()).await.status, 200);
    bench.grant("alice", READER, &format!("/subscriptions/{OTHER_SUBSCRIPTION}")).await;

    // One goes, one comes.
    assert_eq!(bench.delete("admin", &at_the_subscription).await.status, 200);
    let (created, _) = all_at_once(&bench, GROUP, &people[..4]).await;
    assert_eq!(created, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_management_group_has_a_limit_of_its_own() {
    let limits = AccessLimits { role_assignments_per_management_group: 3, ..AccessLimits::default() };
    let bench = Arc::new(Bench::with_limits(limits).await);
    let group = "/providers/Microsoft.Management/managementGroups/mg1";
    bench.plant_resource(group, json!({ "displayName": "Business" })).await;
    bench.plant_resource(&format!("{group}/subscriptions/{SUBSCRIPTION}"), json!({})).await;
    let people = people(&bench, 16).await;
    let (created, refused) = all_at_once(&bench, group, &people).await;
    assert_eq!((created, refused.len()), (3, 13), "{refused:?}");
    assert!(refused.iter().all(|refusal| refusal == "400 RoleAssignmentLimitExceeded"), "{refused:?}");
    let (created, refused) = all_at_once(&bench, &format!("/subscriptions/{SUBSCRIPTION}"), &people).await;
    assert_eq!((created, refused.len()), (16, 0), "{refused:?}");
}

#[tokio::test]
async fn the_4001st_assignment_of_a_subscription_is_refused() {
    let bench = Bench::with_account().await;
    let limit = AccessLimits::default().role_assignments_per_subscription;
    assert_eq!(limit, 4000);
    let kept = bench.grant("alice", READER, ACCOUNT).await;
    let template = (**bench.store.world().resources.get(&arm::Scope::parse(&kept).unwrap()).unwrap()).clone();
    let rows = (1..limit).map(|at| {
        let (name, principal) = (Uuid::new_v4(), Uuid::from_u128(0x9000_0000 + at as u128));
        let mut one = template.clone();
        one.name = name.to_string();
        one.id = arm::Scope::parse(&assignment_path(GROUP, name)).unwrap();
        one.properties.insert("principalId".to_owned(), json!(principal));
        store::Row::PutResource { resource: one, precondition: arm::Precondition::None }
    });
    bench.plant(rows.collect()).await;
    let path = assignment_path(GROUP, Uuid::new_v4());
    let refused = bench.put("admin", &path, assignment_body(READER, id_of("bob"))).await;
    assert_eq!((refused.status, refused.code()), (400, "RoleAssignmentLimitExceeded"), "{refused:?}");
    assert_eq!(bench.delete("admin", &kept).await.status, 200);
    assert_eq!(bench.put("admin", &path, assignment_body(READER, id_of("bob"))).await.status, 201);
}

#[tokio::test]
async fn a_new_principal_of_an_old_name_inherits_nothing() {
    let bench = Bench::with_account().await;
    let path = bench.grant("bob", READER, ACCOUNT).await;
    assert_eq!(bench.get("bob", ACCOUNT).await.status, 200);
    let mut again = (**bench.store.world().directory.object(id_of("bob")).unwrap()).clone();
    again.id = Uuid::new_v4();
    bench.plant(vec![store::Row::DeleteObject(id_of("bob")), store::Row::PutObject(again.clone())]).await;
    let assigned = format!("assignedTo('{}')", again.id);
    assert_eq!(bench.get("admin", &assignments_at(ACCOUNT, &assigned)).await.body["value"], json!([]));
    assert_eq!(bench.get("bob", ACCOUNT).await.status, 401, "a token of the old one opens nothing either");
    let orphan = bench.get("admin", &path).await;
    assert_eq!((orphan.status, &orphan.body["properties"]["principalType"]), (200, &json!("Unknown")));
    let renewed = bench.put("admin", &path, assignment_body(READER, id_of("bob"))).await;
    assert_eq!((renewed.status, renewed.code()), (400, "PrincipalNotFound"), "{renewed:?}");
}

#[tokio::test]
async fn a_project_of_an_old_name_inherits_nothing() {
    let bench = Bench::with_account().await;
    let project = format!("{ACCOUNT}/projects/p1");
    let body = || json!({ "location": "local", "identity": { "type": "SystemAssigned" }, "properties": {} });
    let first = bench.put("admin", &project, body()).await;
    assert_eq!(first.status, 201, "{first:?}");
    let identity =
        |answer: &Answer| -> Uuid { answer.body["identity"]["principalId"].as_str().unwrap().parse().unwrap() };
    bench.grant("alice", READER, &project).await;
    let elsewhere = assignment_path(ACCOUNT, Uuid::new_v4());
    assert_eq!(bench.put("admin", &elsewhere, assignment_body(READER, identity(&first))).await.status, 201);
    assert_eq!(bench.get("alice", &project).await.status, 200);

    assert!((200..300).contains(&bench.delete("admin", &project).await.status));
    let second = bench.put("admin", &project, body()).await;
    assert_eq!(second.status, 201, "{second:?}");
    assert_eq!(bench.get("alice", &project).await.status, 403, "what was granted below it went with it");
    assert_ne!(identity(&first), identity(&second));
    let orphan = bench.get("admin", &elsewhere).await;
    assert_eq!(orphan.body["properties"]["principalType"], "Unknown", "what it held elsewhere is nobody's");
    let held = format!("assignedTo('{}')", identity(&second));
    assert_eq!(bench.get("admin", &assignments_at(ACCOUNT, &held)).await.body["value"], json!([]));
}
