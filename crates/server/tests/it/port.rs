//! The port: protocols, limits, and what a stop does to requests under way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;

use super::client::Client;
use super::running::Running;

#[tokio::test]
async fn http_2_is_spoken_to_who_asks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let stream = running.client.connect(&[b"h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let uri = format!("{}/metadata/endpoints?api-version=2022-09-01", running.url);
    let request = Request::get(uri).body(Empty::<Bytes>::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused_and_the_server_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let long = "x".repeat(300 * 1024);
    let path = "/metadata/endpoints?api-version=2022-09-01";
    let refused = running.client.send(Method::GET, path, &[("x-long", &long)], "").await;
    assert!(!matches!(refused, Ok((StatusCode::OK, _))), "{refused:?}");
    let (status, _) = running.client.send(Method::GET, path, &[], "").await.unwrap();
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_head_of_more_than_a_hundred_fields_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let names: Vec<String> = (0..101).map(|number| format!("x-field-{number}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let path = "/metadata/endpoints?api-version=2022-09-01";
    let (status, _) = running.client.send(Method::GET, path, &fields, "").await.unwrap();
    assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let few = fields.get(..60).unwrap();
    let (status, _) = running.client.send(Method::GET, path, few, "").await.unwrap();
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn who_speaks_no_tls_is_cut_and_the_server_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let mut plain = TcpStream::connect(("127.0.0.1", running.client.port())).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&said));
    let path = "/metadata/endpoints?api-version=2022-09-01";
    assert_eq!(running.client.send(Method::GET, path, &[], "").await.unwrap().0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_when_the_server_stops() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let token = running.client.arm_token(&running.env).await;
    let path = format!("/subscriptions/{}/resourceGroups/last?api-version=1", running.env["CUPOLA_SUBSCRIPTION_ID"]);
    let body = r#"{"location": "westeurope"}"#;
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: localhost:{}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        running.client.port(),
        body.len()
    );
    let mut stream = blocking(&running.client);
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body, so it has begun with the request.
    let mut said = [0_u8; 1024];
    let read = stream.read(&mut said).unwrap();
    assert!(said[..read].starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&said[..read]));
    let stopped = thread::spawn(move || running.terminate());
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(stopped.join().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_ask_for_nothing_do_not_hold_up_a_stop() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::demo(dir.path());
    let _no_handshake = TcpStream::connect(("127.0.0.1", running.client.port())).unwrap();
    let _no_request = running.client.connect(&[b"http/1.1"]).await.unwrap();
    let _no_stream = running.client.connect(&[b"h2"]).await.unwrap();
    let (status, said) = running.terminate_and_listen();
    assert_eq!(status.code(), Some(0));
    // What is not cut has ended by itself, before the drain's limit.
    assert!(!said.contains("were cut"), "{said}");
}

/// A TLS connection without a runtime, whose reads and writes are one after the other.
fn blocking(client: &Client) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    let tcp = TcpStream::connect(("127.0.0.1", client.port())).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = rustls::ClientConnection::new(Arc::new(client.config(&[b"http/1.1"])), name).unwrap();
    rustls::StreamOwned::new(tls, tcp)
}
