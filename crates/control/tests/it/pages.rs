//! Lists in pages.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    ACCOUNT, Bench, GROUP, OTHER_SUBSCRIPTION, READER, SUBSCRIPTION, URL, account, assignments_at, deployment, foundry,
};

/// The ids of all pages of a list, in order, and how many pages they were.
async fn walk(bench: &Bench, who: &str, path: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages) = (Vec::new(), 0);
    let mut uri = format!("{path}{}api-version=2025-09-01", if path.contains('?') { '&' } else { '?' });
    loop {
        let answer = bench.send_raw(who, "GET", &uri, &[], Bytes::new()).await;
        assert_eq!(answer.status, 200, "{uri}: {answer:?}");
        pages += 1;
        let value = answer.body["value"].as_array().unwrap();
        ids.extend(value.iter().map(|one| one["id"].as_str().map_or_else(|| one.to_string(), str::to_owned)));
        match answer.body["nextLink"].as_str() {
            Some(next) => uri = next.strip_prefix(URL).unwrap_or_else(|| panic!("`{next}` is not absolute")).to_owned(),
            None => return (ids, pages),
        }
        assert!(pages < 1000, "a list without an end: {path}");
    }
}

#[tokio::test]
async fn every_list_is_the_same_in_pages_of_one() {
    let bench = Bench::with_account().await;
    bench.put("admin", &account("acct2"), foundry()).await;
    for name in ["a1", "b1", "c1"] {
        bench.put("admin", &format!("{ACCOUNT}/deployments/{name}"), deployment()).await;
        let project = json!({ "location": "local", "properties": {} });
        bench.put("admin", &format!("{ACCOUNT}/projects/{name}"), project).await;
    }
    for place in [ACCOUNT.to_owned(), format!("{ACCOUNT}/projects/a1")] {
        for name in ["one", "two"] {
            let connection = json!({ "properties": { "category": "Git", "authType": "None", "target": "_" } });
            assert_eq!(bench.put("admin", &format!("{place}/connections/{name}"), connection).await.status, 200);
        }
    }
    bench.grant("alice", READER, GROUP).await;
    bench.grant("bob", READER, ACCOUNT).await;
    let group = "/providers/Microsoft.Management/managementGroups/mg";
    bench.plant_resource(group, json!({})).await;
    for subscription in [SUBSCRIPTION, OTHER_SUBSCRIPTION] {
        bench.plant_resource(&format!("{group}/subscriptions/{subscription}"), json!({})).await;
    }
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let mut several = 0;
    let lists = bench.app.routes().into_iter().filter_map(|(info, route)| match route {
        access::Route::Arm { resource_type, form: access::Form::Collection, .. } => {
            Some((info.template, resource_type))
        }
        _ => None,
    });
    for (template, resource_type) in lists {
        let path = match resource_type {
            // One answer to a question that the query asks, not a list.
            "Cupola.Access/whatCan" | "Cupola.Access/whoCan" => continue,
            // Its pages hold whole pairs of events: `activity_log.rs` walks them.
            "Microsoft.Insights/eventtypes/values" => continue,
            "Microsoft.Resources/tenants" => "/tenants".to_owned(),
            "Microsoft.Management/managementGroups" => format!("/providers/{resource_type}"),
            "Microsoft.Management/managementGroups/subscriptions"
            | "Microsoft.Management/managementGroups/descendants" => {
                let word = resource_type.rsplit('/').next().unwrap();
                format!("/providers/Microsoft.Management/managementGroups/mg/{word}")
            }
            "Microsoft.Resources/subscriptions" => "/subscriptions".to_owned(),
            "Microsoft.Resources/subscriptions/resourceGroups/resources" => format!("{GROUP}/resources"),
            "Microsoft.CognitiveServices/locations/models" | "Microsoft.CognitiveServices/locations/usages" => {
                format!("{subscription}/providers/{}", resource_type.replace("/locations/", "/locations/local/"))
            }
            "Microsoft.CognitiveServices/modelCapacities" | "Microsoft.CognitiveServices/locations/modelCapacities" => {
                let path = resource_type.replace("/locations/", "/locations/local/");
                let model = "modelFormat=HuggingFace&modelName=SmolLM2-135M-Instruct&modelVersion=1";
                format!("{subscription}/providers/{path}?{model}")
            }
            "Microsoft.CognitiveServices/accounts/projects/connections" => format!("{ACCOUNT}/projects/a1/connections"),
            "Microsoft.Authorization/permissions" | "Microsoft.CognitiveServices/skus" => {
                format!("{subscription}/providers/{resource_type}")
            }
            other => match other.strip_prefix("Microsoft.Resources/subscriptions/") {
                Some(word) => format!("{subscription}/{word}"),
                None => match other.strip_prefix("Microsoft.CognitiveServices/accounts/") {
                    Some(word) => format!("{ACCOUNT}/{word}"),
                    None => format!("{GROUP}/providers/{other}"),
                },
            },
        };
        let (whole, pages) = walk(&bench, "admin", &path).await;
        assert_eq!(pages, 1, "{template}");
        let joint = if path.contains('?') { '&' } else { '?' };
        let (single, pages) = walk(&bench, "admin", &format!("{path}{joint}$top=1")).await;
        assert_eq!((&single, pages), (&whole, whole.len().max(1)), "{template}");
        several += usize::from(whole.len() > 1);
    }
    assert!(several > 10, "too few lists have anything to page: {several}");
}

