//! From the model's tokens to the client's bytes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use access::{HandlerResult, Reply};
use bytes::Bytes;
use dialect::sse;
use http::StatusCode;
use http_body::{Body, Frame};
use local_model::{Finish, ModelError, Outcome};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::generation::{Event, Generation};
use crate::job::{Job, Settled};

/// Gathers the whole answer, settles, replies.
pub(crate) async fn whole(mut job: Job, mut generation: Generation, mut client: oneshot::Sender<HandlerResult>) {
    let mut text = String::new();
    let mut gone = false;
    let ended = loop {
        tokio::select! {
            () = client.closed(), if !gone => { gone = true; generation.cancel(); }
            event = generation.next() => match event {
                Event::Piece(piece) => { job.begin(); text.push_str(&piece); }
                Event::End(ended) => break ended,
            },
        }
    };
    let reply = job.reply.clone();
    let head = job.head.clone();
    let answer = match ended {
        Ok(outcome) => job.settle(&outcome, !gone).await.map(|Settled { finish, usage }| {
            head.on(Reply::json(StatusCode::OK, &reply.completion(&text, finish, &usage)))
        }),
        Err(error) => Err(job.fail(&error).await),
    };
    // A client that went away in the meantime was settled; there is nobody to tell.
    let _ = client.send(answer);
}

/// Sends one event for each token as it comes. An error before the first token still has its own status.
pub(crate) async fn stream(mut job: Job, mut generation: Generation, mut client: oneshot::Sender<HandlerResult>) {
    let mut gone = false;
    let first = loop {
        tokio::select! {
            () = client.closed(), if !gone => { gone = true; generation.cancel(); }
            event = generation.next() => break event,
        }
    };
    if let Event::End(Err(error)) = &first {
        let _ = client.send(Err(job.fail(error).await));
        return;
    }
    let (sender, body) = mpsc::unbounded_channel();
    let head = job.head.on(Reply::stream(StatusCode::OK, sse::CONTENT_TYPE, Events(body)));
    let answered = client.send(Ok(head)).is_ok();
    job.begin();
    let stream = Stream(sender);
    stream.send(&job.reply.role_chunk());
    let ended = forward(&job, &mut generation, &stream, first).await;
    finish(job, ended, &stream, answered).await;
}

/// Forwards tokens until the answer ends; a client that goes away cancels it.
async fn forward(job: &Job, generation: &mut Generation, stream: &Stream, first: Event) -> Result<Outcome, ModelError> {
    let mut event = first;
    let mut gone = false;
    loop {
        match event {
            Event::Piece(text) => stream.send(&job.reply.content_chunk(&text)),
            // A cancel that came too late to be seen by the model is still a cancelled answer: nobody read its end.
            Event::End(Ok(outcome)) if gone => {
                return Ok(Outcome { finish: Finish::Cancelled, ..outcome });
            }
            Event::End(ended) => return ended,
        }
        event = loop {
            tokio::select! {
                () = stream.0.closed(), if !gone => { gone = true; generation.cancel(); }
                event = generation.next() => break event,
            }
        };
    }
}

/// Settles, records, and only then sends the end of the stream.
async fn finish(job: Job, ended: Result<Outcome, ModelError>, stream: &Stream, answered: bool) {
    let reply = job.reply.clone();
    let settled = match ended {
        Ok(outcome) => job.settle(&outcome, answered).await,
        Err(error) => Err(job.fail(&error).await),
    };
    match settled {
        Ok(Settled { finish, usage }) => {
            stream.send(&reply.finish_chunk(finish));
            if reply.include_usage {
                stream.send(&reply.usage_chunk(&usage));
            }
            stream.send_bytes(Bytes::from_static(sse::DONE));
        }
        // The status is gone: the error is an event, which clients raise, and no `[DONE]` follows.
        Err(failure) => stream.send(&failure.body),
    }
}

/// The sending end of a stream of events. A client that went away is noticed elsewhere: sending never fails.
struct Stream(mpsc::UnboundedSender<Bytes>);

impl Stream {
    fn send(&self, value: &Value) {
        match sse::data(value) {
            Ok(event) => self.send_bytes(event),
            Err(error) => tracing::error!(%error, "an event could not be written"),
        }
    }

    fn send_bytes(&self, bytes: Bytes) {
        let _ = self.0.send(bytes);
    }
}

/// The receiving end, as a body: each event is its own frame, so that none waits for the next.
struct Events(mpsc::UnboundedReceiver<Bytes>);

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
