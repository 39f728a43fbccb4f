//! Agents from their making to their end.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::ObjectKind;
use uuid::Uuid;

use crate::house::{House, account};

fn prompt(instructions: &str) -> Value {
    json!({"definition": {"kind": "prompt", "model": "far", "instructions": instructions}})
}

async fn get(house: &House, path: &str) -> Value {
    let (status, body) = house.ask("GET", path, &Value::Null).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn principal_of(agent: &Value) -> Uuid {
    agent["instance_identity"]["principal_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn each_post_adds_a_version_and_the_newest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let mut wish = prompt("Be brief.");
    wish["metadata"] = json!({"team": "claims"});
    wish["description"] = json!("Answers claims.");
    let (status, first) = house.ask("POST", "/agents/Clerk/versions?api-version=v1", &wish).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(
        (&first["object"], &first["id"], &first["version"]),
        (&json!("agent.version"), &json!("Clerk:1"), &json!("1"))
    );
    assert_eq!((&first["metadata"]["team"], &first["description"]), (&json!("claims"), &json!("Answers claims.")));
    assert_eq!(first["definition"], wish["definition"]);
    assert!(first["created_at"].is_i64(), "{first}");

    // The same again is another version: versions are made, not found.
    let (_, second) = house.ask("POST", "/agents/clerk/versions?api-version=2025-11-15-preview", &wish).await;
    assert_eq!((&second["id"], &second["version"]), (&json!("Clerk:2"), &json!("2")));

    let agent = get(&house, "/agents/CLERK?api-version=v1").await;
    assert_eq!(
        (&agent["object"], &agent["id"], &agent["state"]),
        (&json!("agent"), &json!("Clerk"), &json!("enabled"))
    );
    assert_eq!(agent["versions"]["latest"], second);
    assert_eq!(get(&house, "/agents/clerk/versions/1").await, first);
    assert_eq!(get(&house, "/agents/clerk/versions/latest").await, second);
    assert_eq!(get(&house, "/agents").await["data"], json!([agent]));
    drop(house);

    let again = House::open(folder.path(), "http://127.0.0.1:9").await;
    assert_eq!(get(&again, "/agents/clerk/versions").await["data"], json!([second, first]));
}

#[tokio::test]
async fn an_agent_is_made_once_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let mut wish = prompt("");
    wish["name"] = json!("clerk");
    let (status, made) = house.ask("POST", "/agents?api-version=v1", &wish).await;
    assert_eq!((status, &made["object"], &made["versions"]["latest"]["version"]), (200, &json!("agent"), &json!("1")));

    wish["name"] = json!("CLERK");
    let (status, refused) = house.ask("POST", "/agents?api-version=v1", &wish).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("conflict")));
    assert!(refused["error"]["message"].as_str().unwrap().contains("POST …/agents/clerk/versions"), "{refused}");
}

#[tokio::test]
async fn an_agent_is_a_principal_from_its_making_to_its_end_and_its_successor_another() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let scope = account().child("projects", "claims").child("agents", "clerk");
    let managed = || house.store.world().directory.managed_by(&scope).cloned();
    assert!(managed().is_none());

    let first = principal_of(&house.agent("clerk", json!({})).await);
    let found = managed().unwrap();
    assert_eq!((found.id, found.kind), (first, ObjectKind::ServicePrincipal));
    assert_eq!(found.display_name, "contoso-hr/projects/claims/agents/clerk");
    assert_eq!(principal_of(&house.agent("clerk", json!({})).await), first);
    // Roles can be given to it: decisions know it.
    assert!(house.store.world().access.kind_of(first).is_some());

    let (status, gone) = house.ask("DELETE", "/agents/clerk?api-version=v1&force=true", &Value::Null).await;
    assert_eq!((status, gone), (200, json!({"object": "agent.deleted", "name": "clerk", "deleted": true})));
    assert!(managed().is_none() && house.store.world().directory.object(first).is_none());
    assert_eq!(house.ask("GET", "/agents/clerk", &Value::Null).await.0, 404);
    assert_eq!(house.ask("DELETE", "/agents/clerk", &Value::Null).await.0, 404);

    let second = house.agent("clerk", json!({})).await;
    assert_eq!(second["version"], "1");
    assert_ne!(principal_of(&second), first);
    assert_eq!(managed().unwrap().id, principal_of(&second));
}

