//! The load: so many connections, each asking again as soon as it is answered.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::answer::{Answer, Connection};
use crate::process::cpu_time;

/// Where a request goes, and its bytes.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<TlsConnector>,
    pub(crate) path: String,
    pub(crate) token: String,
}

/// What a run saw. Times are microseconds.
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
    pub(crate) per_second: f64,
    pub(crate) whole: Histogram<u64>,
    pub(crate) first_piece: Histogram<u64>,
    pub(crate) gap: Histogram<u64>,
    /// Processor time of the process in the middle, if it was watched.
    pub(crate) cpu: Option<Duration>,
}

impl Target {
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
        let system = "You answer questions about geography for a travel agency. Be brief and exact, name your units, and say \
                      when you do not know. Never speak about prices, politics or other agencies; point to the desk instead.";
        let question = "What is the capital of Germany, on which river does it lie, and how many people live there?";
        let body = format!(
            r#"{{"model":"mock",{stream}"messages":[{{"role":"system","content":"{system}"}},{{"role":"user","content":"{question}"}}],"max_tokens":128,"temperature":0.2}}"#
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
            "{verb} {path} HTTP/1.1\r\nhost: localhost:{}\r\n{authorization}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address.port(),
            body.len()
        )
        .into_bytes()
    }
}

/// Loads `target` for a while; `watched` is the process whose processor time counts.
pub(crate) async fn run(
    target: &Target,
    connections: usize,
    is_stream: bool,
    time: Duration,
    watched: Option<u32>,
) -> Result<Seen> {
    let request = target.request(is_stream);
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut connection = target.connect().await?;
        // The first exchange opens the connection behind as well; it is not counted.
        let answer = connection.exchange(&request).await?;
        ensure!(answer.status == 200, "status {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        open.push(connection);
    }
    let cpu_before = watched.map(cpu_time).transpose()?;
    let started = Instant::now();
    let loops = open.into_iter().map(|connection| tokio::spawn(ask(connection, request.clone(), started + time)));
    let mut seen = Seen::new()?;
    for running in loops.collect::<Vec<_>>() {
        seen.add(&running.await??)?;
    }
    let elapsed = started.elapsed();
    let cpu_after = watched.map(cpu_time).transpose()?;
    seen.per_second = seen.requests as f64 / elapsed.as_secs_f64();
    seen.cpu = cpu_before.zip(cpu_after).map(|(before, after)| after.saturating_sub(before));
    Ok(seen)
}

async fn ask(mut connection: Connection, request: Vec<u8>, until: Instant) -> Result<Seen> {
    let mut seen = Seen::new()?;
    while Instant::now() < until {
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        ensure!(answer.status == 200, "status {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        seen.note(sent, &answer)?;
    }
    Ok(seen)
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
            first_piece: histogram()?,
            gap: histogram()?,
            cpu: None,
        })
    }

    fn note(&mut self, sent: Instant, answer: &Answer) -> Result<()> {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        self.requests += 1;
        self.tokens += answer.pieces.len() as u64;
        self.whole.record(micros(sent.elapsed()))?;
        if let Some(first) = answer.pieces.first() {
            self.first_piece.record(micros(first.duration_since(sent)))?;
        }
        for pair in answer.pieces.windows(2) {
            self.gap.record(micros(pair[1].duration_since(pair[0])))?;
        }
        Ok(())
    }

    fn add(&mut self, other: &Seen) -> Result<()> {
        self.requests += other.requests;
        self.tokens += other.tokens;
        self.whole.add(&other.whole)?;
        self.first_piece.add(&other.first_piece)?;
        self.gap.add(&other.gap)?;
        Ok(())
    }

    /// Processor microseconds for each of `count`.
    pub(crate) fn cpu_us(&self, count: u64) -> Option<f64> {
        self.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count.max(1) as f64)
    }
}
