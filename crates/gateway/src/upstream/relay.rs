//! From a provider's events to the client's: each is sent on when it is whole, and none waits for the next.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use access::Closing;
use bytes::Bytes;
use dialect::openai::{Observed, Seen, without_usage};
use dialect::sse::{self, Splitter};
use egress::{Answer, EgressError};
use http::StatusCode;
use http_body::{Body, Frame};
use tokio::sync::mpsc;

use super::forward::Trip;
use super::settle;
use crate::failure;

/// Events between the provider and a slow reader; then the provider is made to wait.
const EVENTS_AHEAD: usize = 64;
/// The largest event: a chunk with an inline image or sound.
const EVENT_LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// After its last event the provider's stream ends at once; waiting for that lets its connection be used again.
const END_PATIENCE: Duration = Duration::from_millis(500);

/// The sending end: the client's, or nobody's any more.
pub(super) type Sender = mpsc::Sender<Bytes>;

/// A stream of events as a body, one frame each.
pub(super) struct Events(mpsc::Receiver<Bytes>);

/// Both ends of a client's stream.
pub(super) fn channel() -> (Sender, Events) {
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

/// How a stream ended.
enum End {
    /// With `[DONE]`, which is held back until the record is written.
    Done(Bytes),
    /// Without it, though the last choice was finished.
    Quiet,
    /// The connection failed, or the stream stopped in the middle.
    Broken(EgressError),
    /// The client went away.
    Gone,
}

/// Relays until either side ends, settles, writes the record, and only then sends the end.
pub(super) async fn relay(trip: Trip, mut answer: Answer, client: Sender, closing: Closing) {
    let mut stream = Relay {
        trip: &trip,
        client: &client,
        splitter: Splitter::default(),
        observed: Observed::default(),
        begun: false,
    };
    let end = stream.run(&mut answer).await;
    let observed = stream.observed;
    let record = &trip.record;
    settle::observed(record, &observed, trip.prompt_tokens);
    let (status, last) = match (end, &observed.error) {
        (End::Gone, _) => {
            // At once: what is cancelled late is paid.
            drop(answer);
            settle::cancelled(record);
            write(closing, StatusCode::OK).await;
            return;
        }
        // The client has the provider's error, and whatever followed it.
        (end, Some(word)) => {
            let reason = format!("the upstream `{}` sent an error in its stream (`{word}`)", trip.upstream.name);
            settle::broken(record, &reason);
            (StatusCode::BAD_GATEWAY, if let End::Done(event) = end { Some(event) } else { None })
        }
        (End::Done(event), None) => (StatusCode::OK, Some(event)),
        (End::Quiet, None) => (StatusCode::OK, None),
        (End::Broken(error), None) => {
            let failure = failure::upstream(&trip.upstream.name, &error);
            settle::broken(record, &failure.reason);
            // The status is gone: the error is an event, which clients raise, and no `[DONE]` follows.
            (failure.status, sse::data(&failure.body).ok())
        }
    };
    let last = if write(closing, status).await { last } else { sse::data(&failure::not_recorded().body).ok() };
    if let Some(event) = last {
        let _ = client.send(event).await;
    }
    drop(client);
    if status == StatusCode::OK {
        let _ = tokio::time::timeout(END_PATIENCE, answer.piece()).await;
    }
}

/// Writes the record; whether it is on disk.
async fn write(closing: Closing, status: StatusCode) -> bool {
    let written = closing.close(status).await;
    written.inspect_err(|error| tracing::error!(%error, "the journal cannot be written")).is_ok()
}

struct Relay<'a> {
    trip: &'a Trip,
    client: &'a Sender,
    splitter: Splitter,
    observed: Observed,
    begun: bool,
}

impl Relay<'_> {
    async fn run(&mut self, answer: &mut Answer) -> End {
        loop {
            let piece = tokio::select! {
                () = self.client.closed() => return End::Gone,
                piece = answer.piece() => piece,
            };
            match piece {
                Some(Ok(bytes)) => self.splitter.push(&bytes),
                Some(Err(error)) => return End::Broken(error),
                None => return self.ended(),
            }
            while let Some(event) = self.splitter.next_event() {
                if let Err(end) = self.event(event).await {
                    return end;
                }
            }
            if self.splitter.pending() > EVENT_LIMIT_BYTES {
                return End::Broken(EgressError::TooLarge { limit_bytes: EVENT_LIMIT_BYTES });
            }
        }
    }

    /// Hands on one event.
    async fn event(&mut self, event: Bytes) -> Result<(), End> {
        let data = sse::data_of(&event);
        let seen = data.as_ref().map_or(Seen::Chunk, |data| self.observed.event(data));
        let event = match seen {
            Seen::Done => return Err(End::Done(event)),
            Seen::UsageAlone if self.trip.withholds_usage => return Ok(()),
            Seen::Error => self.trip.secret.as_ref().map_or(event.clone(), |secret| secret.scrub(event)),
            Seen::UsageBeside if self.trip.withholds_usage => {
                let chunk = data.and_then(|data| without_usage(&data).ok()).unwrap_or_default();
                Bytes::from([b"data: ", chunk.as_slice(), b"\n\n"].concat())
            }
            Seen::Chunk | Seen::UsageAlone | Seen::UsageBeside => event,
        };
        if !self.begun {
            self.begun = true;
            let elapsed = self.trip.record.elapsed_us();
            self.trip.record.note(|record| record.first_byte_us = Some(elapsed));
        }
        self.client.send(event).await.map_err(|_| End::Gone)
    }

    /// The provider's stream is over without a `[DONE]`.
    fn ended(&mut self) -> End {
        // Some end their last event with the stream instead of an empty line.
        let rest = std::mem::take(&mut self.splitter).rest();
        if sse::data_of(&rest).is_some_and(|data| data.as_ref() == b"[DONE]") {
            return End::Done(Bytes::from_static(sse::DONE));
        }
        if self.observed.finish.is_some() && rest.iter().all(u8::is_ascii_whitespace) {
            return End::Quiet;
        }
        End::Broken(EgressError::Broken { reason: "the stream stopped before its end".to_owned() })
    }
}
