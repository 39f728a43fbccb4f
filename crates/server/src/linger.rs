//! A request body that is read to its end even when nobody wants it.
//!
//! A refusal may come while the client still sends. If the connection closed at once (or, in HTTP/2, the stream was reset) the
//! client would see it break, and never the refusal; so what is left is read and thrown away, within limits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use access::{BoxError, RequestBody};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};

/// The most that is thrown away, bytes: twice the largest body that any route reads.
const LINGER_BYTES: usize = 32 * 1024 * 1024;
/// The longest that a connection is kept for it; shorter than the drain of a stopping server.
const LINGER_TIME: Duration = Duration::from_secs(10);

/// The request with a body that outlives its reader. A client that asked first whether to send (`Expect: 100-continue`) needs
/// none of it, and must not be told to go on.
pub fn lingering<B>(request: Request<B>) -> Request<RequestBody>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let lingers = !request.headers().contains_key(header::EXPECT);
    request.map(|body| Lingering { body: Some(body), lingers }.map_err(Into::into).boxed_unsync())
}

struct Lingering<B: Body<Data = Bytes> + Send + Unpin + 'static> {
    /// `None` once it has ended.
    body: Option<B>,
    lingers: bool,
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Body for Lingering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Drop for Lingering<B> {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| self.lingers && !body.is_end_stream()) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LINGER_TIME, discard(body)));
        }
    }
}

async fn discard<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let mut discarded = 0;
    while let Some(Ok(frame)) = body.frame().await {
        discarded += frame.data_ref().map_or(0, Bytes::len);
        if discarded > LINGER_BYTES {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
