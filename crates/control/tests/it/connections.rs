use std::path::Path;

use arm::Scope;
use rbac::{Permit, Reads, Task};
use serde_json::{Map, Value, json};
use store::{CredentialOwner, StoreError};
use uuid::Uuid;

use crate::support::{ACCOUNT, Answer, Bench, READER, URL};

const TABLE: &str = include_str!("../../../../conformance/connections/metadata.json");
/// What must be found nowhere.
const CANARY: &str = "canary-6f1d2c9b-secret";

fn project() -> String {
    format!("{ACCOUNT}/projects/p1")
}

fn connection(name: &str) -> String {
    format!("{}/connections/{name}", project())
}

/// A base of the table with changes laid over it; null removes.
fn body(on: &str, with: Value) -> Value {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let mut properties = table["bases"][on].clone();
    merge(&mut properties, &with);
    json!({ "properties": properties })
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, change) in changes {
        if change.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            merge(target.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

async fn with_project() -> Bench {
    let bench = Bench::with_account().await;
    let project = bench.put("admin", &project(), json!({ "location": "local", "properties": {} })).await;
    assert_eq!(project.status, 201, "{project:?}");
    bench
}

/// The secret that is kept of a member, as the server would send it on.
fn kept(bench: &Bench, at: &str, member: &str) -> Option<String> {
    let world = bench.store.world();
    let info = world.credentials.connection_secret(&Scope::parse(at).unwrap(), member)?;
    let permit: Permit<Reads> = rbac::for_task(Task::ConnectionSecrets, Uuid::now_v7(), bench.store.now());
    Some(bench.store.reveal(&permit, &info.reference()).unwrap().expose().to_owned())
}

fn count(bench: &Bench, at: &str) -> usize {
    bench.store.world().credentials.of(&CredentialOwner::Connection(Scope::parse(at).unwrap())).count()
}

/// Whether a text stands in any file of a folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| match entry.file_type().unwrap().is_dir() {
        true => stands_in(&entry.path(), text),
        false => std::fs::read(entry.path()).unwrap().windows(text.len()).any(|window| window == text.as_bytes()),
    })
}

