//! What real clients send besides the plain form: HEAD, odd spelling, stray names, races.

use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Bench, GROUP, READER, SUBSCRIPTION, account, deployment, foundry};

#[tokio::test]
async fn head_is_answered_on_every_item_without_a_body() {
    let bench = Bench::with_account().await;
    let (project, model) = (format!("{ACCOUNT}/projects/p1"), format!("{ACCOUNT}/deployments/d"));
    bench.put("admin", &project, json!({ "location": "local", "properties": {} })).await;
    bench.put("admin", &model, deployment()).await;
    let grant = bench.grant("alice", READER, GROUP).await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let provider = format!("{subscription}/providers/Microsoft.CognitiveServices");
    let role = format!("/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    let items = [
        (GROUP, 204),
        (ACCOUNT, 200),
        (&project, 200),
        (&model, 200),
        (&grant, 200),
        (&subscription, 200),
        (&provider, 200),
        (&role, 200),
    ];
    for (path, status) in items {
        let head = bench.send("admin", "HEAD", path, &[], None).await;
        assert_eq!((head.status, &head.body), (status, &Value::Null), "{path}");
        let gone = bench.send("admin", "HEAD", &format!("{path}x"), &[], None).await;
        assert_eq!((gone.status, &gone.body), (404, &Value::Null), "{path}");
        assert_eq!(bench.send("", "HEAD", path, &[], None).await.status, 401, "{path}");
    }
    // The head is the one that GET has.
    let (head, get) = (bench.send("admin", "HEAD", ACCOUNT, &[], None).await, bench.get("admin", ACCOUNT).await);
    assert_eq!((head.etag.clone(), head.header_of("content-type")), (get.etag.clone(), get.header_of("content-type")));
    assert_eq!(head.headers["content-length"].to_str().unwrap(), get.body.to_string().len().to_string());
    assert_eq!(bench.send("bob", "HEAD", ACCOUNT, &[], None).await.status, 403);
}

#[tokio::test]
async fn any_spelling_of_a_path_makes_and_finds_the_one_resource() {
    let bench = Bench::with_account().await;
    let odd = "/SUBSCRIPTIONS/11111111-1111-1111-1111-111111111111/resourcegroups/RG1/PROVIDERS/microsoft.cognitiveservices//ACCOUNTS/Acct9/";
    let made = bench.put("admin", odd, foundry()).await;
    assert_eq!((made.status, &made.body["id"]), (201, &json!(account("Acct9"))), "{made:?}");
    assert_eq!(made.body["type"], "Microsoft.CognitiveServices/accounts");
    for path in [account("ACCT9"), account("acct9").to_uppercase(), account("acct9").to_lowercase(), odd.to_owned()] {
        let found = bench.get("admin", &path).await;
        assert_eq!((found.status, &found.body["id"]), (200, &json!(account("Acct9"))), "{path}");
    }
    let again = bench.put("admin", &account("aCCT9"), foundry()).await;
    assert_eq!((again.status, &again.body["id"]), (200, &json!(account("Acct9"))));
    // A decision is about the resource, however it is spelt.
    bench.grant("alice", READER, &account("acct9").to_lowercase()).await;
    assert_eq!(bench.get("alice", odd).await.status, 200);
    assert_eq!(bench.get("bob", odd).await.status, 403);
}

#[tokio::test]
async fn stray_query_parameters_are_ignored() {
    let bench = Bench::with_account().await;
    for query in
        ["disambiguation_dummy=", "disambiguation_dummy", "x=1&x=2&api-version=9", "&&=&", "$expand=createdTime"]
    {
        let answer = bench.get("admin", &format!("{ACCOUNT}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn a_number_may_be_text_or_have_a_fraction_of_zero() {
    let bench = Bench::with_account().await;
    for (at, capacity) in [json!(7), json!("7"), json!(7.0), json!(" 7 "), json!("7.0")].into_iter().enumerate() {
        let mut body = deployment();
        body["sku"]["capacity"] = capacity.clone();
        let made = bench.put("admin", &format!("{ACCOUNT}/deployments/d{at}"), body).await;
        assert_eq!((made.status, &made.body["sku"]["capacity"]), (201, &json!(7)), "{capacity}");
    }
    for capacity in [json!(7.5), json!("7.5"), json!("seven"), json!(-7), json!("7."), json!([7])] {
        let mut body = deployment();
        body["sku"]["capacity"] = capacity.clone();
        assert_eq!(bench.put("admin", &format!("{ACCOUNT}/deployments/no"), body).await.status, 400, "{capacity}");
    }
}

/// How many at once; fewer than a test's patience, more than luck.
const RACERS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writers_with_one_etag_exactly_one_wins() {
    let bench = Bench::with_account().await;
    let etag = bench.get("admin", ACCOUNT).await.etag.unwrap();
    let demand = [("if-match", etag.as_str())];
    let write = |at: usize| {
        bench.send("admin", "PATCH", ACCOUNT, &demand, Some(json!({ "tags": { "winner": at.to_string() } })))
    };
    let answers = join_all((0..RACERS).map(write)).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 412).count(), RACERS - 1);
    let stored = bench.get("admin", ACCOUNT).await;
    assert_eq!((&stored.body["tags"], &stored.etag), (&won[0].body["tags"], &won[0].etag));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_makers_exactly_one_makes() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}/deployments/only");
    let make = |_| bench.send("admin", "PUT", &path, &[("if-none-match", "*")], Some(deployment()));
    let mut statuses: Vec<u16> =
        join_all((0..RACERS).map(make)).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[412; RACERS - 1][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_remover_and_writers_with_one_etag_exactly_one_wins() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}/deployments/d");
    let etag = bench.put("admin", &path, deployment()).await.etag.unwrap();
    let demand = [("if-match", etag.as_str())];
    let send = |at: usize| match at % 2 {
        0 => bench.send("admin", "DELETE", &path, &demand, None),
        _ => bench.send("admin", "PUT", &path, &demand, Some(deployment())),
    };
    let statuses: Vec<u16> = join_all((0..RACERS).map(send)).await.into_iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
}

