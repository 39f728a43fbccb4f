use serde_json::json;

use crate::support::{ACCOUNT, Bench, GROUP, OTHER_SUBSCRIPTION, READER, SUBSCRIPTION, account, foundry};

#[tokio::test]
async fn an_account_is_made_with_identity_and_keys_in_one_write() {
    let bench = Bench::with_account().await;
    let shown = bench.get("admin", &ACCOUNT.to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions")).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(shown.body["id"], ACCOUNT);
    assert_eq!(shown.body["etag"].as_str(), shown.etag.as_deref());
    assert_eq!(shown.body["properties"]["endpoint"], "https://localhost:8443/accounts/acct1/");
    assert_eq!(shown.body["systemData"]["createdBy"], "admin@contoso.com");
    let principal = shown.body["identity"]["principalId"].as_str().unwrap().parse().unwrap();
    let world = bench.store.world();
    let identity = world.directory.object(principal).expect("the identity is a principal");
    assert_eq!(identity.managed_by.as_ref().unwrap().as_str(), ACCOUNT);
    assert_eq!(identity.properties["servicePrincipalType"], "ManagedIdentity");
}

#[tokio::test]
async fn the_whole_resource_comes_back_as_az_resource_update_sends_it() {
    let bench = Bench::with_account().await;
    let before = bench.get("admin", ACCOUNT).await.body;
    let keys = bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await.body;
    let mut body = before.clone();
    body["properties"]["disableLocalAuth"] = json!(true);
    let doubled = ACCOUNT.replace("Microsoft.CognitiveServices/", "Microsoft.CognitiveServices//");
    let after = bench.put("admin", &doubled.replace("resourceGroups", "resourcegroups"), body).await;
    assert_eq!(after.status, 200, "{after:?}");
    assert_eq!(after.body["properties"]["disableLocalAuth"], json!(true));
    for kept in ["/id", "/identity", "/properties/internalId", "/properties/dateCreated", "/systemData/createdAt"] {
        assert_eq!(after.body.pointer(kept), before.pointer(kept), "{kept}");
    }
    assert_eq!(bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await.body, keys);
}

#[tokio::test]
async fn a_patch_turns_local_auth_off_and_on() {
    let bench = Bench::with_account().await;
    for wanted in [true, false] {
        let patch = json!({ "sku": { "name": "S0" }, "properties": { "disableLocalAuth": wanted } });
        let patched = bench.patch("admin", ACCOUNT, patch).await;
        assert_eq!((patched.status, &patched.body["properties"]["disableLocalAuth"]), (200, &json!(wanted)));
        assert_eq!(patched.body["properties"]["allowProjectManagement"], json!(true));
    }
    let missing = bench.patch("admin", &account("nothing"), json!({})).await;
    assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn an_identity_comes_with_a_patch_and_goes_with_one() {
    let bench = Bench::with_account().await;
    let path = account("plain");
    let made =
        bench.put("admin", &path, json!({ "location": "local", "kind": "OpenAI", "sku": { "name": "S0" } })).await;
    assert_eq!((made.status, made.body.get("identity")), (201, None));
    let with = bench.patch("admin", &path, json!({ "identity": { "type": "SystemAssigned" } })).await;
    let principal = with.body["identity"]["principalId"].as_str().unwrap().parse().unwrap();
    assert!(bench.store.world().directory.object(principal).is_some());
    let without = bench.patch("admin", &path, json!({ "identity": { "type": "None" } })).await;
    assert_eq!((without.status, without.body.get("identity")), (200, None));
    assert!(bench.store.world().directory.object(principal).is_none());
}

#[tokio::test]
async fn a_subdomain_is_unique_on_the_whole_server() {
    let bench = Bench::with_account().await;
    let mut body = foundry();
    body["properties"]["customSubDomainName"] = json!("ACCT1");
    let refused = bench.put("admin", &account("acct2"), body.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "CustomDomainInUse"));
    assert_eq!(bench.get("admin", &account("acct2")).await.status, 404);
    body["properties"]["customSubDomainName"] = json!("other");
    assert_eq!(bench.put("admin", &account("acct2"), body).await.status, 201);
}

#[tokio::test]
async fn deleting_twice_is_202_then_204() {
    let bench = Bench::with_account().await;
    assert_eq!(bench.delete("admin", ACCOUNT).await.status, 202);
    assert_eq!(bench.delete("admin", ACCOUNT).await.status, 204);
    let again = bench.put("admin", ACCOUNT, foundry()).await;
    assert_eq!(again.status, 201, "the name and its subdomain are free again: {again:?}");
}

#[tokio::test]
async fn bad_input_changes_nothing_and_is_named() {
    let bench = Bench::with_account().await;
    let before = bench.get("admin", ACCOUNT).await.body;
    for (body, code) in [
        (json!({ "id": account("acct2") }), "MismatchingResourceName"),
        (json!({ "properties": { "disableLocalAuth": "yes" } }), "InvalidRequestContent"),
        (json!({ "kind": "OpenAI" }), "InvalidRequestContent"),
        (json!({ "location": "eastus2" }), "InvalidResourceLocation"),
    ] {
        let mut whole = foundry();
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(bench.put("admin", ACCOUNT, whole).await.code(), code, "{body}");
    }
    let named = bench.put("admin", &account("a%20b"), foundry()).await;
    assert_eq!(named.status, 400, "{named:?}");
    assert_eq!(bench.get("admin", ACCOUNT).await.body, before);
}

#[tokio::test]
async fn a_list_shows_what_the_caller_may_read_and_nothing_is_403() {
    let bench = Bench::with_account().await;
    assert_eq!(bench.put("admin", &account("acct2"), foundry()).await.status, 201);
    let in_subscription = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.CognitiveServices/accounts");
    let in_group = format!("{GROUP}/providers/Microsoft.CognitiveServices/accounts");
    assert_eq!(bench.get("admin", &in_subscription).await.names(), ["acct1", "acct2"]);
    let refused = bench.get("alice", &in_subscription).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    bench.grant("alice", READER, ACCOUNT).await;
    assert_eq!(bench.get("alice", &in_subscription).await.names(), ["acct1"]);
    assert_eq!(bench.get("alice", &in_group).await.names(), ["acct1"]);
    let other = format!("/subscriptions/{OTHER_SUBSCRIPTION}/providers/Microsoft.CognitiveServices/accounts");
    assert_eq!(bench.get("alice", &other).await.status, 403);
}

#[tokio::test]
async fn two_writers_of_one_account_make_one_identity() {
    let bench = Bench::with_account().await;
    let path = account("raced");
    let (one, other) = tokio::join!(bench.put("admin", &path, foundry()), bench.put("admin", &path, foundry()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(one.body["identity"], other.body["identity"]);
    let world = bench.store.world();
    let identities = world.directory.objects().filter(|object| object.display_name == "raced").count();
    assert_eq!(identities, 1);
}
