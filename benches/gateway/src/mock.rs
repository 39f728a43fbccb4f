//! A provider that answers at once: one fixed completion, or a stream of fixed events.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::time::{Instant, Sleep, sleep_until};

/// Events of a stream: an answer of middling length.
pub(crate) const EVENTS: usize = 64;
/// The time between two: 200 tokens a second.
pub(crate) const EVENT_EVERY: Duration = Duration::from_millis(5);

/// About 660 bytes, as a short answer has.
const COMPLETION: &str = r#"{"id":"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45","object":"chat.completion","created":1760000000,"model":"mock-model","choices":[{"index":0,"message":{"role":"assistant","content":"Berlin is the capital of Germany. It lies on the Spree, has about 3.7 million inhabitants, and has been the seat of parliament and of the federal government since 1999.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":92,"completion_tokens":38,"total_tokens":130,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_50cad350e4"}"#;
const DELTA: &str = "data: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
const LAST: &str = "data: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"chatcmpl-9f2c51d0e4b84b3d9a6e3c1f7b0d2a45\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":[],\"usage\":{\"prompt_tokens\":92,\"completion_tokens\":63,\"total_tokens\":155}}\n\ndata: [DONE]\n\n";

/// Serves on a loopback port until it is killed.
pub(crate) async fn serve(port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            // The other side going away ends a connection; there is nobody to tell.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Either<Full<Bytes>, Stream>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    let is_stream = body.windows(STREAM.len()).any(|window| window == STREAM);
    let (kind, body) = match is_stream {
        true => ("text/event-stream", Either::Right(Stream::begin())),
        false => ("application/json", Either::Left(Full::new(Bytes::from_static(COMPLETION.as_bytes())))),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    Ok(response)
}

/// What a request for a stream says, as the load writes it.
const STREAM: &[u8] = b"\"stream\":true";

/// The first event at once, then one at each tick.
struct Stream {
    sent: usize,
    next: Pin<Box<Sleep>>,
}

impl Stream {
    fn begin() -> Stream {
        Stream { sent: 0, next: Box::pin(sleep_until(Instant::now())) }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.sent == EVENTS {
            return Poll::Ready(None);
        }
        ready!(self.next.as_mut().poll(context));
        self.sent += 1;
        let due = self.next.deadline() + EVENT_EVERY;
        self.next.as_mut().reset(due);
        let text = if self.sent == EVENTS { LAST } else { DELTA };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
    }
}
