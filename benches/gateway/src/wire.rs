//! Reading HTTP/1.1 messages with as little work as can be: what load and mock cost is not to be what limits a measurement.

use anyhow::{Context, Result, ensure};
use memchr::{memchr_iter, memmem};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A socket, with or without TLS.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// One side of a connection that is kept. It has one buffer, which grows to the largest message and stays.
pub(crate) struct Wire {
    stream: Box<dyn Duplex>,
    buffer: Vec<u8>,
    /// Up to where the buffer is read, and filled.
    at: usize,
    filled: usize,
    rest: Rest,
}

/// What is left of a body.
enum Rest {
    Nothing,
    Bytes(usize),
    Chunks,
}

/// Room for a head and a middling body, so that one read takes a whole message.
const BUFFER_BYTES: usize = 16 * 1024;
const HEAD_END: &[u8] = b"\r\n\r\n";

impl Wire {
    pub(crate) fn new(stream: Box<dyn Duplex>) -> Wire {
        Wire { stream, buffer: vec![0; BUFFER_BYTES], at: 0, filled: 0, rest: Rest::Nothing }
    }

    /// Writes bytes, all of them.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        // TLS holds bytes back until then; a socket does nothing.
        Ok(self.stream.flush().await?)
    }

    /// The head of the next message, its empty line included; none where the other side has ended the connection.
    pub(crate) async fn head(&mut self) -> Result<Option<&[u8]>> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        let end = loop {
            if let Some(at) = memmem::find(&self.buffer[..self.filled], HEAD_END) {
                break at + HEAD_END.len();
            }
            if !self.read().await? {
                ensure!(self.filled == 0, "the connection was closed within a head");
                return Ok(None);
            }
        };
        self.at = end;
        let head = &self.buffer[..end];
        self.rest = match (field(head, "transfer-encoding"), field(head, "content-length")) {
            (Some(_), _) => Rest::Chunks,
            (None, Some(length)) => Rest::Bytes(number(length, 10)?),
            (None, None) => Rest::Nothing,
        };
        Ok(Some(head))
    }

    /// The next piece of the body: a chunk, or all of it where its length was said. None at its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<&[u8]>> {
        let length = match self.rest {
            Rest::Nothing => return Ok(None),
            Rest::Bytes(length) => {
                self.rest = Rest::Nothing;
                length
            }
            Rest::Chunks => self.chunk_length().await?,
        };
        let start = self.at;
        let is_chunk = matches!(self.rest, Rest::Chunks);
        // A chunk, also the last, ends with an empty line.
        self.fill(start + length + if is_chunk { 2 } else { 0 }).await?;
        self.at = start + length + if is_chunk { 2 } else { 0 };
        if is_chunk && length == 0 {
            self.rest = Rest::Nothing;
            return Ok(None);
        }
        Ok(Some(&self.buffer[start..start + length]))
    }

    async fn chunk_length(&mut self) -> Result<usize> {
        loop {
            if let Some(end) = memmem::find(&self.buffer[self.at..self.filled], b"\r\n") {
                let length = number(&self.buffer[self.at..self.at + end], 16)?;
                self.at += end + 2;
                return Ok(length);
            }
            ensure!(self.read().await?, "the connection was closed between two chunks");
        }
    }

    async fn fill(&mut self, end: usize) -> Result<()> {
        while self.filled < end {
            ensure!(self.read().await?, "the connection was closed within a body");
        }
        Ok(())
    }

    /// Reads more; whether there was more.
    async fn read(&mut self) -> Result<bool> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        self.filled += read;
        Ok(read > 0)
    }
}

/// The value of a field of a head.
fn field<'h>(head: &'h [u8], name: &str) -> Option<&'h [u8]> {
    memchr_iter(b'\n', head).find_map(|line_feed| {
        let line = head.get(line_feed + 1..)?;
        let (key, rest) = line.split_at_checked(name.len())?;
        let value = rest.strip_prefix(b":").filter(|_| key.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(value[..memmem::find(value, b"\r\n")?].trim_ascii())
    })
}

fn number(digits: &[u8], radix: u32) -> Result<usize> {
    let text = std::str::from_utf8(digits)?;
    usize::from_str_radix(text, radix).with_context(|| format!("`{text}` is not a length"))
}
