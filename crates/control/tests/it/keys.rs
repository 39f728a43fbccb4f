use serde_json::json;

use crate::support::{ACCOUNT, Bench, READER, account};

#[tokio::test]
async fn a_key_opens_its_account_until_it_is_replaced() {
    let bench = Bench::with_account().await;
    let keys = bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await;
    assert_eq!(keys.status, 200, "{keys:?}");
    let (key1, key2) = (keys.body["key1"].as_str().unwrap(), keys.body["key2"].as_str().unwrap());
    assert!(key1 != key2 && key1.len() == 64 && key2.len() == 64);
    assert_eq!(bench.store.find_resource_key(key1).unwrap().account.as_str(), ACCOUNT);
    let new = bench.post("admin", &format!("{ACCOUNT}/regenerateKey"), Some(json!({ "keyName": "key1" }))).await;
    assert_eq!((new.status, new.body["key2"].as_str()), (200, Some(key2)), "{new:?}");
    assert_ne!(new.body["key1"], keys.body["key1"]);
    assert!(bench.store.find_resource_key(key1).is_none());
    assert!(bench.store.find_resource_key(new.body["key1"].as_str().unwrap()).is_some());
}

#[tokio::test]
async fn a_key_that_is_not_there_names_both_that_are() {
    let bench = Bench::with_account().await;
    for body in [json!({ "keyName": "Key3" }), json!({}), json!({ "keyName": 1 })] {
        let refused = bench.post("admin", &format!("{ACCOUNT}/regenerateKey"), Some(body)).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"));
        assert_eq!(refused.body["error"]["target"], "keyName");
    }
}

#[tokio::test]
async fn a_reader_sees_the_account_and_not_its_keys() {
    let bench = Bench::with_account().await;
    bench.grant("alice", READER, ACCOUNT).await;
    let shown = bench.get("alice", ACCOUNT).await;
    assert_eq!(shown.status, 200);
    let keys = bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await;
    assert!(!shown.body.to_string().contains(keys.body["key1"].as_str().unwrap()));
    let refused = bench.post("alice", &format!("{ACCOUNT}/listKeys"), None).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    assert_eq!(
        bench.post("alice", &format!("{ACCOUNT}/regenerateKey"), Some(json!({ "keyName": "Key1" }))).await.status,
        403
    );
}

#[tokio::test]
async fn the_keys_of_an_account_go_with_it() {
    let bench = Bench::with_account().await;
    let keys = bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await.body;
    bench.delete("admin", ACCOUNT).await;
    assert!(bench.store.find_resource_key(keys["key1"].as_str().unwrap()).is_none());
    assert_eq!(bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await.code(), "ResourceNotFound");
    assert_eq!(bench.post("admin", &format!("{}/listKeys", account("nothing")), None).await.status, 404);
}
