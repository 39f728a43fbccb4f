//! A provider that answers at once: one fixed completion, or a stream of fixed events. Its answers are rendered beforehand and
//! written over bare sockets; what it is asked it checks, so that no proxy is fast by sending something else.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::wire::Wire;

/// Events of a stream: an answer of middling length.
pub(crate) const EVENTS: usize = 64;
/// Tokens in it: the last event has none.
pub(crate) const TOKENS: usize = EVENTS - 1;
/// The time between two events: 200 tokens a second.
const EVENT_EVERY: Duration = Duration::from_millis(5);
/// What tells a token in the stream.
pub(crate) const WORD: &str = r#""content":" word""#;
/// What an answer that is no stream says.
pub(crate) const TEXT: &str = "Berlin is the capital of Germany. It lies on the Spree";
/// What it is called in the catalogs.
pub(crate) const MODEL: &str = "mock-model";

/// About 660 bytes, as a short answer has.
const COMPLETION: &str = r#"{"id":"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45","object":"chat.completion","created":1760000000,"model":"mock-model","choices":[{"index":0,"message":{"role":"assistant","content":"Berlin is the capital of Germany. It lies on the Spree, has about 3.7 million inhabitants, and has been the seat of parliament and of the federal government since 1999.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":92,"completion_tokens":38,"total_tokens":130,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_50cad350e4"}"#;
const DELTA: &str = "data: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
const LAST: &str = "data: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[],\"usage\":{\"prompt_tokens\":92,\"completion_tokens\":63,\"total_tokens\":155}}\n\ndata: [DONE]\n\n";

/// The answers, as they go over the wire.
struct Answers {
    whole: Vec<u8>,
    /// The head with the first event, an event, and the last with the end.
    first: Vec<u8>,
    next: Vec<u8>,
    last: Vec<u8>,
}

/// What a request asks for.
#[derive(Deserialize)]
struct Wish<'a> {
    model: &'a str,
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
    #[serde(default)]
    stream: bool,
}

/// A message that a provider would take.
#[derive(Deserialize)]
struct Message<'a> {
    role: &'a str,
    #[serde(rename = "content")]
    _content: IgnoredAny,
}

/// Serves on a loopback port until it is killed.
pub(crate) async fn serve(port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let answers = Arc::new(Answers::render());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            // The other side going away ends a connection; there is nobody to tell.
            let _ = converse(stream, &answers).await;
        });
    }
}

async fn converse(stream: TcpStream, answers: &Answers) -> Result<()> {
    let mut wire = Wire::new(Box::new(stream));
    let mut body = Vec::new();
    while let Some(head) = wire.head().await? {
        let at_route = route(head);
        body.clear();
        while let Some(piece) = wire.piece().await? {
            body.extend_from_slice(piece);
        }
        match at_route.and_then(|()| wish(&body)) {
            Ok(true) => stream_events(&mut wire, answers).await?,
            Ok(false) => wire.write(&answers.whole).await?,
            Err(error) => wire.write(&refusal(&error)).await?,
        }
    }
    Ok(())
}

/// Whether it is a chat completion that is asked for, with a body.
fn route(head: &[u8]) -> Result<()> {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    ensure!(line == b"POST /v1/chat/completions HTTP/1.1", "`{}` is not served", String::from_utf8_lossy(line));
    Ok(())
}

/// Whether a stream is asked for.
fn wish(body: &[u8]) -> Result<bool> {
    let wish: Wish<'_> = serde_json::from_slice(body).context("no chat completion is asked for")?;
    ensure!(wish.model == MODEL, "there is no model `{}`", wish.model);
    match wish.messages.as_slice() {
        [system, user] if system.role == "system" && user.role == "user" => Ok(wish.stream),
        others => bail!("{} messages, expected the load's two", others.len()),
    }
}

fn refusal(error: &anyhow::Error) -> Vec<u8> {
    let body = serde_json::json!({"error": {"message": format!("{error:#}"), "type": "invalid_request_error"}});
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The first event at once, then one at each tick; one that is late does not move the next.
async fn stream_events(wire: &mut Wire, answers: &Answers) -> Result<()> {
    let mut due = Instant::now();
    wire.write(&answers.first).await?;
    for sent in 1..EVENTS {
        due += EVENT_EVERY;
        sleep_until(due).await;
        wire.write(if sent + 1 == EVENTS { &answers.last } else { &answers.next }).await?;
    }
    Ok(())
}

impl Answers {
    fn render() -> Answers {
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}\r\n\r\n");
        let length = format!("content-type: application/json\r\ncontent-length: {}", COMPLETION.len());
        let events = head("content-type: text/event-stream\r\ntransfer-encoding: chunked");
        Answers {
            whole: (head(&length) + COMPLETION).into_bytes(),
            first: (events + &chunk(DELTA)).into_bytes(),
            next: chunk(DELTA).into_bytes(),
            last: (chunk(LAST) + "0\r\n\r\n").into_bytes(),
        }
    }
}
