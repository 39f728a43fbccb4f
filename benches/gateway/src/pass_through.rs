//! The least that a proxy can do: hyper on both sides, a pool of connections, bytes handed on as they come.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

type Pool = Client<HttpConnector, Incoming>;

/// Serves on a loopback port until it is killed; every request goes to `mock` (`127.0.0.1:PORT`).
pub(crate) async fn serve(port: u16, mock: &str, tls: Option<TlsAcceptor>) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let pool: Pool = Client::builder(TokioExecutor::new()).build(connector);
    let upstream: Arc<str> = format!("http://{mock}/v1/chat/completions").into();
    let upstream: Uri = upstream.parse().context("the mock's address")?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (pool, upstream, tls) = (pool.clone(), upstream.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => relay(stream, pool, upstream).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        relay(stream, pool, upstream).await;
                    }
                }
            }
        });
    }
}

async fn relay<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, pool: Pool, upstream: Uri) {
    let hand_on = service_fn(move |mut request: Request<Incoming>| {
        *request.uri_mut() = upstream.clone();
        request.headers_mut().remove(hyper::header::HOST);
        let sent = pool.request(request);
        async move { sent.await.map(|response: Response<Incoming>| response) }
    });
    // The other side going away ends a connection; there is nobody to tell.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), hand_on).await;
}
