//! The protocol library's HTTP client, over `egress`: each message is a request to the one admitted server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use egress::{Answer, Egress, EgressError, Outgoing, OwnHeaders, Secret, Target};
use futures_util::stream::BoxStream;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use rmcp::model::ClientJsonRpcMessage;
use rmcp::transport::streamable_http_client::{
    HttpStatusError, SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use sse_stream::Sse;

use super::super::call::CallError;
use super::super::credential::scrubbed;
use super::answer;

/// The header of a session, both ways.
const SESSION: &str = "mcp-session-id";
/// Where a stream that broke off goes on.
const LAST_EVENT: &str = "last-event-id";
/// What every message may be answered with.
const ACCEPTED: &str = "application/json, text/event-stream";

/// The way to one server, with what it is shown.
#[derive(Clone)]
pub(super) struct Way {
    egress: Egress,
    target: Target,
    headers: OwnHeaders,
    secrets: Arc<[Secret]>,
    fault: Arc<Mutex<Option<CallError>>>,
}

type Failed = StreamableHttpError<EgressError>;

impl Way {
    /// The way to `target` with these headers.
    pub(super) fn new(egress: Egress, target: Target, shown: Vec<(String, Secret)>) -> Result<Way, CallError> {
        let mut headers = OwnHeaders::default();
        for (name, value) in &shown {
            headers.put(name, value.reveal()).map_err(|error| CallError::http(400, error.to_string()))?;
        }
        let secrets = shown.into_iter().map(|(_, secret)| secret).collect();
        Ok(Way { egress, target, headers, secrets, fault: Arc::default() })
    }

    /// What the server said, without what it was shown.
    pub(super) fn scrubbed(&self, said: String) -> String {
        String::from_utf8_lossy(&scrubbed(Bytes::from(said), self.secrets.iter())).into_owned()
    }

    /// What failed first on this way: the library tells its callers only that it did.
    pub(super) fn fault(&self) -> Option<CallError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, fault: CallError) {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }

    async fn send(
        &self,
        outgoing: Outgoing,
        session: Option<&str>,
        last_event: Option<&str>,
        custom: &HashMap<HeaderName, HeaderValue>,
    ) -> Result<Answer, Failed> {
        let mut headers = self.headers.clone();
        let of_protocol = custom.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let sessions = session.map(|id| (SESSION, id)).into_iter().chain(last_event.map(|id| (LAST_EVENT, id)));
        for (name, value) in of_protocol.chain(sessions) {
            headers.put(name, value).map_err(|error| Failed::UnexpectedServerResponse(error.to_string().into()))?;
        }
        self.egress.send(outgoing.accept(ACCEPTED).with_own(&headers)).await.map_err(|error| {
            tracing::debug!(%error, "a tool's server was not reached");
            self.note(CallError::from(&error));
            Failed::Client(error)
        })
    }

    /// A status that is no answer.
    fn refused(&self, status: StatusCode) -> Failed {
        self.note(answer::refused(status));
        HttpStatusError::new(status.as_u16(), None).into()
    }
}

impl StreamableHttpClient for Way {
    type Error = EgressError;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        _: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failed> {
        let body = Bytes::from(serde_json::to_vec(&message)?);
        let outgoing = Outgoing::post(self.target.clone(), "application/json", body);
        let answered = self.send(outgoing, session_id.as_deref(), None, &custom_headers).await?;
        let (status, session) = (answered.status(), answered.session().map(str::to_owned));
        match (status, answered.media_type()) {
            (StatusCode::ACCEPTED | StatusCode::NO_CONTENT, _) => Ok(StreamableHttpPostResponse::Accepted),
            (status, "text/event-stream") if status.is_success() => {
                Ok(StreamableHttpPostResponse::Sse(answer::events(answered), session))
            }
            (status, media_type) => {
                let is_json = media_type == "application/json";
                let body = answered.collect(answer::LIMIT_BYTES).await.map_err(|error| {
                    self.note(CallError::from(&error));
                    Failed::Client(error)
                })?;
                let session = session.filter(|_| status.is_success());
                match answer::message(&message, session_id.is_some(), status, &body, is_json) {
                    Some(response) => Ok(StreamableHttpPostResponse::Json(response, session)),
                    // Nobody waits for an answer to these.
                    None if status.is_success() && !matches!(message, ClientJsonRpcMessage::Request(_)) => {
                        Ok(StreamableHttpPostResponse::Accepted)
                    }
                    None => Err(self.refused(status)),
                }
            }
        }
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        session_id: Arc<str>,
        _: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Failed> {
        let outgoing = Outgoing::asking(Method::DELETE, self.target.clone(), None);
        // A server may refuse this; the session then ends when it likes.
        self.send(outgoing, Some(&session_id), None, &custom_headers).await.map(drop)
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        _: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failed> {
        // What a server says unasked is read by nobody; only an answer that broke off is gone after.
        let Some(last_event) = last_event_id else { return Err(Failed::ServerDoesNotSupportSse) };
        let outgoing = Outgoing::get(self.target.clone());
        let answered = self.send(outgoing, session_id.as_deref(), Some(&last_event), &custom_headers).await?;
        match (answered.status(), answered.media_type()) {
            (StatusCode::OK, "text/event-stream") => Ok(answer::events(answered)),
            (status, _) => Err(self.refused(status)),
        }
    }
}
