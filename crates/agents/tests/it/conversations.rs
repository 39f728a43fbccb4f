//! Conversations and what is said in them.

use serde_json::{Value, json};

use crate::house::{House, texts};

async fn begin(house: &House, body: Value) -> Value {
    let (status, made) = house.ask("POST", "/openai/v1/conversations", &body).await;
    assert_eq!(status, 200, "{made}");
    made
}

#[tokio::test]
async fn a_conversation_keeps_what_was_said_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let first = json!([{"role": "user", "content": "one"}, {"type": "message", "role": "assistant", "content": "two"}]);
    let made = begin(&house, json!({"items": first, "metadata": {"topic": "demo"}})).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("conv_") && made["created_at"].is_i64(), "{made}");
    assert_eq!((&made["object"], &made["metadata"]), (&json!("conversation"), &json!({"topic": "demo"})));

    let more = json!({"items": [{"role": "user", "content": [{"type": "input_text", "text": "three"}]}]});
    let (status, added) = house.ask("POST", &format!("/openai/v1/conversations/{id}/items"), &more).await;
    assert_eq!((status, &added["object"], &added["has_more"]), (200, &json!("list"), &json!(false)));
    let item = &added["data"][0];
    assert_eq!((&added["first_id"], &added["last_id"]), (&item["id"], &item["id"]));
    assert_eq!(
        (&item["type"], &item["role"], &item["status"]),
        (&json!("message"), &json!("user"), &json!("completed"))
    );
    drop(house);

    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    assert_eq!(house.said(&id).await, ["one", "two", "three"]);
    assert_eq!(house.ask("GET", &format!("/openai/v1/conversations/{id}"), &Value::Null).await.1, made);
    let path = format!("/openai/v1/conversations/{id}/items/{}", item["id"].as_str().unwrap());
    assert_eq!(house.ask("GET", &path, &Value::Null).await, (200, item.clone()));
}

#[tokio::test]
async fn the_dated_route_leads_to_the_same_and_wants_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let id = house.conversation().await;
    let (status, found) =
        house.ask("GET", &format!("/openai/conversations/{id}?api-version=2025-11-15-preview"), &Value::Null).await;
    assert_eq!((status, &found["id"]), (200, &json!(id)));
    let (status, missed) = house.ask("GET", &format!("/openai/conversations/{id}"), &Value::Null).await;
    assert_eq!(status, 404);
    assert!(missed["error"]["message"].as_str().unwrap().contains("`api-version`"), "{missed}");
}

#[tokio::test]
async fn labels_are_replaced_and_what_was_said_stays() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let made = begin(&house, json!({"items": [{"role": "user", "content": "one"}], "metadata": {"a": "1"}})).await;
    let path = format!("/openai/v1/conversations/{}", made["id"].as_str().unwrap());
    let (status, changed) = house.ask("POST", &path, &json!({"metadata": {"b": "2"}})).await;
    assert_eq!((status, &changed["metadata"], &changed["created_at"]), (200, &json!({"b": "2"}), &made["created_at"]));
    assert_eq!(house.said(made["id"].as_str().unwrap()).await, ["one"]);
    assert_eq!(house.ask("POST", &path, &json!({})).await.1["error"]["param"], "metadata");
    assert_eq!(house.ask("POST", &path, &json!({"metadata": null})).await.1["metadata"], json!({}));
}

#[tokio::test]
async fn an_item_goes_and_then_the_conversation_with_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let items =
        json!([{"role": "user", "content": "one", "id": "msg_a"}, {"role": "user", "content": "two", "id": "msg_b"}]);
    let made = begin(&house, json!({"items": items})).await;
    let path = format!("/openai/v1/conversations/{}", made["id"].as_str().unwrap());
    assert_eq!(house.ask("DELETE", &format!("{path}/items/msg_a"), &Value::Null).await, (200, made.clone()));
    assert_eq!(house.ask("DELETE", &format!("{path}/items/msg_a"), &Value::Null).await.0, 404);
    assert_eq!(house.said(made["id"].as_str().unwrap()).await, ["two"]);

    let (status, gone) = house.ask("DELETE", &path, &Value::Null).await;
    assert_eq!((status, gone), (200, json!({"id": made["id"], "object": "conversation.deleted", "deleted": true})));
    for rest in ["", "/items", "/items/msg_b"] {
        assert_eq!(house.ask("GET", &format!("{path}{rest}"), &Value::Null).await.0, 404, "{rest}");
    }
    let more = json!({"items": [{"role": "user", "content": "three"}]});
    assert_eq!(house.ask("POST", &format!("{path}/items"), &more).await.0, 404);
}

#[tokio::test]
async fn items_are_added_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let id = house.conversation().await;
    let path = format!("/openai/v1/conversations/{id}/items");
    let say = |name: &str| json!({"role": "user", "content": name, "id": name});
    assert_eq!(house.ask("POST", &path, &json!({"items": [say("msg_1")]})).await.0, 200);
    for (items, part) in [
        (json!([say("msg_2"), say("msg_1")]), "has an item `msg_1` already"),
        (json!([say("msg_2"), {"role": "usr", "content": "x"}]), "did you mean `user`?"),
        (json!([]), "1 to 20 items"),
        (json!(vec![json!({"role": "user", "content": "x"}); 21]), "at most 20"),
    ] {
        let (status, refused) = house.ask("POST", &path, &json!({"items": items})).await;
        assert_eq!(status, 400, "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{refused}");
    }
    assert_eq!(house.said(&id).await, ["msg_1"]);
}

#[tokio::test]
async fn thoughts_that_are_sealed_are_shown_when_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), "http://127.0.0.1:9").await;
    let thought = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"});
    let made = begin(&house, json!({"items": [thought]})).await;
    let path = format!("/openai/v1/conversations/{}/items", made["id"].as_str().unwrap());
    let (_, plain) = house.ask("GET", &path, &Value::Null).await;
    assert_eq!(texts(&plain["data"]), ["reasoning"]);
    assert!(plain["data"][0].get("encrypted_content").is_none(), "{plain}");
    let (_, whole) =
        house.ask("GET", &format!("{path}/rs_1?include[]=reasoning.encrypted_content"), &Value::Null).await;
    assert_eq!(whole["encrypted_content"], "sealed");
    let (status, refused) = house.ask("GET", &format!("{path}?include=reasoning.content"), &Value::Null).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("include")));
}