#[tokio::test]
async fn a_body_that_names_another_resource_is_refused() {
    let bench = Bench::with_account().await;
    let whole = bench.get("admin", ACCOUNT).await.body;
    for (name, other) in
        [("id", account("acct2")), ("name", "acct2".to_owned()), ("type", "Microsoft.Search/searchServices".to_owned())]
    {
        let mut body = whole.clone();
        body[name] = json!(other);
        let refused = bench.put("admin", ACCOUNT, body).await;
        assert_eq!((refused.status, refused.code()), (400, "MismatchingResourceName"), "{name}");
    }
    assert_eq!(bench.put("admin", ACCOUNT, whole).await.status, 200);
}

#[tokio::test]
async fn headers_that_name_another_path_or_verb_are_ignored() {
    let bench = Bench::with_account().await;
    let hidden = account("acct1");
    let headers = [
        ("x-original-url", hidden.as_str()),
        ("x-rewrite-url", hidden.as_str()),
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-forwarded-host", "acct1.openai.corp.example"),
    ];
    // Who may see nothing of it sees nothing of it by another name, and the verb is the one of the request line.
    let listed = bench.send("bob", "GET", "/subscriptions", &headers, None).await;
    assert_eq!((listed.status, &listed.body["value"]), (200, &json!([])));
    assert_eq!(bench.send("admin", "GET", ACCOUNT, &headers, None).await.status, 200);
    assert_eq!(bench.send("admin", "POST", &format!("{ACCOUNT}/listKeys"), &headers, None).await.status, 200);
    assert_eq!(bench.get("admin", ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn a_path_that_two_readers_could_read_differently_is_refused_before_anything_else() {
    let bench = Bench::with_account().await;
    for (path, status) in [
        (format!("{ACCOUNT}%2Fprojects"), 400),
        (format!("{ACCOUNT}/../acct1"), 400),
        (format!("{ACCOUNT}/%2e"), 400),
        (format!("{ACCOUNT};x=y"), 400),
        (format!("{ACCOUNT}%3Fx"), 400),
        (format!("{ACCOUNT}%23x"), 400),
        (format!("{ACCOUNT}%00"), 400),
        (format!("{ACCOUNT}%0d%0a"), 400),
        (format!("{GROUP}/providers/Microsoft.CognitiveServices/accounts/acct%E2%84%AA"), 400),
        (format!("/subscriptions/{}", "a".repeat(2049 - "/subscriptions/".len())), 414),
        (format!("/{}", vec!["a"; 40].join("/")), 414),
        (format!("{ACCOUNT}/projects/p1/more"), 404),
    ] {
        let refused = bench.send_raw("admin", "GET", &format!("{path}?api-version=1"), &[], Bytes::new()).await;
        assert_eq!(refused.status, status, "{path}: {refused:?}");
        assert!(!refused.code().is_empty() || path.starts_with("/a"), "{path}: {refused:?}");
    }
    let absolute = format!("https://localhost:8443{ACCOUNT}?api-version=1");
    assert_eq!(bench.send_raw("admin", "GET", &absolute, &[], Bytes::new()).await.status, 400);
}

#[tokio::test]
async fn a_scope_is_no_prefix_of_a_longer_name() {
    let bench = Bench::with_account().await;
    bench.put("admin", &format!("{GROUP}0"), json!({ "location": "local" })).await;
    bench.grant("alice", READER, GROUP).await;
    assert_eq!(bench.get("alice", GROUP).await.status, 200);
    assert_eq!(bench.get("alice", &format!("{GROUP}0")).await.status, 403);
}
