//! Reading an HTTP/1.1 answer with as little work as can be: what the load costs is not to be what limits it.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A connection that is kept.
pub(crate) struct Connection {
    stream: Box<dyn Duplex>,
    buffer: Vec<u8>,
    filled: usize,
}

/// A socket, with or without TLS.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// What came back.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// When each piece of the body came.
    pub(crate) pieces: Vec<Instant>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Room for a head and a middling body; it grows.
const BUFFER_BYTES: usize = 16 * 1024;

impl Connection {
    pub(crate) fn new(stream: Box<dyn Duplex>) -> Connection {
        Connection { stream, buffer: vec![0; BUFFER_BYTES], filled: 0 }
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.filled = 0;
        let head_end = loop {
            self.read().await?;
            if let Some(at) = find(&self.buffer[..self.filled], b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?.to_ascii_lowercase();
        let status = head.get(9..12).and_then(|text| text.parse().ok()).context("no status")?;
        let mut answer = Answer { status, pieces: Vec::new(), body: Vec::new() };
        if head.contains("\r\ntransfer-encoding: chunked") {
            self.read_chunks(head_end, &mut answer).await?;
        } else {
            let length = head.split("\r\ncontent-length:").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.map_or(Ok(0), |text| text.trim().parse())?;
            self.fill(head_end + length).await?;
            answer.pieces.push(Instant::now());
            answer.body.extend_from_slice(&self.buffer[head_end..head_end + length]);
        }
        Ok(answer)
    }

    async fn read_chunks(&mut self, mut at: usize, answer: &mut Answer) -> Result<()> {
        loop {
            let line_end = loop {
                match find(&self.buffer[at..self.filled], b"\r\n") {
                    Some(offset) => break at + offset,
                    None => self.read().await?,
                }
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[at..line_end])?, 16)?;
            let data = line_end + 2;
            self.fill(data + size + 2).await?;
            at = data + size + 2;
            if size == 0 {
                return Ok(());
            }
            answer.pieces.push(Instant::now());
            answer.body.extend_from_slice(&self.buffer[data..data + size]);
        }
    }

    async fn fill(&mut self, end: usize) -> Result<()> {
        while self.filled < end {
            self.read().await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        ensure!(read > 0, "the connection was closed");
        self.filled += read;
        Ok(())
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
