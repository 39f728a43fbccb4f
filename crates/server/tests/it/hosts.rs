//! Accounts on hosts of their own, over TLS; and requests that name two hosts at once.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::running::Running;

const ACCOUNT: &str = "contoso-customer-service";
const MODELS: &str = "/openai/v1/models";

/// A connection to `host`, whose certificate is verified for that name.
async fn connect(running: &Running, host: &str, protocol: &[u8]) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", running.client.port())).await.unwrap();
    let tls = TlsConnector::from(Arc::new(running.client.config(&[protocol])));
    tls.connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await.unwrap()
}

/// GET on HTTP/1.1 by Host header.
async fn get(running: &Running, host: &str, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let stream = connect(running, host, b"http/1.1").await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::get(path).header("host", format!("{host}:{}", running.client.port()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap().into_parts();
    (head.status, serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or(Value::Null))
}

/// GET on HTTP/2; `authority` stands in the URI, `host` in a header beside it.
async fn get_h2(running: &Running, authority: &str, host: Option<&str>, path: &str, key: &str) -> StatusCode {
    let stream = connect(running, "localhost", b"h2").await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::get(format!("https://{authority}{path}")).header("api-key", key);
    if let Some(host) = host {
        request = request.header("host", host);
    }
    sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap().status()
}

/// What a request, sent byte for byte, is answered with.
async fn raw(running: &Running, head: &str) -> String {
    let mut stream = connect(running, "localhost", b"http/1.1").await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = vec![0; 4096];
    let read = stream.read(&mut said).await.unwrap();
    String::from_utf8_lossy(&said[..read]).lines().next().unwrap_or_default().to_owned()
}

/// A key of [`ACCOUNT`].
pub(super) async fn key(running: &Running) -> String {
    let token = running.client.arm_token(&running.env).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let list = format!(
        "/subscriptions/{}/resources?api-version=1&$filter=name%20eq%20'{ACCOUNT}'",
        running.env["CUPOLA_SUBSCRIPTION_ID"]
    );
    let (_, found) = running.client.send(Method::GET, &list, &headers, "").await.unwrap();
    let id = found["value"][0]["id"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
    let (status, keys) =
        running.client.send(Method::POST, &format!("{id}/listKeys?api-version=1"), &headers, "").await.unwrap();
    assert_eq!(status, StatusCode::OK, "{keys}");
    keys["key1"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_answers_on_its_own_hosts_as_on_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), &["--demo", "contoso"], &[("CUPOLA_DOMAIN", "corp.example")]);
    let key = key(&running).await;
    let headers = [("api-key", key.as_str())];
    let (status, by_path) = get(&running, "localhost", &format!("/accounts/{ACCOUNT}{MODELS}"), &headers).await;
    assert_eq!(status, StatusCode::OK, "{by_path}");
    for family in ["openai", "services.ai", "cognitiveservices"] {
        let host = format!("{ACCOUNT}.{family}.corp.example");
        assert_eq!(get(&running, &host, MODELS, &headers).await, (StatusCode::OK, by_path.clone()), "{host}");
        assert_eq!(get(&running, &host, MODELS, &[("api-key", "wrong")]).await.0, StatusCode::UNAUTHORIZED, "{host}");
        let unknown = format!("nobody.{family}.corp.example");
        for headers in [&[][..], &headers[..]] {
            assert_eq!(get(&running, &unknown, MODELS, headers).await.0, StatusCode::NOT_FOUND, "{unknown}");
        }
        // The control plane and sign-in stay on the public URL.
        for path in ["/subscriptions?api-version=1", "/metadata/endpoints?api-version=1", "/v1.0/me"] {
            assert_eq!(get(&running, &host, path, &[]).await.0, StatusCode::NOT_FOUND, "{host}{path}");
        }
    }
    let project = format!("{ACCOUNT}.services.ai.corp.example");
    let (status, refused) = get(&running, &project, "/api/projects/support-assistant/openai/v1/models", &headers).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "a key is none for a project: {refused}");
    let authority = format!("{ACCOUNT}.openai.corp.example:{}", running.client.port());
    assert_eq!(get_h2(&running, &authority, None, MODELS, &key).await, StatusCode::OK);
    assert_eq!(get_h2(&running, "nobody.openai.corp.example", None, MODELS, &key).await, StatusCode::NOT_FOUND);
    // A key opens its own account's host alone.
    assert_eq!(get_h2(&running, "contoso-engineering.openai.corp.example", None, MODELS, &key).await.as_u16() / 100, 4);
}

#[tokio::test]
async fn without_a_domain_a_host_names_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let head = format!("GET {MODELS} HTTP/1.1\r\nhost: {ACCOUNT}.openai.corp.example\r\n\r\n");
    assert!(raw(&running, &head).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_request_that_names_two_hosts_is_refused_on_both_protocols() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), &["--demo", "contoso"], &[("CUPOLA_DOMAIN", "corp.example")]);
    let path = "/metadata/endpoints?api-version=1";
    assert_eq!(get_h2(&running, "localhost", None, path, "-").await, StatusCode::OK);
    assert_eq!(get_h2(&running, "localhost", Some("localhost"), path, "-").await, StatusCode::OK);
    for host in ["evil.example", "acct.openai.corp.example"] {
        assert_eq!(get_h2(&running, "localhost", Some(host), path, "-").await, StatusCode::BAD_REQUEST, "{host}");
        assert_eq!(get_h2(&running, host, Some("localhost"), path, "-").await, StatusCode::BAD_REQUEST, "{host}");
        let two = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nhost: {host}\r\n\r\n");
        assert!(raw(&running, &two).await.starts_with("HTTP/1.1 400"), "{host}");
    }
    for target in ["https://localhost", "https://evil.example", "http://localhost"] {
        let absolute = format!("GET {target}{path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        assert!(raw(&running, &absolute).await.starts_with("HTTP/1.1 400"), "{target}");
    }
    assert!(
        raw(&running, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await.starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn head_has_no_body_on_http2_either() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let stream = connect(&running, "localhost", b"h2").await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for (path, status) in
        [("/metadata/endpoints?api-version=1", 200), ("/nonsense", 404), ("/subscriptions?api-version=1", 401)]
    {
        let request = Request::head(format!("https://localhost{path}")).body(Empty::<Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert!(response.headers()["content-length"].to_str().unwrap().parse::<u64>().unwrap() > 0, "{path}");
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty(), "{path}");
    }
}
