use serde_json::json;

use uuid::Uuid;

use crate::support::{ACCOUNT, Bench, READER, SUBSCRIPTION, account, assignment_body, assignment_path, foundry, id_of};

#[tokio::test]
async fn subscriptions_are_shown_to_those_with_anything_in_or_above_them() {
    let bench = Bench::with_account().await;
    let ids = |answer: crate::support::Answer| -> Vec<String> {
        answer.body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["subscriptionId"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(bench.get("admin", "/subscriptions").await).len(), 2);
    assert_eq!(ids(bench.get("alice", "/subscriptions").await).len(), 0);
    bench.grant("team", READER, ACCOUNT).await;
    assert_eq!(ids(bench.get("alice", "/subscriptions").await), [SUBSCRIPTION]);
    let one = bench.get("alice", &format!("/subscriptions/{SUBSCRIPTION}")).await;
    assert_eq!((one.status, one.body["displayName"].as_str()), (200, Some("Finance & Risk")));
    let hidden = bench.get("bob", &format!("/subscriptions/{SUBSCRIPTION}")).await;
    assert_eq!((hidden.status, hidden.code()), (404, "SubscriptionNotFound"));
}

#[tokio::test]
async fn the_tenant_is_shown_to_any_token_and_to_nobody_else() {
    let bench = Bench::new().await;
    let tenants = bench.get("bob", "/tenants").await;
    assert_eq!((tenants.status, &tenants.body["value"][0]["defaultDomain"]), (200, &json!("contoso.com")));
    assert_eq!(bench.get("", "/tenants").await.status, 401);
    assert_eq!(bench.get("", "/subscriptions").await.status, 401);
}

#[tokio::test]
async fn a_provider_says_its_types_and_a_misspelt_one_is_answered_with_the_nearest() {
    let bench = Bench::new().await;
    let path = format!("/subscriptions/{SUBSCRIPTION}/providers");
    let found = bench.get("admin", &format!("{path}/microsoft.cognitiveservices")).await;
    assert_eq!(
        (found.status, found.body["namespace"].as_str()),
        (200, Some("Microsoft.CognitiveServices")),
        "{found:?}"
    );
    let near = bench.get("admin", &format!("{path}/Microsoft.CognitivServices")).await;
    assert_eq!((near.status, near.code()), (404, "InvalidResourceNamespace"));
    assert!(near.body["error"]["message"].as_str().unwrap().contains("Microsoft.CognitiveServices"));
    let namespaces = bench.get("admin", &path).await.body["value"].clone();
    let namespaces: Vec<&str> =
        namespaces.as_array().unwrap().iter().map(|one| one["namespace"].as_str().unwrap()).collect();
    for known in ["Authorization", "CognitiveServices", "Insights", "Management", "Resources"] {
        assert!(namespaces.contains(&format!("Microsoft.{known}").as_str()), "{known}");
    }
    let registered = bench.post("admin", &format!("{path}/Microsoft.CognitiveServices/register"), None).await;
    assert_eq!((registered.status, registered.body["registrationState"].as_str()), (200, Some("Registered")));
}

#[tokio::test]
async fn the_resource_list_applies_its_filter_and_hides_what_cannot_be_read() {
    let bench = Bench::with_account().await;
    bench.put("admin", &account("acct2"), foundry()).await;
    bench.put("admin", &format!("{ACCOUNT}/projects/p1"), json!({})).await;
    let list = |filter: &str| {
        let filter = filter.replace(' ', "%20").replace('\'', "%27");
        format!("/subscriptions/{SUBSCRIPTION}/resources?$filter={filter}&$expand=createdTime")
    };
    let one = "resourceType eq 'Microsoft.CognitiveServices/accounts' and name eq 'acct2'";
    assert_eq!(bench.get("admin", &list(one)).await.names(), ["acct2"]);
    assert_eq!(bench.get("admin", &list("resourceGroup eq 'RG1'")).await.names(), ["acct1", "acct1/p1", "acct2"]);
    assert_eq!(bench.get("admin", &list("colour eq 'red'")).await.code(), "InvalidFilter");
    assert_eq!(bench.get("alice", &list("")).await.names(), [""; 0]);
    bench.grant("alice", READER, &account("acct2")).await;
    assert_eq!(bench.get("alice", &list("")).await.names(), ["acct2"]);
}

#[tokio::test]
async fn the_resource_list_shows_what_a_condition_on_the_time_lets_one_read() {
    let bench = Bench::with_account().await;
    bench.put("admin", &account("acct2"), foundry()).await;
    for (name, condition) in [
        ("acct1", "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'"),
        ("acct2", "@Environment[UtcNow] DateTimeLessThan '2020-01-01T00:00:00Z'"),
    ] {
        let mut body = assignment_body(READER, id_of("alice"));
        body["properties"]["condition"] = json!(condition);
        let made = bench.put("admin", &assignment_path(&account(name), Uuid::new_v4()), body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let single = bench.get("alice", &account(name)).await.status;
        assert_eq!(single, if name == "acct1" { 200 } else { 403 });
    }
    let list = format!("/subscriptions/{SUBSCRIPTION}/resources");
    assert_eq!(bench.get("alice", &list).await.names(), ["acct1"]);
}

#[tokio::test]
async fn regions_and_skus_are_listed() {
    let bench = Bench::with_account().await;
    let regions = bench.get("admin", &format!("/subscriptions/{SUBSCRIPTION}/locations")).await.names();
    assert!(regions.contains(&"eastus2".to_owned()) && regions.contains(&"local".to_owned()));
    let skus = bench.get("admin", &format!("{ACCOUNT}/skus")).await;
    assert_eq!(skus.body["value"][0]["sku"]["name"], "S0", "{skus:?}");
}

#[tokio::test]
async fn every_route_is_of_a_registered_type() {
    let bench = Bench::new().await;
    for (_, route) in bench.app.routes() {
        if let access::Route::Arm { resource_type, form, .. } = route {
            let owner = match form {
                access::Form::Action => resource_type.rsplit_once('/').unwrap().0,
                _ => resource_type,
            };
            let is_provider = resource_type.ends_with("/register");
            // An action that any scope has (`checkAccess`) is a type of its own.
            let known = [owner, resource_type].into_iter().any(|name| resources::registry::find(name).is_some());
            assert!(is_provider || known, "{resource_type}");
        }
    }
}
