use serde_json::{Value, json};

use crate::support::{ACCOUNT, Answer, Bench, GROUP, OTHER_SUBSCRIPTION, OWNER, READER, SUBSCRIPTION, id_of};

const LONG_AGO: &str = "eventTimestamp ge 2020-01-01T00:00:00Z";

fn log(scope: &str, filter: &str, more: &str) -> String {
    let filter = filter.replace(' ', "%20").replace('\'', "%27").replace('+', "%2B");
    let query = if filter.is_empty() { String::new() } else { format!("$filter={filter}&") };
    format!("{scope}/providers/microsoft.insights/eventtypes/management/values?{query}{more}")
}

async fn read(bench: &Bench, who: &str, filter: &str) -> Vec<Value> {
    let answer = bench.get(who, &log(&format!("/subscriptions/{SUBSCRIPTION}"), filter, "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    value(&answer)
}

fn value(answer: &Answer) -> Vec<Value> {
    answer.body["value"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
}

/// Operation and status of each event.
fn told(events: &[Value]) -> Vec<String> {
    let text = |event: &Value, path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
    let last = |name: String| {
        name.rsplit_once('/').map(|(front, word)| format!("{}/{word}", front.rsplit('/').next().unwrap())).unwrap()
    };
    events
        .iter()
        .map(|event| format!("{} {}", last(text(event, "/operationName/value")), text(event, "/status/value")))
        .collect()
}

#[tokio::test]
async fn a_grant_and_its_removal_are_pairs_that_say_who_gave_what_to_whom() {
    let bench = Bench::with_account().await;
    let path = bench.grant("alice", READER, ACCOUNT).await;
    let gone = bench.delete("admin", &path).await;
    let provider = format!("resourceProvider eq Microsoft.Authorization and {LONG_AGO}");
    let events = read(&bench, "admin", &provider).await;
    let story = [
        "roleAssignments/delete Succeeded",
        "roleAssignments/delete Started",
        "roleAssignments/write Succeeded",
        "roleAssignments/write Started",
    ];
    assert_eq!(told(&events), story);
    let (granted, start) = (&events[2], &events[3]);
    for name in ["operationId", "correlationId", "resourceId", "caller", "authorization", "httpRequest"] {
        assert_eq!(granted[name], start[name], "{name}");
    }
    assert_eq!((&granted["resourceId"], &granted["authorization"]["scope"]), (&json!(path), &json!(path)));
    assert_eq!(
        (granted["caller"].as_str(), granted["level"].as_str()),
        (Some("admin@contoso.com"), Some("Informational"))
    );
    assert_eq!(
        granted["claims"]["http://schemas.microsoft.com/identity/claims/objectidentifier"],
        json!(id_of("admin"))
    );
    assert_eq!(
        (&granted["httpRequest"]["method"], &events[0]["httpRequest"]["method"]),
        (&json!("PUT"), &json!("DELETE"))
    );
    assert_eq!(
        (granted["resourceGroupName"].as_str(), granted["subscriptionId"].as_str()),
        (Some("rg1"), Some(SUBSCRIPTION))
    );
    assert_ne!(granted["eventDataId"], start["eventDataId"]);
    let asked: Value = serde_json::from_str(start["properties"]["requestbody"].as_str().unwrap()).unwrap();
    assert_eq!(asked["properties"]["principalId"], json!(id_of("alice")));
    let taken: Value = serde_json::from_str(events[0]["properties"]["responseBody"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&taken["properties"]["scope"], &taken["properties"]["principalId"]),
        (&json!(ACCOUNT), &json!(id_of("alice")))
    );
    let correlation = gone.header("x-ms-correlation-request-id");
    assert_eq!(events[0]["correlationId"], correlation, "the answer's own header finds it");
    assert_eq!(read(&bench, "admin", &format!("correlationId eq '{correlation}'")).await.len(), 2);
}

#[tokio::test]
async fn actions_are_in_it_and_no_key_is() {
    let bench = Bench::with_account().await;
    let keys = bench.post("admin", &format!("{ACCOUNT}/listKeys"), None).await.body;
    let new = bench.post("admin", &format!("{ACCOUNT}/regenerateKey"), Some(json!({ "keyName": "Key1" }))).await.body;
    let events = read(&bench, "admin", LONG_AGO).await;
    let actions = [
        "regenerateKey/action Succeeded",
        "regenerateKey/action Started",
        "listKeys/action Succeeded",
        "listKeys/action Started",
    ];
    assert_eq!(told(&events)[..4], actions);
    assert_eq!(events[0]["httpRequest"]["method"], "POST");
    let text = Value::Array(events).to_string();
    for key in [&keys["key1"], &keys["key2"], &new["key1"]] {
        assert!(!text.contains(key.as_str().unwrap()));
    }
}

#[tokio::test]
async fn reads_and_refusals_are_not_in_it() {
    let bench = Bench::with_account().await;
    let before = read(&bench, "admin", LONG_AGO).await;
    assert_eq!(
        told(&before),
        [
            "accounts/write Succeeded",
            "accounts/write Started",
            "resourceGroups/write Succeeded",
            "resourceGroups/write Started"
        ]
    );
    assert_eq!(bench.get("admin", ACCOUNT).await.status, 200);
    assert_eq!(bench.delete("alice", ACCOUNT).await.status, 403);
    assert_eq!(bench.put("admin", ACCOUNT, json!({ "location": 5 })).await.status, 400);
    assert_eq!(read(&bench, "admin", LONG_AGO).await, before);
}

#[tokio::test]
async fn an_event_is_seen_where_the_caller_may_read() {
    let bench = Bench::with_account().await;
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2");
    bench.put("admin", &other, json!({ "location": "local" })).await;
    let nobody = bench.get("bob", &log(&format!("/subscriptions/{SUBSCRIPTION}"), LONG_AGO, "")).await;
    assert_eq!((nobody.status, nobody.code()), (403, "AuthorizationFailed"));
    let message = nobody.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("Microsoft.Insights/eventtypes/values/read"), "{message}");
    bench.grant("alice", READER, &other).await;
    let seen = read(&bench, "alice", LONG_AGO).await;
    assert!(seen.len() == 4 && seen.iter().all(|event| event["resourceGroupName"] == "rg2"), "{seen:?}");
    let everything = read(&bench, "admin", LONG_AGO).await;
    assert!(everything.len() > seen.len());
    let of_group = bench.get("alice", &log(&other, LONG_AGO, "")).await;
    assert_eq!(value(&of_group), seen);
    assert_eq!(bench.get("alice", &log(GROUP, LONG_AGO, "")).await.status, 403);
    let elsewhere = bench.get("admin", &log(&format!("/subscriptions/{OTHER_SUBSCRIPTION}"), LONG_AGO, "")).await;
    assert_eq!(value(&elsewhere), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_in_no_subscription_is_in_the_tenants_log() {
    let bench = Bench::with_account().await;
    bench.grant("alice", OWNER, "/").await;
    let tenant = value(&bench.get("admin", &log("", LONG_AGO, "")).await);
    assert_eq!(told(&tenant), ["roleAssignments/write Succeeded", "roleAssignments/write Started"]);
    assert_eq!(tenant[0]["subscriptionId"], "");
    bench.grant("bob", READER, GROUP).await;
    assert_eq!(value(&bench.get("bob", &log("", LONG_AGO, "")).await), Vec::<Value>::new());
}

#[tokio::test]
async fn filters_are_those_that_clients_send() {
    let bench = Bench::with_account().await;
    bench.grant("alice", OWNER, GROUP).await;
    bench.patch("alice", ACCOUNT, json!({ "tags": { "a": "b" } })).await;
    let count = async |filter: &str| read(&bench, "admin", filter).await.len();
    assert_eq!(count("").await, 8);
    for (filter, expected) in [
        ("eventTimestamp ge 2020-01-01T00:00:00.123456 and eventTimestamp le 2100-01-01T00:00:00.5", 8),
        ("eventTimestamp ge '2020-01-01T00:00:00Z' and eventTimestamp le '2100-01-01T00:00:00+00:00'", 8),
        ("eventTimestamp ge 2100-01-01T00:00:00Z", 0),
        ("eventTimestamp le 2020-01-01T00:00:00Z", 0),
        ("resourceGroupName eq 'RG1'", 8),
        ("resourceGroupName eq 'rg2'", 0),
        ("resourceProvider eq 'microsoft.cognitiveservices'", 4),
        ("caller eq 'alice@contoso.com'", 2),
        ("status eq 'Started'", 4),
        ("levels eq 'Error'", 0),
        ("eventChannels eq 'Admin, Operation' and caller eq 'alice@contoso.com'", 2),
        ("correlationId eq 'nothing'", 0),
    ] {
        assert_eq!(count(filter).await, expected, "{filter}");
    }
    assert_eq!(count(&format!("resourceUri eq '{ACCOUNT}'")).await, 4);
    assert_eq!(count(&format!("resourceId eq '{ACCOUNT}' and status eq 'Succeeded'")).await, 2);
    for filter in ["eventTimestamp ge yesterday", "colour eq 'red'", "caller ge 'a'", "resourceUri eq 'acct1'", "and"] {
        let refused = bench.get("admin", &log(&format!("/subscriptions/{SUBSCRIPTION}"), filter, "")).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidFilter"), "{filter}");
    }
    let other = bench.get("admin", &log(GROUP, "resourceGroupName eq 'rg2'", "")).await;
    assert_eq!(other.code(), "InvalidFilter");
}

#[tokio::test]
async fn only_the_selected_fields_are_sent() {
    let bench = Bench::with_account().await;
    let base = format!("/subscriptions/{SUBSCRIPTION}");
    let selected = value(&bench.get("admin", &log(&base, LONG_AGO, "$select=caller%20,%20eventTimestamp")).await);
    let names: Vec<&String> = selected[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["caller", "eventTimestamp"]);
    let refused = bench.get("admin", &log(&base, LONG_AGO, "$select=callr")).await;
    assert_eq!(refused.code(), "InvalidParameter");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("did you mean `caller`"));
}

#[tokio::test]
async fn a_long_log_comes_in_pages_that_hold_each_event_once() {
    let bench = Bench::new().await;
    for number in 0..103 {
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg{number}");
        assert_eq!(bench.put("admin", &group, json!({ "location": "local" })).await.status, 201);
    }
    let mut path = log(&format!("/subscriptions/{SUBSCRIPTION}"), LONG_AGO, "");
    let mut ids = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let page = bench.get("admin", &path).await;
        let events = value(&page);
        sizes.push(events.len());
        ids.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["nextLink"].as_str() else { break };
        // The client sends the api-version itself.
        path = next.strip_prefix(crate::support::URL).unwrap().replace("&api-version=2025-09-01", "");
    }
    assert_eq!(sizes, [200, 6]);
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((all, ids.len()), (206, 206));
    let refused = bench.get("admin", &log(&format!("/subscriptions/{SUBSCRIPTION}"), "", "$skipToken=abc")).await;
    assert_eq!(refused.code(), "InvalidParameter");
}

#[tokio::test]
async fn there_is_one_kind_of_event_and_it_is_of_a_place_that_exists() {
    let bench = Bench::with_account().await;
    let base = format!("/subscriptions/{SUBSCRIPTION}");
    let other = bench.get("admin", &format!("{base}/providers/Microsoft.Insights/eventtypes/digest/values")).await;
    assert_eq!(other.code(), "NotFound");
    assert_eq!(
        bench.get("admin", &log(&format!("{base}/resourceGroups/none"), "", "")).await.code(),
        "ResourceGroupNotFound"
    );
    assert_eq!(bench.get("admin", &log(ACCOUNT, "", "")).await.status, 400);
}

#[tokio::test]
async fn the_log_is_kept_over_a_restart() {
    let bench = Bench::with_account().await;
    let before = read(&bench, "admin", LONG_AGO).await;
    let bench = bench.restarted().await;
    assert_eq!(read(&bench, "admin", LONG_AGO).await, before);
}