#[tokio::test]
async fn versions_made_at_once_have_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let house = std::sync::Arc::new(house);
    let adding: Vec<_> = (0..12)
        .map(|_| {
            let house = house.clone();
            tokio::spawn(async move { house.agent("clerk", json!({})).await["version"].as_str().unwrap().to_owned() })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for added in adding {
        numbers.insert(added.await.unwrap().parse::<u32>().unwrap());
    }
    assert_eq!(numbers, (1..=12).collect());
    let agent = get(&house, "/agents/clerk").await;
    assert_eq!(agent["versions"]["latest"]["version"], "12");
    assert!(house.store.world().directory.object(principal_of(&agent)).is_some());
}

#[tokio::test]
async fn a_version_that_goes_leaves_the_one_before_it_and_its_number_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    for _ in 0..3 {
        house.agent("clerk", json!({})).await;
    }
    let (status, gone) = house.ask("DELETE", "/agents/clerk/versions/3?api-version=v1", &Value::Null).await;
    let expected = json!({"object": "agent.version.deleted", "name": "clerk", "version": "3", "deleted": true});
    assert_eq!((status, gone), (200, expected));
    assert_eq!(get(&house, "/agents/clerk").await["versions"]["latest"]["version"], "2");
    assert_eq!(house.ask("GET", "/agents/clerk/versions/3", &Value::Null).await.0, 404);
    assert_eq!(house.agent("clerk", json!({})).await["version"], "4");

    for version in ["1", "4", "2"] {
        assert_eq!(house.ask("DELETE", &format!("/agents/clerk/versions/{version}"), &Value::Null).await.0, 200);
    }
    assert_eq!(house.ask("GET", "/agents/clerk", &Value::Null).await.0, 404);
    let scope = account().child("projects", "claims").child("agents", "clerk");
    assert!(house.store.world().directory.managed_by(&scope).is_none());
}

#[tokio::test]
async fn an_agent_is_disabled_and_enabled_again_as_often_as_one_likes() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.agent("clerk", json!({})).await;
    for (verb, state) in
        [("disable", "disabled"), ("disable", "disabled"), ("Enable", "enabled"), ("enable", "enabled")]
    {
        let (status, body) = house.ask("POST", &format!("/agents/clerk:{verb}?api-version=v1"), &Value::Null).await;
        assert_eq!((status, body), (204, Value::Null));
        let agent = get(&house, "/agents/clerk").await;
        assert_eq!((&agent["state"], &agent["configuration_state"]), (&json!(state), &json!(state)));
    }
    assert_eq!(house.ask("POST", "/agents/clark:enable", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_an_agent_says_of_itself_is_put_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.agent("clerk", json!({})).await;
    let card = json!({"version": "1", "skills": []});
    let (status, agent) = house.ask("PATCH", "/agents/clerk?api-version=v1", &json!({"agent_card": card})).await;
    assert_eq!((status, &agent["agent_card"]), (200, &card));
    assert_eq!(house.ask("PATCH", "/agents/clerk", &json!({})).await.1["agent_card"], card);
    assert!(house.ask("PATCH", "/agents/clerk", &json!({"agent_card": null})).await.1.get("agent_card").is_none());

    let (status, refused) =
        house.ask("PATCH", "/agents/clerk", &json!({"agent_endpoint": {"version_selector": {}}})).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("agent_endpoint")));
    let (status, refused) = house.ask("PATCH", "/agents/clerk", &json!({"agent_crad": {}})).await;
    assert_eq!(status, 400);
    assert!(refused["error"]["message"].as_str().unwrap().contains("did you mean `agent_card`?"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_an_agent_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let with = |field: &str, value: Value| {
        let mut wish = prompt("");
        wish[field] = value;
        wish
    };
    let model = |model: &str| json!({"definition": {"kind": "prompt", "model": model}});
    for (name, wish, field, part) in [
        ("-clerk", prompt(""), "name", "inner hyphens"),
        ("clerk_1", prompt(""), "name", "got `clerk_1`"),
        ("clerk", json!({}), "definition", "required"),
        ("clerk", model("fat"), "definition.model", "did you mean `far`?"),
        ("clerk", model("lite/gpt"), "definition.model", "the connection `lite` is not there"),
        ("clerk", json!({"definition": {"kind": "hosted"}}), "definition.kind", "not run here"),
        ("clerk", with("draft", json!(true)), "draft", "not offered"),
        ("clerk", with("metadata", json!({"a": 1})), "metadata.a", "a text"),
        ("clerk", with("description", json!("x".repeat(513))), "description", "at most 512"),
    ] {
        let (status, refused) = house.ask("POST", &format!("/agents/{name}/versions"), &wish).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!(field)), "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{refused}");
    }
    assert_eq!(get(&house, "/agents").await["data"], json!([]));
    let longest = "a".repeat(63);
    house.agent(&longest, json!({})).await;
    assert_eq!(house.ask("POST", &format!("/agents/{longest}a/versions"), &prompt("")).await.0, 400);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_the_nearest_that_is() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.agent("clerk", json!({})).await;
    let (status, missing) = house.ask("GET", "/agents/clark", &Value::Null).await;
    assert_eq!((status, &missing["error"]["code"]), (404, &json!("not_found")));
    assert!(missing["error"]["message"].as_str().unwrap().contains("did you mean `clerk`?"), "{missing}");
    let (status, missing) = house.ask("GET", "/agents/clerk/versions/7", &Value::Null).await;
    assert_eq!(status, 404);
    assert!(missing["error"]["message"].as_str().unwrap().contains("the newest is `1`"), "{missing}");
    assert_eq!(house.ask("GET", "/agents/clerk/versions/01", &Value::Null).await.0, 404);
}
