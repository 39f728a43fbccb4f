//! `--listen-plain`: inference and projects without TLS, for programs of the own machine, under the same decisions.

use std::net::TcpListener;

use access::Plane;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::coverage::guarded;
use super::hosts::key;
use super::house::House;
use super::running::{Running, refused, said};

const ACCOUNT: &str = "contoso-customer-service";
const MODELS: &str = "/accounts/contoso-customer-service/openai/v1/models";

/// A server with a plain port, and that port.
fn start(dir: &std::path::Path) -> (Running, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let plain = format!("127.0.0.1:{port}");
    (Running::start(dir, &["--demo", "contoso", "--listen-plain", &plain], &[]), port)
}

async fn get(port: u16, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::get(path).header("host", format!("127.0.0.1:{port}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap().into_parts();
    (head.status, serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or(Value::Null))
}

/// What an answer says, without the ids that each has of its own.
fn plainly(answer: &(StatusCode, Value)) -> (StatusCode, Value) {
    let said = answer.1.pointer("/error/message").or_else(|| answer.1.get("message")).unwrap_or(&answer.1);
    let mut said = said.clone();
    // What was made has a name and a time of its own.
    for own in ["id", "created_at"] {
        said.as_object_mut().and_then(|members| members.remove(own));
    }
    (answer.0, said)
}

#[test]
fn an_address_that_others_reach_is_refused_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let said = refused(&data, "127.0.0.1:0", &["--demo", "contoso", "--listen-plain", address]);
        assert!(said.contains("--listen-plain") && said.contains("127.0.0.1:8080"), "{said}");
    }
    let said = refused(&data, "127.0.0.1:0", &["--demo", "contoso", "--listen-plain", "nonsense"]);
    assert!(said.contains("`nonsense`"), "{said}");
    assert!(!data.exists());
}

#[test]
fn an_address_in_use_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refused(&dir.path().join("d"), "127.0.0.1:0", &["--demo", "contoso", "--listen-plain", &address]);
    assert!(said.contains(&address), "{said}");
}

#[tokio::test]
async fn it_leads_to_inference_under_the_same_keys_and_the_same_journal() {
    let dir = tempfile::tempdir().unwrap();
    let (running, port) = start(dir.path());
    let key = key(&running).await;
    for headers in [&[("api-key", key.as_str())][..], &[("api-key", "wrong")], &[]] {
        let plain = get(port, MODELS, headers).await;
        let tls = running.client.send(Method::GET, MODELS, headers, "").await.unwrap();
        assert_eq!(plainly(&plain), plainly(&tls));
        let is_right = headers.first().is_some_and(|(_, value)| *value == key);
        assert_eq!(plain.0 == StatusCode::OK, is_right, "{}", plain.1);
    }
    // What is sent there for the control plane, sign-in, discovery and the directory finds nothing, whoever asks.
    let token = format!("Bearer {}", running.client.arm_token(&running.env).await);
    let tenant = &running.env["CUPOLA_TENANT_ID"];
    for path in [
        "/subscriptions?api-version=2022-12-01",
        "/metadata/endpoints?api-version=2022-09-01",
        "/v1.0/me",
        "/openapi.json",
        "/nonsense",
        &format!("/{tenant}/v2.0/.well-known/openid-configuration"),
        &format!("/{tenant}/oauth2/v2.0/authorize"),
    ] {
        for headers in [&[][..], &[("authorization", token.as_str())]] {
            let (status, body) = get(port, path, headers).await;
            assert_eq!(
                (status, &body["error"]["code"]),
                (StatusCode::NOT_FOUND, &Value::from("404")),
                "{path}: {body}"
            );
        }
    }
    assert!(running.terminate().success());
    let records: Vec<Value> = said(&["audit", "tail", "--data-dir", dir.path().to_str().unwrap()])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|record: &Value| record["route"] == "/accounts/{account}/openai/v1/models")
        .collect();
    let served = records.iter().filter(|record| record["outcome"] == "allowed");
    assert_eq!(served.count(), 2, "{records:?}");
}

#[tokio::test]
async fn no_route_of_another_plane_is_there() {
    let house = House::demo().await;
    let principal = house.principal().await;
    let nothing = house.send_plain("GET", "/nonsense", None, "").await;
    assert_eq!(nothing.0, StatusCode::NOT_FOUND);
    let mut tried = 0;
    for case in guarded(&house).into_iter().filter(|case| !is_of_data(case.info.plane)) {
        let token = house.token(principal, case.audience);
        for who in [None, Some(token.as_str())] {
            let (status, body) = house.send_plain(case.verb(), &case.path, who, "{}").await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{}: {body}", case.name());
            assert!(case.verb() == "HEAD" || body == nothing.1, "{}: {body}", case.name());
        }
        tried += 1;
    }
    for (info, _) in house.app.routes().into_iter().filter(|(info, _)| info.plane == Plane::Protocol) {
        let path = info.template.replace(['{', '}'], "");
        assert_eq!(house.send_plain(info.verb.as_str(), &path, None, "").await, nothing, "{path}");
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
}

#[tokio::test]
async fn every_route_of_the_data_plane_decides_as_on_the_other_port() {
    let house = House::demo().await;
    let powerless = house.principal().await;
    let mighty = house.principal().await;
    let everything = serde_json::json!({"actions": [], "notActions": [], "dataActions": ["*"], "notDataActions": []});
    house.grant_custom_role(mighty, everything).await;
    let mut refusals = 0;
    for case in guarded(&house).into_iter().filter(|case| is_of_data(case.info.plane)) {
        assert!(case.path.contains(ACCOUNT), "{}", case.name());
        let tokens = [powerless, mighty].map(|principal| house.token(principal, case.audience));
        for who in [None, Some("nonsense"), Some(tokens[0].as_str()), Some(tokens[1].as_str())] {
            let plain = house.send_plain(case.verb(), &case.path, who, "{}").await;
            let other = house.send(case.verb(), &case.path, who, "{}").await;
            assert_eq!(plainly(&plain), plainly(&other), "{}", case.name());
            refusals += usize::from(plain.0 == StatusCode::UNAUTHORIZED);
        }
    }
    // Three of the four are refused everywhere.
    assert!(refusals > 0 && refusals % 3 == 0, "{refusals}");
}

fn is_of_data(plane: Plane) -> bool {
    matches!(plane, Plane::Inference | Plane::Project)
}
