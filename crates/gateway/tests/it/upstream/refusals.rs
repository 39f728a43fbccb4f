//! Providers that refuse, break, or must not be asked.

use bytes::Bytes;
use serde_json::{Value, json};

use super::far::{Far, PROVIDER_KEY, open, question, settings};
use crate::mock::{Act, Mock, json as answer, nobody};

#[tokio::test]
async fn the_providers_status_words_and_patience_reach_the_caller() {
    let far = Far::open_ai().await;
    for (turn, status) in [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529].into_iter().enumerate() {
        let body = format!(
            "{{\"error\": {{\"message\":\"no {status}\",\"type\":\"t\",\"param\":null,\"code\":\"c{status}\"}},\"x\": 1 }}"
        );
        let headers = [
            ("content-type", "application/json"),
            ("retry-after", "7"),
            ("retry-after-ms", "6500"),
            ("set-cookie", "a=b"),
            ("server", "nginx"),
            ("x-request-id", "theirs"),
            ("x-ratelimit-remaining-tokens", "0"),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        far.mock.will(Act::Answer(status, headers, Bytes::from(body.clone())));
        let (got, headers, text) = far.ask(&question(turn % 2 == 0)).await;
        assert_eq!((got.as_u16(), text), (status, Bytes::from(body)));
        assert_eq!(
            (&headers["retry-after"], &headers["retry-after-ms"]),
            (&"7".parse().unwrap(), &"6500".parse().unwrap())
        );
        assert_eq!(headers["x-ratelimit-remaining-tokens"], "0");
        assert_eq!(headers["x-cupola-answered-by"], "upstream");
        assert!(
            !headers.contains_key("set-cookie")
                && !headers.contains_key("server")
                && headers["x-request-id"] != "theirs"
        );
        let record = far.house.records_when(turn + 1).await.pop().unwrap();
        assert_eq!((record["status"].as_u64(), record["step"].as_str()), (Some(u64::from(status)), Some("upstream")));
        assert_eq!(record["reason"], format!("the upstream `there` answered {status} (`c{status}`)"));
        assert_eq!((record["finish"].as_str(), record.get("promptTokens")), (Some("error"), None));
    }
}

#[tokio::test]
async fn a_provider_that_repeats_our_key_does_not_show_it_to_the_caller() {
    let far = Far::open_ai().await;
    far.mock.will(answer(
        401,
        &format!(
            "{{\"error\":{{\"message\":\"Incorrect API key provided: {PROVIDER_KEY}.\",\"code\":\"invalid_api_key\"}}}}"
        ),
    ));
    let (status, _, text) = far.ask(&question(false)).await;
    assert_eq!(status.as_u16(), 401);
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["error"]["message"], "Incorrect API key provided: ***.");
    assert!(!far.record().await.to_string().contains(PROVIDER_KEY));
}

#[tokio::test]
async fn a_page_instead_of_an_answer_keeps_its_status_and_not_its_words() {
    let far = Far::open_ai().await;
    for (status, kind, body) in
        [(502, "text/html", "<script>alert(1)</script>"), (503, "application/json", ""), (500, "", "x")]
    {
        far.mock.will(Act::Answer(status, vec![("content-type", kind.to_owned())], Bytes::from(body)));
        let (got, headers, text) = far.ask(&question(false)).await;
        let told: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((got.as_u16(), told["error"]["code"].as_str()), (status, Some(status.to_string().as_str())));
        assert!(headers["content-type"].to_str().unwrap().starts_with("application/json"));
    }
}

#[tokio::test]
async fn what_is_no_answer_of_this_api_is_502() {
    let far = Far::open_ai().await;
    for act in [
        Act::Answer(302, vec![("location", "http://169.254.169.254/".to_owned())], Bytes::new()),
        Act::Answer(204, vec![], Bytes::new()),
        Act::Answer(
            200,
            vec![("content-type", "text/html".to_owned())],
            Bytes::from("<p>Welcome to the guest network"),
        ),
        Act::Answer(
            200,
            vec![("content-type", "application/json".to_owned()), ("content-encoding", "br".to_owned())],
            Bytes::from("x"),
        ),
    ] {
        far.mock.will(act);
        let (status, headers, text) = far.ask(&question(false)).await;
        assert_eq!(status.as_u16(), 502);
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["error"]["code"], "UpstreamFailed");
        assert!(!headers.contains_key("location"));
    }
    assert_eq!(far.mock.seen().len(), 4, "no redirect was followed");
}

