//! The life of a request that is handed on: rewrite → send → relay → settle. The record is closed in [`super::relay`] for streams, and
//! with the reply else.

use std::sync::Arc;

use access::{Draft, Failure, HandlerResult, Reply};
use bytes::Bytes;
use dialect::openai::{Observed, Outline, rewrite};
use dialect::{estimate, sse};
use egress::{Answer, EgressError, Secret};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Sent, Upstream, relay, settle};
use crate::failure;
use crate::job::Head;

/// The largest whole answer: many choices with log probabilities and a few inline images.
const BODY_LIMIT_BYTES: usize = 32 * 1024 * 1024;
/// The largest error that is passed on; beyond, its status says enough.
const ERROR_LIMIT_BYTES: usize = 256 * 1024;
const JSON: &str = "application/json";

/// A request on its way to a provider.
pub(crate) struct Errand {
    /// Who is asked.
    pub(crate) upstream: Arc<Upstream>,
    /// What the provider calls the model.
    pub(crate) model: String,
    /// The body as it came, and the same parsed.
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
    /// What decides its way.
    pub(crate) outline: Outline,
    /// The caller's headers; few of them go along.
    pub(crate) from_caller: HeaderMap,
    /// The headers that tell where the answer comes from.
    pub(crate) head: Head,
    /// The record of the request.
    pub(crate) record: Draft,
}

/// An errand that was answered.
pub(super) struct Trip {
    pub(super) upstream: Arc<Upstream>,
    pub(super) record: Draft,
    pub(super) prompt_tokens: u64,
    /// The chunk that carries the usage was asked for by us, and is not the caller's.
    pub(super) withholds_usage: bool,
    pub(super) secret: Option<Secret>,
    head: Head,
}

/// Sends the caller's bytes with the provider's name for the model, and hands on what comes back. A client that goes away drops this,
/// which cancels the request at the provider; the record then keeps what [`settle::expect`] wrote.
pub(crate) async fn forward(errand: Errand) -> HandlerResult {
    let Errand { upstream, model, bytes, body, outline, from_caller, head, record } = errand;
    let withholds_usage = outline.stream && !outline.include_usage && upstream.stream_usage;
    let prompt_tokens = estimate::prompt_tokens(&body);
    drop(body);
    // `access` has parsed these bytes as an object.
    let rewritten = rewrite(&bytes, &model, withholds_usage).map_err(|_| failure::broken())?;
    drop(bytes);
    settle::expect(&record, prompt_tokens);
    let accept = if outline.stream { sse::CONTENT_TYPE } else { JSON };
    match upstream.chat(&model, Bytes::from(rewritten), &from_caller, accept).await {
        Ok(Sent { answer, secret }) => {
            Trip { upstream, record, prompt_tokens, withholds_usage, secret, head }.end(answer).await
        }
        Err(error) => Err(failed(&upstream, &record, &error)),
    }
}

/// There was no answer, or none that can be handed on.
fn failed(upstream: &Upstream, record: &Draft, error: &EgressError) -> Failure {
    let failure = failure::upstream(&upstream.name, error);
    settle::unanswered(record, &failure.reason);
    failure
}

impl Trip {
    async fn end(self, answer: Answer) -> HandlerResult {
        let (status, media_type) = (answer.status(), answer.media_type().to_owned());
        match media_type.as_str() {
            _ if status.is_client_error() || status.is_server_error() => self.refused(answer, &media_type).await,
            _ if status != StatusCode::OK => {
                let reason = format!("it has the status {}; redirects are not followed", status.as_u16());
                Err(failed(&self.upstream, &self.record, &EgressError::NotAccepted { reason }))
            }
            sse::CONTENT_TYPE => Ok(self.stream(answer)),
            JSON => self.whole(answer).await,
            other => {
                let shown: String = other.chars().take(80).collect();
                let reason = format!("its media type `{shown}` is neither JSON nor a stream of events");
                Err(failed(&self.upstream, &self.record, &EgressError::NotAccepted { reason }))
            }
        }
    }

    /// The provider's own refusal: its status, its words without our credential, and when to come again.
    async fn refused(self, answer: Answer, media_type: &str) -> HandlerResult {
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = answer.collect(ERROR_LIMIT_BYTES).await.unwrap_or_default();
        let mut observed = Observed::default();
        observed.whole(&body);
        let word = observed.error.map(|word| format!(" (`{word}`)")).unwrap_or_default();
        let reason = format!("the upstream `{}` answered {}{word}", self.upstream.name, status.as_u16());
        settle::unanswered(&self.record, &reason);
        let is_readable = !body.is_empty() && matches!(media_type, JSON | "application/problem+json" | "text/plain");
        let reply = if is_readable {
            let body = self.secret.as_ref().map_or(body.clone(), |secret| secret.scrub(body));
            Reply::bytes(status, if media_type == "text/plain" { "text/plain; charset=utf-8" } else { JSON }, body)
        } else {
            // A page of some proxy: nothing that a client of this API could read.
            let message = format!("The provider of this deployment answered with status {}.", status.as_u16());
            Reply::json(status, &json!({"error": {"code": status.as_str(), "message": message}}))
        };
        Ok(self.headed(reply, headers))
    }

    /// A whole answer, byte for byte.
    async fn whole(self, answer: Answer) -> HandlerResult {
        let headers = answer.headers().clone();
        let body = match answer.collect(BODY_LIMIT_BYTES).await {
            Ok(body) => body,
            Err(error) => {
                // It was answered, and so it was paid; how much nobody can tell any more.
                let failure = failure::upstream(&self.upstream.name, &error);
                settle::broken(&self.record, &failure.reason);
                return Err(failure);
            }
        };
        let elapsed = self.record.elapsed_us();
        self.record.note(|record| record.first_byte_us = Some(elapsed));
        let mut observed = Observed::default();
        observed.whole(&body);
        settle::observed(&self.record, &observed, self.prompt_tokens);
        if let Some(word) = &observed.error {
            settle::broken(
                &self.record,
                &format!("the upstream `{}` answered 200 with an error (`{word}`)", self.upstream.name),
            );
        }
        Ok(self.headed(Reply::bytes(StatusCode::OK, JSON, body), headers))
    }

    /// Events as they come; a task of its own owns the answer and its record from here on.
    fn stream(self, answer: Answer) -> Reply {
        let headers = answer.headers().clone();
        let head = self.head.clone();
        let closing = self.record.take_over();
        let (sender, body) = relay::channel();
        tokio::spawn(relay::relay(self, answer, sender, closing));
        headed(&head, Reply::stream(StatusCode::OK, sse::CONTENT_TYPE, body), headers)
    }

    fn headed(&self, reply: Reply, headers: HeaderMap) -> Reply {
        headed(&self.head, reply, headers)
    }
}

/// `headers` are those that `egress` lets a client learn.
fn headed(head: &Head, reply: Reply, headers: HeaderMap) -> Reply {
    // A 401 or 429 of the provider must not be taken for one of this server's.
    let reply = head.on(reply).with_header("x-cupola-answered-by", "upstream");
    reply.with_headers(headers)
}
