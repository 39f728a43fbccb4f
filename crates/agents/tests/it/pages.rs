//! Lists, read as clients read them: on and on until `last_id` is null.

use serde_json::{Value, json};

use crate::house::House;

/// Every id of a list, page by page; a list that does not end fails.
async fn all(house: &House, path: &str, query: &str) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    for _ in 0..20 {
        let (status, page) = house.ask("GET", &format!("{path}?{query}{after}"), &Value::Null).await;
        assert_eq!((status, &page["object"]), (200, &json!("list")), "{page}");
        ids.extend(page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        assert_eq!(page["has_more"], json!(!page["last_id"].is_null()), "{page}");
        match page["last_id"].as_str() {
            None => return ids,
            Some(last) => after = format!("&after={last}"),
        }
    }
    panic!("the list goes on for ever: {ids:?}");
}

#[tokio::test]
async fn each_agent_is_listed_once_and_the_list_ends() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let names: Vec<String> = (0..5).map(|at| format!("Agent-{at}")).collect();
    for name in &names {
        house.agent(name, json!({})).await;
    }
    let newest_first: Vec<String> = names.iter().rev().cloned().collect();
    assert_eq!(all(&house, "/agents", "limit=2").await, newest_first);
    assert_eq!(all(&house, "/agents", "limit=5").await, newest_first);
    assert_eq!(all(&house, "/agents", "order=asc&limit=1").await, names);
    assert_eq!(all(&house, "/agents", "kind=prompt").await, newest_first);
    assert_eq!(all(&house, "/agents", "kind=hosted").await, Vec::<String>::new());
    assert_eq!(all(&house, "/agents", "order=asc&before=agent-2").await, names[..2]);
    assert_eq!(all(&house, "/agents", "order=asc&after=AGENT-3").await, names[4..]);
}

#[tokio::test]
async fn each_version_is_listed_once_and_the_list_ends() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    for _ in 0..5 {
        house.agent("clerk", json!({})).await;
    }
    let expected: Vec<String> = (1..=5).rev().map(|number| format!("clerk:{number}")).collect();
    assert_eq!(all(&house, "/agents/clerk/versions", "limit=2").await, expected);
    assert_eq!(all(&house, "/agents/clerk/versions", "after=2").await, ["clerk:1"]);
}

#[tokio::test]
async fn each_item_is_listed_once_and_the_list_ends() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let conversation = house.conversation().await;
    let items: Vec<Value> =
        (0..7).map(|at| json!({"role": "user", "content": format!("{at}"), "id": format!("msg_{at}")})).collect();
    let path = format!("/openai/v1/conversations/{conversation}/items");
    assert_eq!(house.ask("POST", &path, &json!({"items": items})).await.0, 200);
    let names: Vec<String> = (0..7).map(|at| format!("msg_{at}")).collect();
    assert_eq!(all(&house, &path, "order=asc&limit=3").await, names);
    assert_eq!(all(&house, &path, "limit=7").await, names.iter().rev().cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    house.agent("clerk", json!({})).await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("order=up", "order"),
        ("after=nobody", "after"),
        ("before=nobody", "before"),
        ("kind=promt", "kind"),
    ] {
        let (status, refused) = house.ask("GET", &format!("/agents?{query}"), &Value::Null).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!(field)), "{query}: {refused}");
    }
}
