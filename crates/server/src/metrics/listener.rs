//! `--metrics-listen`: a port that answers `GET /metrics` and nothing else. It asks nobody who he is, which is why it is the own
//! machine's unless the operator says otherwise.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use tokio::task::JoinSet;

use super::Metrics;
use crate::accept::{self, Port, Wire};

/// Where the counters are.
const PATH: &str = "/metrics";
/// The text format of OpenMetrics, which Prometheus reads.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// A bound port that does not answer yet.
pub struct MetricsPort {
    port: Port,
}

impl MetricsPort {
    /// Takes the address; whoever reaches it reads what was used, so another than loopback is said in the log.
    pub fn bind(listen: SocketAddr) -> Result<MetricsPort> {
        let port = Port::bind(listen)?;
        if !listen.ip().is_loopback() {
            tracing::warn!("`--metrics-listen {listen}`: whoever reaches it reads without a token what was used");
        }
        Ok(MetricsPort { port })
    }

    /// Answers until the returned task is dropped.
    pub fn open(self, metrics: Arc<Metrics>) -> Result<JoinSet<Result<()>>> {
        let listener = self.port.open()?;
        let mut task = JoinSet::new();
        let answer = move |request: Request<_>, _peer| {
            let response = answer(&metrics, &request);
            async move { response }
        };
        task.spawn(accept::serve(listener, Wire::Plain, answer, std::future::pending()));
        Ok(task)
    }
}

fn answer<B>(metrics: &Metrics, request: &Request<B>) -> Response<Full<Bytes>> {
    if request.uri().path() != PATH {
        return said(StatusCode::NOT_FOUND, PLAIN, format!("there is only GET {PATH}\n"));
    }
    if request.method() != Method::GET {
        let mut refused = said(StatusCode::METHOD_NOT_ALLOWED, PLAIN, format!("there is only GET {PATH}\n"));
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
        return refused;
    }
    match metrics.text() {
        Ok(text) => said(StatusCode::OK, TEXT, text),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            said(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "the metrics cannot be written\n".to_owned())
        }
    }
}

fn said(status: StatusCode, content_type: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
