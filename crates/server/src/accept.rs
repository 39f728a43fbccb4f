//! The port: accepts connections, speaks TLS and HTTP on them, and lets them finish when the server stops.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use egress::InTurn;
use http::{Request, Response};

use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// Connections at once; beyond it new ones wait in the kernel's queue. Well below the usual limit of open files.
const MAX_CONNECTIONS: usize = 4096;
/// Connections that the kernel holds for us.
const BACKLOG: u32 = 1024;
/// A handshake takes one round trip; who needs longer is not a client.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the head of a request may take, and how long an HTTP/1.1 connection may idle between two.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(75);
/// The head of a request: tokens are large, but not this large.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;
/// Streams that a client may reset before we have looked at them: the brake on rapid reset.
const MAX_PENDING_RESETS: usize = 20;
/// Streams that we may reset for a client's errors before the connection is closed.
const MAX_ERROR_RESETS: usize = 64;
/// A silent HTTP/2 connection is asked whether it lives after this long, and closed when it does not answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Requests under way when the server stops get this long to finish.
const DRAIN_LIMIT: Duration = Duration::from_secs(20);
/// After an accept error (out of file descriptors, mostly) the loop waits a moment instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound port that does not accept yet: what clients read must be complete before they get in.
pub struct Port {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Port {
    /// Takes the address; port 0 takes any free one.
    pub fn bind(listen: SocketAddr) -> Result<Port> {
        let bind = || -> io::Result<Port> {
            let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // A restart must not wait for the kernel to forget the last connections.
            socket.set_reuseaddr(true)?;
            socket.bind(listen)?;
            let address = socket.local_addr()?;
            Ok(Port { socket, address })
        };
        bind().map_err(|error| in_use(listen, &error))
    }

    /// The address as bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts to accept.
    pub fn open(self) -> Result<TcpListener> {
        let address = self.address;
        self.socket.listen(BACKLOG).map_err(|error| in_use(address, &error))
    }
}

fn in_use(address: SocketAddr, error: &io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("`{address}` is in use by another program; stop it or give another address with --listen")
        }
        io::ErrorKind::PermissionDenied => {
            anyhow!("`{address}` needs a privilege; give a port above 1023 with --listen")
        }
        io::ErrorKind::AddrNotAvailable => {
            anyhow!("`{address}` is not an address of this machine; change --listen")
        }
        _ => anyhow!("`{address}` cannot be listened on: {error}"),
    }
}

/// How bytes travel on a port.
#[derive(Clone)]
pub enum Wire {
    /// Encrypted; HTTP/1.1 or HTTP/2 as the handshake agrees.
    Tls(Arc<ServerConfig>),
    /// As they are, HTTP/1.1.
    Plain,
}

/// Serves `handle` on every connection until `stop` resolves, then lets requests under way finish.
pub async fn serve<H, F, B>(listener: TcpListener, wire: Wire, handle: H, stop: impl Future<Output = ()>) -> Result<()>
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let (stopping, told) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let slot = tokio::select! {
            () = &mut stop => break,
            slot = Arc::clone(&slots).acquire_owned() => slot.context("the connection slots were closed")?,
        };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = Connection {
                    stream,
                    peer,
                    wire: wire.clone(),
                    watcher: graceful.watcher(),
                    told: told.clone(),
                    slot,
                };
                tokio::spawn(connection.run(handle.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let _ = stopping.send(true);
    if timeout(DRAIN_LIMIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way after {} s and were cut", DRAIN_LIMIT.as_secs());
    }
    Ok(())
}

/// One accepted connection; its slot is free again when it ends.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    wire: Wire,
    watcher: Watcher,
    /// Becomes true when the server stops.
    told: watch::Receiver<bool>,
    slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn run<H, F, B>(self, handle: H)
    where
        H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        // A streamed token must not wait for the acknowledgement of the one before.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection was gone before it began");
            return;
        }
        let Connection { stream, peer, wire, watcher, mut told, slot } = self;
        let (stream, talk) = (InTurn::new(stream), Talk { peer, watcher, told: told.clone() });
        match wire {
            Wire::Plain => talk.run(stream, false, handle).await,
            Wire::Tls(config) => {
                let handshake = tokio::select! {
                    // Who has asked for nothing yet does not hold up a stop.
                    _ = told.wait_for(|is_stopping| *is_stopping) => return,
                    handshake = timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(config).accept(stream)) => handshake,
                };
                match handshake {
                    Ok(Ok(stream)) => {
                        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                        talk.run(stream, is_h2, handle).await;
                    }
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS handshake"),
                    Err(_) => {}
                }
            }
        }
        drop(slot);
    }
}

/// HTTP on an open connection.
struct Talk {
    peer: SocketAddr,
    watcher: Watcher,
    told: watch::Receiver<bool>,
}

impl Talk {
    async fn run<S, H, F, B>(self, stream: S, is_h2: bool, handle: H)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Talk { peer, watcher, told } = self;
        let builder = protocol(is_h2);
        let asked = Arc::new(AtomicBool::new(false));
        let has_asked = Arc::clone(&asked);
        let service = service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            let reply = handle(request, peer);
            async move { Ok::<_, Infallible>(reply.await) }
        });
        let served = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::select! {
            () = stopped_unasked(told, &has_asked) => {}
            served = watcher.watch(served) => {
                if let Err(error) = served {
                    tracing::debug!(%peer, %error, "the connection ended early");
                }
            }
        }
    }
}

/// Resolves when the server stops before the client has asked for anything: such a connection would be waited for.
async fn stopped_unasked(mut told: watch::Receiver<bool>, has_asked: &AtomicBool) {
    let _ = told.wait_for(|is_stopping| *is_stopping).await;
    if has_asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// HTTP as the handshake agreed on it: guessing from the first bytes would wait for them without a limit.
fn protocol(is_h2: bool) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        // A head of more than a hundred fields is refused by hyper's own limit; said again here it would cost each request a copy.
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_ERROR_RESETS)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    if is_h2 { builder.http2_only() } else { builder.http1_only() }
}

#[cfg(test)]
mod tests;
