//! From an origin to a connection: the guard is asked here, at every connect, and its addresses are the ones connected to.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::error::EgressError;
use crate::guard::Guard;
use crate::in_turn::InTurn;
use crate::target::{Host, Origin};
use crate::timeouts::{CONNECT_ATTEMPT_TIMEOUT, millis};
use crate::transport::Transport;

/// Makes connections for one client.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) guard: Arc<Guard>,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) connect_timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Transport>;
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, EgressError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let limit = connector.connect_timeout;
            let late = EgressError::TimedOut { what: "connection", limit_ms: millis(limit) };
            timeout(limit, connector.connect(&uri)).await.unwrap_or(Err(late)).map(TokioIo::new)
        })
    }
}

impl Connector {
    async fn connect(&self, uri: &Uri) -> Result<Transport, EgressError> {
        let origin = Origin::of(uri)?;
        let addresses = self.guard.resolve(&origin).await?;
        let stream = first_that_answers(&origin, &addresses).await?;
        if !origin.is_https {
            return Ok(Transport::Plain(stream));
        }
        let name = match &origin.host {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|error| unreachable(&origin, &error))?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let tls = TlsConnector::from(Arc::clone(&self.tls));
        let stream = tls.connect(name, stream).await.map_err(|error| unreachable(&origin, &error))?;
        Ok(Transport::Tls(Box::new(stream)))
    }
}

/// Tries the checked addresses in the resolver's order.
async fn first_that_answers(origin: &Origin, addresses: &[SocketAddr]) -> Result<InTurn<TcpStream>, EgressError> {
    let mut last = EgressError::TimedOut { what: "connection", limit_ms: millis(CONNECT_ATTEMPT_TIMEOUT) };
    for address in addresses {
        match timeout(CONNECT_ATTEMPT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it the first token waits for the other end's delayed acknowledgement.
                stream.set_nodelay(true).map_err(|error| unreachable(origin, &error))?;
                return Ok(InTurn::new(stream));
            }
            Ok(Err(error)) => last = unreachable(origin, &error),
            Err(_) => {}
        }
    }
    Err(last)
}

fn unreachable(origin: &Origin, error: &dyn std::fmt::Display) -> EgressError {
    EgressError::Unreachable { origin: origin.to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests;
