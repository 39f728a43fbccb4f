//! A stream of events as a reply's body: each event is its own frame, so that none waits for the next.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc;

/// Events between their maker and a slow reader; then the maker waits.
const EVENTS_AHEAD: usize = 64;

/// The sending end: the client's, or nobody's any more.
pub type Sender = mpsc::Sender<Bytes>;

/// The receiving end.
pub struct Events(mpsc::Receiver<Bytes>);

/// Both ends of a client's stream.
pub fn channel() -> (Sender, Events) {
    let (sender, receiver) = mpsc::channel(EVENTS_AHEAD);
    (sender, Events(receiver))
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}
