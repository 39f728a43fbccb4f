//! Callers and providers that mean harm, or look as if they did.

use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::far::{CHAT, Far, PROVIDER_KEY, question};
use super::kinds::{Kind, Speaks};
use crate::house::KEY;
use crate::mock::{Act, json as answer};

const GOOD: &str = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";

#[tokio::test]
async fn no_header_of_the_callers_steers_or_follows_the_request() {
    for (kind, path, speaks) in [
        (Kind::OpenAi, "openai/v1/chat/completions", Speaks::Chat),
        (Kind::Azure, "openai/v1/chat/completions", Speaks::Chat),
        (Kind::Anthropic, "anthropic/v1/messages", Speaks::Messages),
    ] {
        let far = kind.house().await;
        speaks.will(&far, false);
        let headers = [
            ("connection", "x-api-key, x-canary"),
            ("x-canary", "canary"),
            ("api-key", KEY),
            ("x-api-key", KEY),
            ("proxy-authorization", "Basic canary"),
            ("cookie", "session=canary"),
            ("te", "trailers"),
            ("trailer", "x-canary"),
            ("upgrade", "canary"),
            ("keep-alive", "timeout=canary"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-host", "canary.example"),
            ("forwarded", "host=canary.example"),
            ("x-original-url", "/canary"),
            ("x-http-method-override", "DELETE"),
            ("accept-encoding", "gzip"),
            ("expect", "100-continue"),
        ];
        let body =
            json!({"model": "far", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}).to_string();
        let path = format!("/accounts/contoso-hr/{path}");
        assert_eq!(far.house.send_with("POST", &path, KEY, &headers, &body).await.status(), 200, "{kind:?}");
        let seen = far.mock.seen().remove(0);
        speaks.accept(kind, &seen);
        let all = format!("{:?}", seen.headers);
        for theirs in ["canary", KEY, "203.0.113.7", "gzip", "DELETE"] {
            assert!(!all.contains(theirs), "{kind:?}: `{theirs}` in {all}");
        }
        // These three are written here, with values of our own.
        let ours = ["api-key", "x-api-key", "accept-encoding"];
        for name in headers.iter().map(|(name, _)| *name).filter(|name| !ours.contains(name)) {
            assert!(!seen.headers.contains_key(name), "{kind:?}: {name}");
        }
    }
}

#[tokio::test]
async fn json_that_two_readers_could_read_differently_or_never_finish_is_refused_unsent() {
    let far = Far::open_ai().await;
    let many: Vec<String> = (0..1_000_000).map(|number| format!("\"{number}\":0")).collect();
    for (story, body) in [
        ("nesting", format!("{{\"model\":\"far\",\"messages\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))),
        ("names", format!("{{\"model\":\"far\",\"messages\":[],{}}}", many.join(","))),
        ("names below", format!("{{\"model\":\"far\",\"messages\":[],\"metadata\":{{{}}}}}", many.join(","))),
        ("number", "{\"model\":\"far\",\"messages\":[],\"temperature\":1e999}".to_owned()),
        ("surrogate", "{\"model\":\"far\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}".to_owned()),
        ("twice", "{\"model\":\"far\",\"messages\":[],\"model\":\"chat\"}".to_owned()),
        ("twice, escaped", "{\"model\":\"far\",\"messages\":[],\"\\u006dodel\":\"chat\"}".to_owned()),
        ("trailing", "{\"model\":\"far\",\"messages\":[]} {}".to_owned()),
        ("no end", "{\"model\":\"far\",\"messages\":[".to_owned()),
        ("text", "\"far\"".to_owned()),
        ("nothing", String::new()),
        ("compressed", "\u{1f}\u{8b}\u{8}".to_owned()),
    ] {
        for path in ["openai/v1/chat/completions", "openai/v1/responses", "anthropic/v1/messages"] {
            let answer = far.house.send("POST", &format!("/accounts/contoso-hr/{path}"), KEY, &body).await;
            assert_eq!(answer.status(), 400, "{story} at {path}");
            let text = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(
                serde_json::from_slice::<Value>(&text).unwrap()["error"]["message"].is_string(),
                "{story} at {path}"
            );
        }
    }
    assert!(far.mock.seen().is_empty());
}

#[tokio::test]
async fn line_ends_in_a_deployments_name_break_no_line() {
    let far = Far::open_ai().await;
    for name in ["far\r\nx-injected: 1", "far\n", "far\0", "far%0d%0a"] {
        let body = json!({"model": name, "messages": []}).to_string();
        let (status, headers, _) = far.ask(&body).await;
        assert_eq!(status.as_u16(), 404, "{name:?}");
        assert!(!headers.contains_key("x-injected"));
    }
    for name in ["far%0d%0ax-injected:1", "far%0a", "far%00"] {
        let path = format!("/accounts/contoso-hr/openai/deployments/{name}/chat/completions?api-version=2024-10-21");
        let answer = far.house.send("POST", &path, KEY, "{\"messages\":[]}").await;
        assert_eq!(answer.status(), 400, "{name}");
        assert!(!answer.headers().contains_key("x-injected"));
    }
    assert!(far.mock.seen().is_empty());
    assert!(far.house.records().iter().all(|record| record.is_object()), "each record is one line");
}

#[tokio::test]
async fn what_a_provider_says_of_itself_stays_here() {
    let far = Far::open_ai().await;
    let theirs = [
        ("content-type", "application/json"),
        ("set-cookie", "canary=1"),
        ("server", "canary"),
        ("x-powered-by", "canary"),
        ("x-request-id", "canary"),
        ("cf-ray", "canary"),
        ("x-internal-host", "canary.internal"),
        ("location", "http://canary"),
        ("www-authenticate", "canary"),
        ("access-control-allow-origin", "canary"),
        ("strict-transport-security", "max-age=0; canary"),
        ("alt-svc", "h3=\"canary\""),
        ("connection", "x-canary"),
    ];
    let theirs = theirs.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    far.mock.will(Act::Answer(200, theirs, Bytes::from(GOOD)));
    let (status, headers, _) = far.ask(&question(false)).await;
    assert_eq!(status.as_u16(), 200);
    assert!(!format!("{headers:?}").contains("canary"), "{headers:?}");
    assert!(headers.contains_key("x-request-id"), "ours");
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked_here() {
    let far = Far::open_ai().await;
    for coding in ["gzip", "br", "zstd", "deflate", "gzip, br"] {
        let headers = vec![("content-type", "application/json".to_owned()), ("content-encoding", coding.to_owned())];
        far.mock.will(Act::Answer(200, headers, Bytes::from(GOOD)));
        let (status, headers, text) = far.ask(&question(false)).await;
        assert_eq!(status.as_u16(), 502, "{coding}");
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["error"]["code"], "UpstreamFailed");
        assert!(!headers.contains_key("content-encoding"));
    }
}

#[tokio::test]
async fn a_redirect_to_the_machines_own_secrets_is_not_followed_with_any_status() {
    let far = Far::open_ai().await;
    for status in [301, 302, 303, 307, 308] {
        let headers = vec![("location", format!("{}/stolen", far.mock.url))];
        far.mock.will(Act::Answer(status, headers, Bytes::new()));
        far.mock.will(answer(200, GOOD));
        let asked = far.mock.seen().len();
        let (got, headers, _) = far.ask(&question(false)).await;
        assert_eq!((got.as_u16(), headers.get("location")), (502, None), "{status}");
        assert_eq!(far.mock.seen().len(), asked + 1, "{status}");
        // The next act is for the next round's redirect, which nobody followed.
        assert_eq!(far.ask(&question(false)).await.0.as_u16(), 200);
    }
    assert!(far.mock.seen().iter().all(|seen| seen.target == "/v1/chat/completions"));
}

#[tokio::test]
async fn fields_that_would_move_the_request_elsewhere_move_nothing() {
    for field in ["api_base", "base_url", "api_key", "organization", "upstream", "custom_llm_provider", "extra_headers"]
    {
        let far = Kind::Anthropic.house().await;
        let mut body = json!({"model": "far", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]});
        body[field] = json!("http://169.254.169.254/");
        let (status, _, told) = far.house.ask("POST", CHAT, &body).await;
        assert_eq!(
            (status.as_u16(), told["error"]["param"].as_str()),
            (400, Some(field)),
            "said again: no word for it"
        );
        // In the provider's own protocol the field goes along for the provider to refuse, to the operator's address.
        Speaks::Messages.will(&far, false);
        far.house.ask("POST", "/accounts/contoso-hr/anthropic/v1/messages", &body).await;
        let seen = far.mock.seen();
        let [seen] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!(seen.headers["host"], far.mock.url.strip_prefix("http://").unwrap());
        assert_eq!(
            (seen.target.as_str(), &seen.headers["x-api-key"]),
            ("/v1/messages", &PROVIDER_KEY.parse().unwrap())
        );
    }
}
