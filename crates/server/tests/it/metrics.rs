//! `--metrics-listen`: what a scrape reads, and that it is what the journal says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use store::journal::{Journal, Record, TailItem};

use super::running::{Running, refused};

/// What the provider answers to everything.
fn completion() -> String {
    json!({
        "id": "c-1", "object": "chat.completion", "created": 1, "model": "there-1",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hello" }, "finish_reason": "stop" }],
        "usage": {
            "prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": { "cached_tokens": 40 },
            "completion_tokens_details": { "reasoning_tokens": 20 },
        },
    })
    .to_string()
}

/// A provider on a free port, for as long as the test runs.
fn provider() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer(stream.unwrap()));
        }
    });
    port
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some((_, value)) = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let body = completion();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    (&stream).write_all((head + &body).as_bytes()).unwrap();
}

/// A configuration whose chat model runs at the provider.
fn config(dir: &Path, port: u16) -> String {
    let catalog = format!(
        "[[upstream]]\nname = \"there\"\nkind = \"openai\"\nbase_url = \"http://127.0.0.1:{port}/v1\"\n
         [[model]]\nname = \"chatty\"\nversion = \"1\"\nformat = \"OpenAI\"\nruns = {{ upstream = {{ name = \"there\", model = \"there-1\" }} }}\n
         [[model]]\nname = \"vectors\"\nversion = \"1\"\nformat = \"OpenAI\"\ncapability = \"embeddings\"\nruns = {{ upstream = {{ name = \"there\", model = \"there-2\" }} }}\n"
    );
    let (models, config) = (dir.join("models.toml"), dir.join("cupola.toml"));
    std::fs::write(&models, catalog).unwrap();
    let egress = format!("[egress]\nallowed_targets = [\"http://127.0.0.1:{port}\"]\n");
    std::fs::write(&config, format!("model_catalog = {models:?}\n{egress}")).unwrap();
    config.to_str().unwrap().to_owned()
}

