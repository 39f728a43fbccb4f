//! What is of one project is nobody else's, and what a caller may not do is not done.

use serde_json::{Value, json};

use crate::house::{House, POWERLESS, USER, json_of};

const OTHER: &str = "/accounts/contoso-hr/api/projects/other";
const MISSING: &str = "/accounts/contoso-hr/api/projects/missing";

#[tokio::test]
async fn another_project_has_neither_the_agents_nor_the_conversations() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let here = house.agent("clerk", json!({})).await;
    let conversation = house.conversation().await;
    for path in ["/agents/clerk", "/agents/clerk/versions", "/agents/clerk/versions/1"] {
        assert_eq!(house.ask("GET", &format!("{OTHER}{path}"), &Value::Null).await.0, 404, "{path}");
    }
    assert_eq!(house.ask("GET", &format!("{OTHER}/agents"), &Value::Null).await.1["data"], json!([]));
    let there = format!("{OTHER}/openai/v1/conversations/{conversation}");
    for (verb, path, body) in [
        ("GET", there.clone(), Value::Null),
        ("POST", there.clone(), json!({"metadata": {}})),
        ("GET", format!("{there}/items"), Value::Null),
        ("POST", format!("{there}/items"), json!({"items": [{"role": "user", "content": "x"}]})),
        ("DELETE", there.clone(), Value::Null),
        ("DELETE", format!("{OTHER}/agents/clerk"), Value::Null),
        ("POST", format!("{OTHER}/agents/clerk:disable"), Value::Null),
    ] {
        assert_eq!(house.ask(verb, &path, &body).await.0, 404, "{verb} {path}");
    }
    // An agent of the same name there is another one.
    let wish = json!({"definition": {"kind": "prompt", "model": "far"}});
    let (status, there) = house.ask("POST", &format!("{OTHER}/agents/clerk/versions"), &wish).await;
    assert_eq!((status, &there["version"]), (200, &json!("1")));
    assert_ne!(there["instance_identity"], here["instance_identity"]);
    assert_eq!(house.said(&conversation).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_project_that_is_not_there_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    for (verb, path) in [("GET", "/agents"), ("GET", "/agents/clerk"), ("POST", "/openai/v1/conversations")] {
        let (status, body) = house.ask(verb, &format!("{MISSING}{path}"), &json!({})).await;
        // The caller has a role at other projects, and none at this one.
        assert_eq!((status, &body["error"]["code"]), (401, &json!("PermissionDenied")), "{verb} {path}");
    }
}

#[tokio::test]
async fn without_a_role_nothing_is_read_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.agent("clerk", json!({})).await;
    let conversation = house.conversation().await;
    let wish = json!({"definition": {"kind": "prompt", "model": "far"}});
    for (verb, path, action) in [
        ("GET", "/agents".to_owned(), "agents/read"),
        ("POST", "/agents/clerk/versions".to_owned(), "agents/write"),
        ("POST", "/agents/clerk:disable".to_owned(), "agents/write"),
        ("DELETE", "/agents/clerk".to_owned(), "agents/delete"),
        ("GET", format!("/openai/v1/conversations/{conversation}/items"), "agents/read"),
        ("POST", "/openai/v1/conversations".to_owned(), "agents/write"),
        ("DELETE", format!("/openai/v1/conversations/{conversation}"), "agents/delete"),
    ] {
        let (head, body) = house.send(POWERLESS, verb, &path, &wish).await.into_parts();
        let body = json_of(body).await;
        assert_eq!((head.status.as_u16(), &body["error"]["code"]), (401, &json!("PermissionDenied")), "{verb} {path}");
        assert!(body["error"]["message"].as_str().unwrap().contains(action), "{body}");
    }
    let agent = house.send(USER, "GET", "/agents/clerk", &Value::Null).await;
    assert_eq!(json_of(agent.into_body()).await["versions"]["latest"]["version"], "1");
}
