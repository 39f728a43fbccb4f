//! A provider of these tests: it does what it is told, request by request, and remembers what it was asked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

/// A request as it arrived.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "each test binary looks at other parts")]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) version: http::Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What to do with one request.
#[allow(dead_code, reason = "each test binary tells other things")]
pub(crate) enum Act {
    /// Answers with this.
    Answer(u16, Vec<(&'static str, String)>, Bytes),
    /// Answers 200 with a stream that the test feeds; an error cuts the connection.
    Stream(mpsc::UnboundedReceiver<io::Result<Bytes>>),
    /// Never answers; the sender tells when the client has gone.
    Silence(oneshot::Sender<()>),
}

/// An answer of JSON.
pub(crate) fn json(status: u16, body: &str) -> Act {
    Act::Answer(status, vec![("content-type", "application/json".to_owned())], Bytes::from(body.to_owned()))
}

/// The test's end of a stream.
#[allow(dead_code, reason = "only some test binaries stream")]
pub(crate) type Feed = mpsc::UnboundedSender<io::Result<Bytes>>;

/// A stream, and its feed.
#[allow(dead_code, reason = "only some test binaries stream")]
pub(crate) fn stream() -> (Feed, Act) {
    let (feed, pieces) = mpsc::unbounded_channel();
    (feed, Act::Stream(pieces))
}

/// An address where nobody is at home, and no other test moves in, while the socket is held.
#[allow(dead_code, reason = "only some test binaries need it")]
pub(crate) fn nobody() -> (tokio::net::TcpSocket, String) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

/// A listening provider; it ends with its test's runtime.
pub(crate) struct Mock {
    /// `http://127.0.0.1:{port}`, or with `https`.
    pub(crate) url: String,
    #[allow(dead_code, reason = "only some test binaries need it")]
    pub(crate) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    seen: Mutex<Vec<Seen>>,
    script: Mutex<VecDeque<Act>>,
    connections: Mutex<usize>,
}

impl Mock {
    /// Without TLS.
    pub(crate) async fn plain() -> Mock {
        Mock::start(None).await
    }

    pub(crate) async fn start(tls: Option<TlsAcceptor>) -> Mock {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let scheme = if tls.is_some() { "https" } else { "http" };
        tokio::spawn(accept(listener, tls, Arc::clone(&state)));
        Mock { url: format!("{scheme}://127.0.0.1:{port}"), port, state }
    }

    /// Tells what to do with the next request that has no act yet.
    pub(crate) fn will(&self, act: Act) {
        self.state.script.lock().unwrap().push_back(act);
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// How many connections were made so far.
    #[allow(dead_code, reason = "only some test binaries count")]
    pub(crate) fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        *state.connections.lock().unwrap() += 1;
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let state = Arc::clone(&state);
                async move { Ok::<_, Infallible>(answer(request, &state).await) }
            });
            let builder = Builder::new(TokioExecutor::new());
            // A broken connection is part of some stories.
            match tls {
                None => drop(builder.serve_connection(TokioIo::new(stream), service).await),
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        drop(builder.serve_connection(TokioIo::new(stream), service).await);
                    }
                }
            }
        });
    }
}

async fn answer(request: Request<Incoming>, state: &State) -> Response<UnsyncBoxBody<Bytes, io::Error>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let seen = Seen { method: head.method.to_string(), target, version: head.version, headers: head.headers, body };
    state.seen.lock().unwrap().push(seen);
    let act = state.script.lock().unwrap().pop_front();
    match act {
        Some(Act::Answer(status, headers, body)) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Full::new(body).map_err(|never| match never {}).boxed_unsync()).unwrap()
        }
        Some(Act::Stream(pieces)) => {
            let response = Response::builder().header("content-type", "text/event-stream; charset=utf-8");
            response.body(Pieces(pieces).boxed_unsync()).unwrap()
        }
        Some(Act::Silence(gone)) => {
            // Dropped with this future when the connection closes.
            let _gone = gone;
            std::future::pending().await
        }
        None => {
            let body = Full::new(Bytes::from_static(b"no act")).map_err(|never| match never {}).boxed_unsync();
            Response::builder().status(599).body(body).unwrap()
        }
    }
}

struct Pieces(mpsc::UnboundedReceiver<io::Result<Bytes>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