/// An address that was free a moment ago.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// One request as it is written: the status line with its head, and the body.
fn raw(address: &str, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

/// The values of the samples that begin so and have these labels, summed.
fn sum(text: &str, name: &str, labels: &[&str]) -> u64 {
    let samples = text.lines().filter(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

fn journal(dir: &Path) -> Vec<Record> {
    let mut tail = Journal::tail(dir).unwrap();
    let mut records = Vec::new();
    loop {
        let items = tail.read().unwrap();
        if items.is_empty() {
            return records;
        }
        records.extend(items.iter().map(|item| match item {
            TailItem::Record(json) => serde_json::from_str::<Record>(json).unwrap(),
            TailItem::Damaged { .. } => panic!("{item:?}"),
        }));
    }
}

/// A key of the demo's shown account.
async fn key(running: &Running) -> String {
    let bearer = format!("Bearer {}", running.client.arm_token(&running.env).await);
    let path = format!(
        "/subscriptions/{}/providers/Microsoft.CognitiveServices/accounts?api-version=2024-10-01",
        running.env["CUPOLA_SUBSCRIPTION_ID"]
    );
    let headers = [("authorization", bearer.as_str())];
    let (_, accounts) = running.client.send(Method::GET, &path, &headers, "").await.unwrap();
    let endpoint = &running.env["CUPOLA_OPENAI_ENDPOINT"];
    let mut accounts = accounts["value"].as_array().unwrap().iter();
    let account = accounts.find(|account| endpoint.contains(&format!("/{}/", account["name"].as_str().unwrap())));
    let path = format!("{}/listKeys?api-version=2024-10-01", account.unwrap()["id"].as_str().unwrap());
    let (status, keys) = running.client.send(Method::POST, &path, &headers, "").await.unwrap();
    assert_eq!(status, StatusCode::OK, "{keys}");
    keys["key1"].as_str().unwrap().to_owned()
}

async fn chat(running: &Running, key: &str) -> (StatusCode, Value) {
    let endpoint = &running.env["CUPOLA_OPENAI_ENDPOINT"];
    let path = format!("{}/chat/completions", endpoint.strip_prefix(&running.url).unwrap().trim_end_matches('/'));
    let headers = [("api-key", key), ("content-type", "application/json")];
    let body = json!({ "model": "chat", "messages": [{ "role": "user", "content": "Hello" }], "max_tokens": 9 });
    running.client.send(Method::POST, &path, &headers, &body.to_string()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_scraped_is_what_the_journal_says() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    let (config, address) = (config(dir.path(), provider()), free_address());
    let running = Running::start(&data, &["--demo", "contoso", "--config", &config, "--metrics-listen", &address], &[]);
    let key = key(&running).await;
    for _ in 0..3 {
        let (status, body) = chat(&running, &key).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    assert_eq!(chat(&running, "not-a-key").await.0, StatusCode::UNAUTHORIZED);
    let (head, text) = raw(&address, "GET /metrics");
    assert!(head.starts_with("http/1.1 200") && head.contains("application/openmetrics-text"), "{head}");
    let records = journal(&data);
    for outcome in ["allowed", "refused", "unauthenticated"] {
        let of_outcome = records.iter().filter(|record| record.outcome == outcome);
        let expected: u64 = of_outcome.map(|record| record.sampled_of.unwrap_or(1)).sum();
        let label = format!("outcome=\"{outcome}\"");
        assert_eq!(sum(&text, "cupola_requests_total{", &[&label]), expected, "{outcome}: {text}");
    }
    let of_model = ["gen_ai_request_model=\"chatty\"", "gen_ai_provider_name=\"openai\"", "/chat\""];
    for (kind, each, of) in [
        ("input", 100, (|record| record.prompt_tokens) as fn(&Record) -> Option<u64>),
        ("cached_input", 40, |record| record.cached_input_tokens),
        ("output", 50, |record| record.completion_tokens),
        ("reasoning", 20, |record| record.reasoning_tokens),
    ] {
        let kind = format!("gen_ai_token_type=\"{kind}\"");
        let labels = [&of_model[..], &[&kind]].concat();
        let journalled: u64 = records.iter().filter_map(of).sum();
        let counted = sum(&text, "gen_ai_client_token_usage_total{", &labels);
        assert_eq!((counted, journalled), (3 * each, 3 * each), "{kind}: {text}");
    }
    assert_eq!(sum(&text, "gen_ai_server_request_duration_seconds_count", &[]), 3, "{text}");
    for secret in [&key, &running.env["CUPOLA_ADMIN_CLIENT_ID"], "Hello"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(running.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_answers_nothing_but_a_scrape() {
    let dir = tempfile::tempdir().unwrap();
    let address = free_address();
    let running = Running::start(dir.path(), &["--demo", "contoso", "--metrics-listen", &address], &[]);
    for path in ["/", "/metrics/", "/Metrics", "/openai/v1/models", "/subscriptions?api-version=2022-12-01"] {
        let (head, body) = raw(&address, &format!("GET {path}"));
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
        assert!(body.contains("GET /metrics"), "{path}: {body}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let (head, _) = raw(&address, &format!("{method} /metrics"));
        assert!(head.starts_with("http/1.1 405") && head.contains("allow: get"), "{method}: {head}");
    }
    let (status, _) = running.client.send(Method::GET, "/metrics", &[], "").await.unwrap();
    assert_eq!(status, StatusCode::NOT_FOUND, "the one port does not tell");
    assert!(running.terminate().success());
}

#[test]
fn the_demo_tells_its_numbers_to_the_own_machine_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    let said = refused(&data, "127.0.0.1:0", &["--demo", "contoso", "--metrics-listen", "0.0.0.0:0"]);
    assert!(said.contains("loopback") && said.contains("--metrics-listen"), "{said}");
    assert!(!data.exists());
}
