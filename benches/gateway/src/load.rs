//! The load: so many connections, each asking again as soon as it is answered, and each answer looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use memchr::memmem;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::answer::{Answer, Connection};
use crate::mock;
use crate::process::cpu_time;

/// Where a request goes, and what it says.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<TlsConnector>,
    pub(crate) path: String,
    /// What the model is called there.
    pub(crate) model: &'static str,
    /// Empty where none is asked for.
    pub(crate) token: String,
    /// Whole lines.
    pub(crate) more_headers: String,
}

/// How long a load lasts.
#[derive(Clone)]
pub(crate) enum Until {
    /// So long from when all connections are open.
    Passed(Duration),
    /// Until so many requests were sent, by all connections together.
    Sent(u64),
}

/// The same, once it has begun.
#[derive(Clone)]
enum End {
    At(Instant),
    Left(Arc<AtomicU64>),
}

/// What a run saw. Times are microseconds.
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
    pub(crate) per_second: f64,
    pub(crate) whole: Histogram<u64>,
    pub(crate) first_token: Histogram<u64>,
    pub(crate) gap: Histogram<u64>,
    /// Processor time of the processes in the middle, if they were watched.
    pub(crate) cpu: Option<Duration>,
}

impl Target {
    /// A place without TLS that has the mock's route and its names.
    pub(crate) fn bare(address: SocketAddr) -> Target {
        Target {
            address,
            tls: None,
            path: "/v1/chat/completions".to_owned(),
            model: mock::MODEL,
            token: String::new(),
            more_headers: String::new(),
        }
    }

    /// One connection.
    pub(crate) async fn connect(&self) -> Result<Connection> {
        let stream = TcpStream::connect(self.address).await.with_context(|| self.address.to_string())?;
        stream.set_nodelay(true)?;
        Ok(Connection::new(match &self.tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.connect(ServerName::try_from("localhost")?, stream).await?),
        }))
    }

    /// About 500 bytes of body, as a short question with a system prompt has.
    pub(crate) fn request(&self, is_stream: bool) -> Vec<u8> {
        let stream = if is_stream { r#""stream":true,"stream_options":{"include_usage":true},"# } else { "" };
        let model = self.model;
        let system = "You answer questions about geography for a travel agency. Be brief and exact, name your units, and say \
                      when you do not know. Never speak about prices, politics or other agencies; point to the desk instead.";
        let question = "What is the capital of Germany, on which river does it lie, and how many people live there?";
        let body = format!(
            r#"{{"model":"{model}",{stream}"messages":[{{"role":"system","content":"{system}"}},{{"role":"user","content":"{question}"}}],"max_tokens":128,"temperature":0.2}}"#
        );
        self.raw("POST", &self.path, "application/json", &body)
    }

    /// The bytes of any request.
    pub(crate) fn raw(&self, verb: &str, path: &str, kind: &str, body: &str) -> Vec<u8> {
        let authorization = match self.token.as_str() {
            "" => String::new(),
            token => format!("authorization: Bearer {token}\r\n"),
        };
        format!(
            "{verb} {path} HTTP/1.1\r\nhost: localhost:{}\r\n{authorization}{}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address.port(),
            self.more_headers,
            body.len()
        )
        .into_bytes()
    }
}

/// Loads `target` for a while; `watched` is the process whose processor time counts, with its descendants'.
pub(crate) async fn run(
    target: &Target,
    connections: usize,
    is_stream: bool,
    until: Until,
    watched: Option<u32>,
) -> Result<Seen> {
    let opening: Vec<_> = (0..connections).map(|_| tokio::spawn(open(target.clone()))).collect();
    let mut open = Vec::new();
    for one in opening {
        open.push(one.await??);
    }
    let request: Arc<[u8]> = target.request(is_stream).into();
    let cpu_before = watched.map(cpu_time).transpose()?;
    let started = Instant::now();
    let end = until.begin(started);
    let asking = open.into_iter().map(|connection| ask(connection, Arc::clone(&request), is_stream, end.clone()));
    let running: Vec<_> = asking.map(tokio::spawn).collect();
    let mut seen = Seen::new()?;
    for one in running {
        seen.add(&one.await??)?;
    }
    let elapsed = started.elapsed();
    let cpu_after = watched.map(cpu_time).transpose()?;
    seen.per_second = seen.requests as f64 / elapsed.as_secs_f64();
    seen.cpu = cpu_before.zip(cpu_after).map(|(before, after)| after.saturating_sub(before));
    Ok(seen)
}

/// A connection that was used once: that opens the one behind as well, and is not counted.
async fn open(target: Target) -> Result<Connection> {
    let mut connection = target.connect().await?;
    check(&connection.exchange(&target.request(false)).await?, false)?;
    Ok(connection)
}

async fn ask(mut connection: Connection, request: Arc<[u8]>, is_stream: bool, end: End) -> Result<Seen> {
    let mut seen = Seen::new()?;
    while !end.is_over() {
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        check(&answer, is_stream)?;
        seen.note(sent, &answer)?;
    }
    Ok(seen)
}

/// A wrong answer is fast for no reason that counts.
fn check(answer: &Answer<'_>, is_stream: bool) -> Result<()> {
    let is_whole = match is_stream {
        false => memmem::find(answer.body, mock::TEXT.as_bytes()).is_some(),
        true => answer.tokens.len() == mock::TOKENS && memmem::rfind(answer.body, b"data: [DONE]").is_some(),
    };
    ensure!(answer.status == 200 && is_whole, "a wrong answer, {}: {}", answer.status, answer.text());
    Ok(())
}

impl Until {
    fn begin(&self, now: Instant) -> End {
        match self {
            Until::Passed(time) => End::At(now + *time),
            Until::Sent(count) => End::Left(Arc::new(AtomicU64::new(*count))),
        }
    }
}

impl End {
    fn is_over(&self) -> bool {
        match self {
            End::At(end) => Instant::now() >= *end,
            End::Left(left) => {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
            }
        }
    }
}

impl Seen {
    fn new() -> Result<Seen> {
        // Up to a minute, three digits.
        let histogram = || Histogram::new_with_bounds(1, 60_000_000, 3);
        Ok(Seen {
            requests: 0,
            tokens: 0,
            per_second: 0.0,
            whole: histogram()?,
            first_token: histogram()?,
            gap: histogram()?,
            cpu: None,
        })
    }

    fn note(&mut self, sent: Instant, answer: &Answer<'_>) -> Result<()> {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        self.requests += 1;
        self.tokens += answer.tokens.len() as u64;
        self.whole.record(micros(sent.elapsed()))?;
        if let Some(first) = answer.tokens.first() {
            self.first_token.record(micros(first.duration_since(sent)))?;
        }
        for pair in answer.tokens.windows(2) {
            self.gap.record(micros(pair[1].duration_since(pair[0])))?;
        }
        Ok(())
    }

    fn add(&mut self, other: &Seen) -> Result<()> {
        self.requests += other.requests;
        self.tokens += other.tokens;
        self.whole.add(&other.whole)?;
        self.first_token.add(&other.first_token)?;
        self.gap.add(&other.gap)?;
        Ok(())
    }

    /// Processor microseconds for each of `count`.
    pub(crate) fn cpu_us(&self, count: u64) -> Option<f64> {
        self.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count.max(1) as f64)
    }
}