fn told(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn every_case_of_the_table_is_answered_the_same_over_http() {
    let bench = with_project().await;
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for case in table["cases"].as_array().unwrap() {
        let name = case["case"].as_str().unwrap();
        let body = body(case["on"].as_str().unwrap(), case["with"].clone());
        bench.delete("admin", &connection("case")).await;
        let answer = bench.put("admin", &connection("case"), body).await;
        let Some(code) = case["code"].as_str() else {
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
            continue;
        };
        assert_eq!((answer.status, answer.code()), (400, code), "{name}: {answer:?}");
        assert_eq!(answer.body["error"]["target"], case["target"], "{name}");
        for part in case["says"].as_array().unwrap() {
            assert!(told(&answer).contains(part.as_str().unwrap()), "{name}: `{part}` is not in: {}", told(&answer));
        }
    }
}

#[tokio::test]
async fn a_connection_lives_at_an_account_and_at_a_project() {
    let bench = with_project().await;
    for at in [format!("{ACCOUNT}/connections/one"), connection("one")] {
        let made = bench.put("admin", &at, body("gateway", json!({}))).await;
        assert_eq!((made.status, made.body["name"].as_str()), (200, Some("one")), "{made:?}");
        assert!(made.body["type"].as_str().unwrap().ends_with("/connections"));
        assert_eq!(bench.put("admin", &at, body("gateway", json!({ "isSharedToAll": true }))).await.status, 200);
        let changed = bench.patch("admin", &at, json!({ "properties": { "metadata": { "team": "retail" } } })).await;
        assert_eq!((changed.status, &changed.body["properties"]["metadata"]["team"]), (200, &json!("retail")));
        let read = bench.get("admin", &at).await;
        assert_eq!(read.body["properties"]["credentials"], json!({ "key": null }));
        assert_eq!(read.body["properties"]["isSharedToAll"], true);
        assert_eq!(bench.delete("admin", &at).await.status, 200);
        assert_eq!(bench.delete("admin", &at).await.status, 204);
        assert_eq!(bench.get("admin", &at).await.code(), "ResourceNotFound");
    }
    let bad = bench.put("admin", &connection("x."), body("gateway", json!({}))).await;
    assert_eq!((bad.status, bad.code()), (400, "InvalidResourceName"), "{bad:?}");
    let nowhere = format!("{ACCOUNT}/projects/nothing/connections/one");
    assert_eq!(bench.put("admin", &nowhere, body("gateway", json!({}))).await.code(), "ParentResourceNotFound");
}

#[tokio::test]
async fn a_list_is_asked_for_a_category_or_a_target() {
    let bench = with_project().await;
    for (name, on) in [("one", "gateway"), ("two", "apim"), ("three", "search")] {
        assert_eq!(bench.put("admin", &connection(name), body(on, json!({}))).await.status, 200);
    }
    let list = |query: &str| {
        let path = format!("{}/connections?includeAll=false{query}", project());
        let bench = &bench;
        async move { bench.get("admin", &path).await.names() }
    };
    assert_eq!(list("").await, ["one", "three", "two"]);
    assert_eq!(list("&category=modelgateway").await, ["one"]);
    assert_eq!(list("&category=&target=https://contoso.search.windows.net").await, ["three"]);
    assert_eq!(list("&category=ApiManagement&target=https://llm.contoso.com/v1").await, [""; 0]);
}

#[tokio::test]
async fn a_secret_is_sealed_kept_replaced_and_gone_with_its_connection() {
    let bench = with_project().await;
    let at = connection("one");
    bench.put("admin", &at, body("gateway", json!({ "credentials": { "key": CANARY } }))).await;
    assert_eq!(kept(&bench, &at, "key").as_deref(), Some(CANARY));
    // As the CLI changes one: everything that a GET showed, put back.
    let shown = bench.get("admin", &at).await.body["properties"].clone();
    assert_eq!(bench.patch("admin", &at, json!({ "properties": shown })).await.status, 200);
    assert_eq!(bench.put("admin", &at, json!({ "properties": shown })).await.status, 200);
    assert_eq!(kept(&bench, &at, "key").as_deref(), Some(CANARY));
    let new = json!({ "properties": { "credentials": { "key": "k-2" } } });
    assert_eq!(bench.patch("admin", &at, new).await.status, 200);
    assert_eq!((kept(&bench, &at, "key").as_deref(), count(&bench, &at)), (Some("k-2"), 1));
    let identity = json!({ "properties": { "authType": "AAD" } });
    assert_eq!(bench.patch("admin", &at, identity).await.status, 200);
    assert_eq!(count(&bench, &at), 0, "another way to prove oneself has other credentials");
    let again = json!({ "properties": { "authType": "ApiKey", "credentials": { "key": "k-3" } } });
    assert_eq!(bench.patch("admin", &at, again).await.status, 200);
    assert_eq!(bench.delete("admin", &project()).await.status, 202);
    assert_eq!(count(&bench, &at), 0, "it goes with its project");
    assert_eq!(bench.get("admin", &at).await.status, 404);
}

#[tokio::test]
async fn a_stored_secret_is_not_sent_to_another_host() {
    let bench = with_project().await;
    let at = connection("one");
    bench.put("admin", &at, body("gateway", json!({}))).await;
    let moved = json!({ "properties": { "target": "https://elsewhere.contoso.com/v1" } });
    let refused = bench.patch("admin", &at, moved.clone()).await;
    assert_eq!((refused.status, &refused.body["error"]["target"]), (400, &json!("properties.credentials.key")));
    assert!(told(&refused).contains("give it again for `https://elsewhere.contoso.com`"), "{refused:?}");
    let mut anew = moved;
    merge(&mut anew, &json!({ "properties": { "credentials": { "key": "k-2" } } }));
    assert_eq!(bench.patch("admin", &at, anew).await.status, 200);
    assert_eq!(kept(&bench, &at, "key").as_deref(), Some("k-2"));
}

#[tokio::test]
async fn a_secret_is_in_no_answer_no_log_and_no_file() {
    let bench = with_project().await;
    let at = connection("one");
    let keys = json!({ "authType": "CustomKeys", "category": "CustomKeys",
                       "credentials": { "key": null, "keys": { "x-one": CANARY } } });
    let secret = json!({ "clientSecret": CANARY });
    let wrong = [
        body("gateway", json!({ "credentials": CANARY })),
        body("gateway", json!({ "credentials": { "key": [CANARY] } })),
        body("gateway", json!({ "credentials": { "key": format!("{CANARY}\n") } })),
        body("gateway", json!({ "credentials": { "kee": CANARY } })),
        body("gateway", json!({ "target": format!("https://user:{CANARY}@llm.contoso.com/v1") })),
        body("gateway", json!({ "metadata": { "customHeaders": json!({ "authorization": CANARY }).to_string() } })),
        body("gateway", json!({ "metadata": { "authConfig": json!({ "format": CANARY }).to_string() } })),
        body("oauth2", json!({ "tokenUrl": null, "credentials": secret })),
    ];
    let mut answers = Vec::new();
    for body in wrong {
        let refused = bench.put("admin", &at, body).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        answers.push(refused);
    }
    for body in [
        body("gateway", json!({ "credentials": { "key": CANARY } })),
        body("oauth2", json!({ "credentials": secret })),
        body("search", keys),
    ] {
        bench.delete("admin", &at).await;
        let made = bench.put("admin", &at, body).await;
        assert_eq!(made.status, 200, "{made:?}");
        answers.push(made);
        answers.push(bench.patch("admin", &at, json!({ "properties": { "isSharedToAll": true } })).await);
        answers.push(bench.get("admin", &at).await);
        answers.push(bench.get("admin", &format!("{}/connections", project())).await);
    }
    let subscription = Scope::parse(ACCOUNT).unwrap().subscription_id().unwrap().to_owned();
    let filter = "$filter=eventTimestamp%20ge%20'2020-01-01T00:00:00Z'";
    let log =
        format!("/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values?{filter}");
    let events = bench.get("admin", &log).await;
    assert!(events.body.to_string().contains("connections"), "the log has what was done: {events:?}");
    answers.push(events);
    for answer in answers {
        assert!(!format!("{:?}{:?}", answer.body, answer.headers).contains(CANARY), "{answer:?}");
    }
    assert!(!stands_in(bench.store.dir(), CANARY), "a file of the data folder has it");
    assert!(stands_in(bench.store.dir(), URL) || stands_in(bench.store.dir(), "connections/one"), "the search works");
}

#[tokio::test]
async fn a_reader_sees_a_connection_and_neither_changes_it_nor_opens_its_secret() {
    let bench = with_project().await;
    let at = connection("one");
    bench.put("admin", &at, body("gateway", json!({}))).await;
    bench.grant("alice", READER, &project()).await;
    assert_eq!(bench.get("alice", &at).await.status, 200);
    assert_eq!(bench.get("bob", &at).await.code(), "AuthorizationFailed");
    assert_eq!(bench.put("alice", &at, body("gateway", json!({}))).await.code(), "AuthorizationFailed");
    assert_eq!(bench.delete("alice", &at).await.code(), "AuthorizationFailed");
    let world = bench.store.world();
    let info = world.credentials.connection_secret(&Scope::parse(&at).unwrap(), "key").unwrap();
    let permit: Permit<Reads> = rbac::for_task(Task::SigningKey, Uuid::now_v7(), bench.store.now());
    let refused = bench.store.reveal(&permit, &info.reference()).unwrap_err();
    assert!(matches!(refused, StoreError::PermitDoesNotCover { .. }), "{refused}");
}

#[tokio::test]
async fn of_two_that_would_be_the_default_at_once_one_is() {
    let bench = with_project().await;
    let (first, second) = (connection("one"), connection("two"));
    let put = |at: &str| {
        let at = at.to_owned();
        let bench = &bench;
        async move { bench.put("admin", &at, body("gateway", json!({ "isDefault": true }))).await }
    };
    let (first, second) = tokio::join!(put(&first), put(&second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{first:?} {second:?}");
    let refused = if first.status == 409 { first } else { second };
    assert!(refused.code() == "Conflict" && told(&refused).contains("is the default here already"), "{refused:?}");
}

#[tokio::test]
async fn an_address_that_the_operator_does_not_admit_is_refused() {
    let bench = with_project().await;
    for (on, name) in [("gateway", "target"), ("oauth2", "tokenUrl"), ("search", "target")] {
        let refused = bench.put("admin", &connection("one"), body(on, json!({ name: "https://vault.internal" }))).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{refused:?}");
        assert_eq!(refused.body["error"]["target"], format!("properties.{name}"));
        assert!(told(&refused).contains("not admitted in these tests"), "{refused:?}");
    }
}