#[tokio::test]
async fn a_provider_that_is_gone_is_502_and_its_address_stays_in_the_journal() {
    let mock = Mock::plain().await;
    let (_held, url) = nobody();
    let mut settings = settings(&mock, &[]);
    settings.allowed_targets.push(url.clone());
    let gateway = open(&format!("kind = \"openai\"\nbase_url = \"{url}\""), settings).unwrap();
    let far = Far::around(mock, gateway).await;
    let (status, _, text) = far.ask(&question(true)).await;
    let text = std::str::from_utf8(&text).unwrap();
    assert!(status.as_u16() == 502 && text.contains("UpstreamUnreachable") && !text.contains("127.0.0.1"), "{text}");
    assert!(far.record().await["reason"].as_str().unwrap().contains(&url));
}

#[tokio::test]
async fn an_error_inside_a_whole_200_is_recorded_as_one() {
    let far = Far::open_ai().await;
    far.mock.will(answer(200, "{\"error\":{\"message\":\"m\",\"code\":\"overloaded\"}}"));
    assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    let record = far.record().await;
    assert_eq!((record["finish"].as_str(), record["step"].as_str()), (Some("error"), Some("upstream")));
    assert!(record["reason"].as_str().unwrap().contains("`overloaded`"));
}

#[tokio::test]
async fn what_decides_the_way_is_checked_here_and_the_rest_by_the_provider() {
    let far = Far::open_ai().await;
    for (field, value) in [("stream", json!("yes")), ("stream_options", json!(1)), ("model", json!(7))] {
        let mut body = json!({"model": "far", "messages": []});
        body[field] = value;
        let (status, _, text) = far.ask(&body.to_string()).await;
        assert_eq!(
            (status.as_u16(), serde_json::from_slice::<Value>(&text).unwrap()["error"]["param"].as_str()),
            (400, Some(field))
        );
    }
    assert!(far.mock.seen().is_empty());
    far.mock.will(answer(400, "{\"error\":{\"message\":\"temperature\",\"code\":\"invalid_value\"}}"));
    assert_eq!(far.ask("{\"model\":\"far\",\"messages\":\"odd\",\"temperature\":99}").await.0.as_u16(), 400);
    assert_eq!(far.mock.seen().len(), 1);
}

#[tokio::test]
async fn an_upstream_that_cannot_be_used_stops_the_start_in_one_line_without_its_secret() {
    let mock = Mock::plain().await;
    let variables = [("ODD", "a\u{7f}b"), ("KEY", "sk-0123456789")];
    for (upstream, said) in [
        ("kind = \"openai\"\nbase_url = \"http://localhost:1/v1\"", "egress.allowed_targets"),
        ("kind = \"openai\"\nbase_url = \"https://10.0.0.1\"", "egress.allowed_targets"),
        ("kind = \"openai\"\nbase_url = \"http://169.254.169.254\"", "never"),
        ("kind = \"openai\"\nbase_url = \"file:///etc/passwd\"", "URL"),
        (
            "kind = \"openai\"\nbase_url = \"https://a.example/v1\"\ncredential = { env = \"NOT_SET\" }",
            "`NOT_SET` is not set",
        ),
        (
            "kind = \"openai\"\nbase_url = \"https://a.example/v1\"\ncredential = { env = \"sk-0123456789\" }",
            "never the secret itself",
        ),
        ("kind = \"openai\"\nbase_url = \"https://a.example/v1\"\ncredential = { env = \"ODD\" }", "characters"),
        (
            "kind = \"openai\"\nbase_url = \"https://a.example/v1\"\ncredential = { file = \"/nowhere/key\" }",
            "/nowhere/key",
        ),
        (
            "kind = \"openai\"\nbase_url = \"https://a.example/v1\"\nheader = \"host\"\ncredential = { env = \"KEY\" }",
            "`host`",
        ),
    ] {
        let error = open(upstream, settings(&mock, &variables)).err().unwrap().to_string();
        assert!(error.contains("`there`") && error.contains(said) && !error.contains('\n'), "{upstream}: {error}");
        assert!(!error.contains("sk-0123456789"), "{error}");
    }
}