#[tokio::test]
async fn a_next_link_keeps_the_filter_and_the_size() {
    let bench = Bench::with_account().await;
    for _ in 0..5 {
        let scope = account("acct1");
        bench.grant("alice", role(), &scope).await;
    }
    let path = format!(
        "{}&$top=2&stray=1%262",
        assignments_at(ACCOUNT, &format!("principalId eq '{}'", crate::support::id_of("alice")))
    );
    let first = bench.get("admin", &path).await;
    assert_eq!(first.names().len(), 2);
    let next = first.body["nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("{URL}{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments?")), "{next}");
    assert!(next.contains("$top=2") && next.contains("stray=1%262") && next.contains("api-version="), "{next}");
    let (ids, pages) = walk(&bench, "admin", &path).await;
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), pages), (5, 5, 3));
}

/// A different built-in role each time, so that the same principal can have it at the same scope.
fn role() -> Uuid {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let assignable = rbac::built_in().iter().map(|role| role.id);
    assignable.into_iter().nth(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap()
}

#[tokio::test]
async fn writers_between_two_pages_neither_repeat_nor_hide_what_stays() {
    let bench = Bench::with_account().await;
    for at in 0..8 {
        bench.put("admin", &format!("{ACCOUNT}/deployments/m{at}"), deployment()).await;
    }
    let mut uri = format!("{ACCOUNT}/deployments?api-version=1&$top=2");
    let (mut seen, mut round) = (Vec::new(), 0);
    loop {
        let page = bench.send_raw("admin", "GET", &uri, &[], Bytes::new()).await;
        seen.extend(page.names());
        let Some(next) = page.body["nextLink"].as_str() else { break };
        uri = next.strip_prefix(URL).unwrap().to_owned();
        // One in front of the page, one that was shown goes.
        bench.put("admin", &format!("{ACCOUNT}/deployments/a{round}"), deployment()).await;
        bench.delete("admin", &format!("{ACCOUNT}/deployments/{}", seen[0])).await;
        round += 1;
    }
    assert_eq!(seen, (0..8).map(|at| format!("m{at}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_shows_only_what_its_reader_may_read() {
    let bench = Bench::with_account().await;
    for name in ["acct0", "acct2", "acct3"] {
        bench.put("admin", &account(name), foundry()).await;
    }
    for name in ["acct0", "acct3"] {
        bench.grant("alice", READER, &account(name)).await;
    }
    let list = format!("{GROUP}/providers/Microsoft.CognitiveServices/accounts?$top=1");
    assert_eq!(walk(&bench, "alice", &list).await, (vec![account("acct0"), account("acct3")], 2));
    // The token of somebody else's page opens nothing.
    let next = bench.get("admin", &list).await.body["nextLink"].as_str().unwrap().strip_prefix(URL).unwrap().to_owned();
    assert_eq!(bench.send_raw("alice", "GET", &next, &[], Bytes::new()).await.names(), ["acct3"]);
    assert_eq!(bench.send_raw("bob", "GET", &next, &[], Bytes::new()).await.status, 403);
}

#[tokio::test]
async fn a_size_or_token_that_is_none_is_refused() {
    let bench = Bench::with_account().await;
    for query in ["$top=0", "$top=x", "$skipToken=%25"] {
        let refused = bench.get("admin", &format!("{ACCOUNT}/deployments?{query}")).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidParameter"), "{query}");
    }
}
