//! What crosses the border, each way.

use bytes::Bytes;
use egress::{Outgoing, Secret, SecretHeader};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::mock::{Act, Mock};
use crate::way::way;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[tokio::test]
async fn nothing_of_the_callers_leaves_but_the_short_list() {
    let mock = Mock::plain().await;
    mock.will(crate::mock::json(200, "{}"));
    let egress = way(&[&mock.url]);
    let caller = headers(&[
        ("authorization", "Bearer callers-token"),
        ("api-key", "callers-key"),
        ("x-api-key", "callers-key"),
        ("cookie", "session=1"),
        ("host", "evil.example"),
        ("forwarded", "for=1.2.3.4"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-host", "evil.example"),
        ("x-real-ip", "1.2.3.4"),
        ("x-original-url", "/admin"),
        ("x-http-method-override", "DELETE"),
        ("connection", "keep-alive, traceparent"),
        ("traceparent", "00-1-2-01"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("proxy-authorization", "Basic x"),
        ("content-length", "9999"),
        ("content-encoding", "gzip"),
        ("accept-encoding", "gzip"),
        ("user-agent", "callers"),
        ("openai-organization", "org-1"),
        ("openai-project", "proj-1"),
        ("x-unknown", "1"),
        ("openai-beta", "assistants=v2"),
        ("x-ms-client-request-id", "id-1"),
    ]);
    let target = egress.target(&mock.url).unwrap();
    let secret = Secret::new("our-own-secret".to_owned());
    let outgoing = Outgoing::post(target, "application/json", Bytes::from_static(b"{\"a\":1}"))
        .forwarding(&caller)
        .authorized_by(Some(SecretHeader::bearer(&secret).unwrap()));
    egress.send(outgoing).await.unwrap();
    let seen = mock.seen().remove(0);
    let mut names: Vec<&str> = seen.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "openai-beta",
        "user-agent",
        "x-ms-client-request-id",
    ];
    assert_eq!(names, expected);
    assert_eq!(seen.headers["authorization"], "Bearer our-own-secret");
    assert_eq!(seen.headers["accept-encoding"], "identity");
    assert_eq!(seen.headers["content-length"], "7");
    assert_eq!(seen.headers["host"], mock.url.strip_prefix("http://").unwrap());
    assert!(seen.headers["user-agent"].to_str().unwrap().starts_with("cupola/"));
}

#[tokio::test]
async fn nothing_of_the_providers_comes_back_but_the_short_list() {
    let mock = Mock::plain().await;
    let told = [
        ("content-type", "application/json"),
        ("set-cookie", "a=b"),
        ("server", "nginx/1.2.3"),
        ("x-request-id", "theirs"),
        ("apim-request-id", "theirs"),
        ("openai-organization", "org-secret"),
        ("x-powered-by", "x"),
        ("via", "1.1 theirs"),
        ("location", "http://169.254.169.254"),
        ("strict-transport-security", "max-age=1"),
        ("www-authenticate", "Basic"),
        ("x-envoy-upstream-service-time", "3"),
        ("alt-svc", "h3=\":443\""),
        ("retry-after", "7"),
        ("retry-after-ms", "7000"),
        ("x-ratelimit-remaining-tokens", "12"),
    ];
    mock.will(Act::Answer(
        429,
        told.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        Bytes::from_static(b"{}"),
    ));
    let answer = crate::way::get(&way(&[&mock.url]), &mock.url).await.unwrap();
    let mut names: Vec<&str> = answer.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens"]);
    assert_eq!(answer.media_type(), "application/json");
}

#[test]
fn a_credential_is_not_put_where_it_would_steer_the_message() {
    let secret = Secret::new("our-own-secret".to_owned());
    for name in
        ["host", "Connection", "transfer-encoding", "content-length", "cookie", "x-forwarded-for", "te", "a b", ""]
    {
        assert!(SecretHeader::named(name, &secret).is_err(), "{name}");
    }
    for name in ["api-key", "X-API-Key", "ocp-apim-subscription-key", "authorization"] {
        assert!(SecretHeader::named(name, &secret).is_ok(), "{name}");
    }
    assert!(SecretHeader::named("api-key", &Secret::new("a\r\nb: c".to_owned())).is_err());
}
