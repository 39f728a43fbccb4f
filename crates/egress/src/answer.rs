//! What came back: a status, the headers that may come back, and a body read piece by piece.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::EgressError;
use crate::headers;
use crate::timeouts::millis;

/// What most answers are.
const USUAL_TYPES: [&str; 2] = ["application/json", "text/event-stream"];

/// An answer whose body has not been read. Dropping it cancels the request at the other end.
pub struct Answer(Box<Received>);

/// It goes from hand to hand in a box: it is large, and each wait on its way would keep a copy.
struct Received {
    status: StatusCode,
    media_type: Cow<'static, str>,
    headers: HeaderMap,
    session: Option<String>,
    body: Incoming,
    silence: Silence,
}

/// How long nothing has come. One timer serves all pieces: it is looked at when it rings, and set again where something came since.
struct Silence {
    limit: Duration,
    since: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    fn of(limit: Duration) -> Silence {
        Silence { limit, since: Instant::now(), timer: None }
    }

    /// What comes before the limit; else nothing.
    async fn broken_by<T>(&mut self, wait: impl Future<Output = T>) -> Option<T> {
        let mut wait = pin!(wait);
        self.since = Instant::now();
        poll_fn(|context| match wait.as_mut().poll(context) {
            Poll::Ready(came) => Poll::Ready(Some(came)),
            Poll::Pending => self.poll_limit(context).map(|()| None),
        })
        .await
    }

    fn poll_limit(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = self.since + self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() >= until {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl Answer {
    pub(crate) fn new(head: Parts, body: Incoming, idle: Duration) -> Answer {
        let media_type = media_type(&head.headers);
        let session = headers::session(&head.headers);
        let (headers, silence) = (headers::returned(&head.headers), Silence::of(idle));
        Answer(Box::new(Received { status: head.status, media_type, headers, session, body, silence }))
    }

    /// The status, as sent.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The headers that a client may learn; the others were left at the border.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Takes those headers out.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.0.headers)
    }

    /// The session that the other end opened, where its protocol has some (`mcp-session-id`). It is for who asked, never for a client.
    pub fn session(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// The media type without its parameters, in lower case; empty where there is none.
    pub fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// The next piece of the body, as it came; `None` at its end. Cancelling the wait loses nothing.
    pub async fn piece(&mut self) -> Option<Result<Bytes, EgressError>> {
        loop {
            let received = &mut *self.0;
            let Some(frame) = received.silence.broken_by(received.body.frame()).await else {
                let limit_ms = millis(received.silence.limit);
                return Some(Err(EgressError::TimedOut { what: "further byte", limit_ms }));
            };
            match frame? {
                Ok(frame) => match frame.into_data() {
                    Ok(bytes) if !bytes.is_empty() => return Some(Ok(bytes)),
                    // Nothing yet, or trailers, which nobody reads.
                    _ => {}
                },
                Err(error) => return Some(Err(EgressError::Broken { reason: text_of(&error) })),
            }
        }
    }

    /// The whole body, of at most `limit_bytes`.
    pub async fn collect(mut self, limit_bytes: usize) -> Result<Bytes, EgressError> {
        let too_large = EgressError::TooLarge { limit_bytes };
        if hyper::body::Body::size_hint(&self.0.body).exact().is_some_and(|bytes| bytes > limit_bytes as u64) {
            return Err(too_large);
        }
        let Some(first) = self.piece().await.transpose()? else { return Ok(Bytes::new()) };
        let Some(second) = self.piece().await.transpose()? else {
            return if first.len() > limit_bytes { Err(too_large) } else { Ok(first) };
        };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while all.len() <= limit_bytes {
            match self.piece().await.transpose()? {
                Some(more) => all.extend_from_slice(&more),
                None => return Ok(all.freeze()),
            }
        }
        Err(too_large)
    }
}

fn media_type(headers: &HeaderMap) -> Cow<'static, str> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let given = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    match USUAL_TYPES.iter().find(|usual| given.eq_ignore_ascii_case(usual)) {
        Some(usual) => Cow::Borrowed(usual),
        None => Cow::Owned(given.to_ascii_lowercase()),
    }
}

/// An error with its causes: hyper tells what, its cause tells why.
pub(crate) fn text_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}
