//! Exact URLs, and headers of our own.

use bytes::Bytes;
use egress::{EgressError, HeaderError, Outgoing, OwnHeaders, Refused, Secret, SecretHeader};
use http::{HeaderMap, HeaderValue, Method};

use crate::mock::{Act, Mock, json, nobody};
use crate::way::way;

const ADDRESS: &str = "https://gateway.example";

#[tokio::test]
async fn an_exact_url_keeps_its_slash_and_its_query() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    for (url, expected) in
        [("", "/"), ("/v1", "/v1"), ("/o/token/", "/o/token/"), ("/v1/models?a=%20b&c", "/v1/models?a=%20b&c")]
    {
        mock.will(json(200, "{}"));
        let target = egress.exact_target(&format!("{}{url}", mock.url)).unwrap();
        egress.send(Outgoing::get(target)).await.unwrap();
        assert_eq!(mock.seen().pop().unwrap().target, expected);
    }
}

#[test]
fn an_odd_or_unlisted_exact_url_is_not_taken() {
    let egress = way(&[]);
    for url in ["/a/../b", "/a%2fb", "/a?b#c", "/a?b c", "/a#b", "//a"] {
        let refused = egress.exact_target(&format!("{ADDRESS}{url}"));
        assert!(matches!(refused, Err(Refused::Form(_))), "{url}: {refused:?}");
    }
    assert!(matches!(egress.exact_target("http://gateway.example/a?b"), Err(Refused::NotListed { .. })));
}

#[test]
fn a_target_tells_its_host() {
    let host = |url: &str| way(&[]).target(url).unwrap().host();
    assert_eq!(host("https://gateway.example:8443/v1"), "gateway.example:8443");
    assert_eq!(host("https://Gateway.example:443"), "gateway.example");
}

#[tokio::test]
async fn own_headers_stand_above_the_callers_and_below_the_credential() {
    let mock = Mock::plain().await;
    mock.will(json(200, "{}"));
    let egress = way(&[&mock.url]);
    let caller = HeaderMap::from_iter([(
        http::header::HeaderName::from_static("traceparent"),
        HeaderValue::from_static("theirs"),
    )]);
    let mut own = OwnHeaders::default();
    for (name, value) in [("X-Tier", "gold"), ("traceparent", "ours"), ("x-key", "not the key")] {
        own.put(name, value).unwrap();
    }
    let secret = Secret::new("the-key".to_owned());
    let key = SecretHeader::formatted("X-Key", "Token {api_key}!", &secret).unwrap();
    let outgoing = Outgoing::get(egress.target(&mock.url).unwrap()).forwarding(&caller).with_own(&own);
    egress.send(outgoing.authorized_by(Some(key))).await.unwrap();
    let seen = mock.seen().remove(0).headers;
    assert_eq!(
        (&seen["x-tier"], &seen["traceparent"], &seen["x-key"]),
        (&"gold".parse().unwrap(), &"ours".parse().unwrap(), &"Token the-key!".parse().unwrap())
    );
}

#[test]
fn an_own_header_does_not_steer_the_message() {
    let mut own = OwnHeaders::default();
    for name in ["host", "Content-Length", "transfer-encoding", "accept", "accept-encoding", "cookie", "a b", ""] {
        assert_eq!(own.put(name, "x"), Err(HeaderError::Name { name: name.to_owned() }));
    }
    assert_eq!(own.put("x-a", "a\r\nb: c"), Err(HeaderError::Value { name: "x-a".to_owned() }));
}

#[tokio::test]
async fn whether_a_target_can_be_reached_is_told_without_a_request() {
    let mock = Mock::plain().await;
    let (_held, closed) = nobody();
    let egress = way(&[&mock.url, &closed]);
    egress.reach(&egress.target(&mock.url).unwrap()).await.unwrap();
    let error = egress.reach(&egress.target(&closed).unwrap()).await.unwrap_err();
    assert!(matches!(error, EgressError::Unreachable { .. }), "{error}");
    assert!(mock.seen().is_empty());
}

#[tokio::test]
async fn a_path_on_the_wire_goes_further_down_and_never_up() {
    let mock = Mock::plain().await;
    let egress = way(&[&mock.url]);
    let base = egress.target(&format!("{}/v1", mock.url)).unwrap();
    for (path, query, expected) in [
        ("/a%2Fb/c:d", "x=1,2&y=%20", "/v1/a%2Fb/c:d?x=1,2&y=%20"),
        ("/a/", "", "/v1/a/"),
        ("/a.b/...", "", "/v1/a.b/..."),
    ] {
        mock.will(json(200, "{}"));
        let outgoing = Outgoing::asking(Method::DELETE, base.further(path, query).unwrap(), None);
        egress.send(outgoing).await.unwrap();
        let seen = mock.seen().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("DELETE", expected));
    }
    for (path, query) in [
        ("/..", ""),
        ("/a/%2e%2E/b", ""),
        ("/./a", ""),
        ("//a", ""),
        ("a", ""),
        ("/a b", ""),
        ("/a?b", ""),
        ("/a", "b#c"),
    ] {
        assert!(matches!(base.further(path, query), Err(Refused::Form(_))), "{path} {query}");
    }
}

#[test]
fn targets_share_an_origin_by_scheme_host_and_port() {
    let egress = way(&["http://gateway.example"]);
    let target = |url: &str| egress.target(url).unwrap();
    let base = target(ADDRESS);
    assert!(base.shares_origin(&target("https://GATEWAY.example:443/v1")));
    for other in ["http://gateway.example", "https://gateway.example:8443", "https://other.example"] {
        assert!(!base.shares_origin(&target(other)), "{other}");
    }
}

#[tokio::test]
async fn a_session_is_told_to_who_asked_and_to_no_client() {
    let mock = Mock::plain().await;
    mock.will(Act::Answer(200, vec![("mcp-session-id", "s-1".to_owned())], Bytes::new()));
    let egress = way(&[&mock.url]);
    let answer = egress.send(Outgoing::get(egress.target(&mock.url).unwrap())).await.unwrap();
    assert_eq!(answer.session(), Some("s-1"));
    assert!(answer.headers().is_empty());
}
