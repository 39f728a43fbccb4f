//! What comes back: a refusal, a whole answer, a stream; in the provider's bytes, or said again in the caller's protocol.

use std::sync::Arc;

use access::{HandlerResult, Reply};
use bytes::{Bytes, BytesMut};
use dialect::exchange::{Answer as Said, Failure as TheirFailure};
use dialect::sse;
use egress::{Answer, EgressError};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use metering::Standing;

use super::body::Form;
use super::ear::Ear;
use super::forward::{Trip, failed};
use super::{JSON, relay, settle};
use crate::drawn::drawn;
use crate::observed::{self, Observer};
use crate::plan::Plan;
use crate::protocol::Protocol;
use crate::{admission, failure, translate};

static X_CUPOLA_ANSWERED_BY: HeaderName = HeaderName::from_static("x-cupola-answered-by");
/// The largest whole answer: many choices with log probabilities and a few inline images.
const BODY_LIMIT_BYTES: usize = 32 * 1024 * 1024;
/// The largest error that is passed on; beyond, its status says enough.
const ERROR_LIMIT_BYTES: usize = 256 * 1024;

impl Trip {
    pub(super) async fn end(mut self, answer: Answer) -> HandlerResult {
        let status = answer.status();
        match answer.media_type() {
            _ if status.is_client_error() || status.is_server_error() => Box::pin(self.refused(answer)).await,
            _ if status != StatusCode::OK => {
                let reason = format!("it has the status {}; redirects are not followed", status.as_u16());
                Err(self.not_accepted(reason))
            }
            sse::CONTENT_TYPE => Ok(self.stream(answer)),
            JSON => self.whole(answer).await,
            other => {
                let shown: String = other.chars().take(80).collect();
                Err(self.not_accepted(format!("its media type `{shown}` is neither JSON nor a stream of events")))
            }
        }
    }

    fn not_accepted(&mut self, reason: String) -> access::Failure {
        self.job.spending.nothing();
        failed(&self.upstream, &self.job.record, &EgressError::NotAccepted { reason })
    }

    /// The provider's own refusal: its status, its words without our credential, and when to come again.
    async fn refused(mut self, mut answer: Answer) -> HandlerResult {
        self.job.spending.nothing();
        let (status, media_type) = (answer.status(), answer.media_type().to_owned());
        let headers = answer.take_headers();
        let body = answer.collect(ERROR_LIMIT_BYTES).await.unwrap_or_default();
        let body = self.secret.as_ref().map_or(body.clone(), |secret| secret.scrub(body));
        let is_readable =
            !body.is_empty() && matches!(media_type.as_str(), JSON | "application/problem+json" | "text/plain");
        let theirs = TheirFailure::read(status.as_u16(), if is_readable { &body } else { b"" });
        let word: String = theirs.code.chars().take(60).collect();
        let word = if word == status.as_str() { String::new() } else { format!(" (`{word}`)") };
        settle::unanswered(
            &self.job.record,
            &format!("the {} answered {}{word}", self.upstream.called.for_journal(), status.as_u16()),
        );
        let reply = match self.form {
            Form::Same if is_readable => {
                let kind = if media_type == "text/plain" { "text/plain; charset=utf-8" } else { JSON };
                Reply::bytes(status, kind, body)
            }
            _ => {
                // A page of some proxy says nothing that a client of this API could read.
                let message = match is_readable {
                    true => theirs.message,
                    false => {
                        format!("The {} answered with status {}.", self.upstream.called.for_caller(), status.as_u16())
                    }
                };
                let code = if is_readable { theirs.code } else { status.as_str().to_owned() };
                let failure = access::Failure::data_plane(status, &code, message);
                Reply::json(status, &self.job.surface.failure(failure).body)
            }
        };
        Ok(self.headed(reply, headers))
    }

    /// A whole answer.
    async fn whole(mut self, mut answer: Answer) -> HandlerResult {
        let headers = answer.take_headers();
        let body = match answer.collect(BODY_LIMIT_BYTES).await {
            Ok(body) => self.secret.as_ref().map_or(body.clone(), |secret| secret.scrub(body)),
            Err(error) => {
                // It was answered, and so it was paid; how much nobody can tell any more.
                let failure = failure::upstream(&self.upstream.called, &error);
                settle::broken(&self.job.record, &failure.reason);
                return Err(failure);
            }
        };
        let elapsed = self.job.record.elapsed_us();
        self.job.record.note(|record| record.first_byte_us = Some(elapsed));
        let reply = match self.form {
            Form::Same => match self.to_be_streamed(&body) {
                Some(read) => self.said(&read).await?,
                None => self.same(body).await?,
            },
            Form::Other(protocol) => {
                let read = translate::read_answer(protocol, &body).map_err(|theirs| {
                    let reason = theirs.message.clone();
                    let failure = failure::upstream(&self.upstream.called, &EgressError::NotAccepted { reason });
                    settle::broken(&self.job.record, &failure.reason);
                    failure
                })?;
                self.said(&read).await?
            }
        };
        Ok(self.headed(reply, headers))
    }

    /// An answer in the caller's own protocol that came whole though a stream was asked for, so that it is to be said as one.
    fn to_be_streamed(&self, body: &[u8]) -> Option<Said> {
        let protocol = self.job.surface.protocol();
        let is_said = self.job.outline.stream && matches!(protocol, Protocol::Chat | Protocol::Messages);
        if is_said { translate::read_answer(protocol, body).ok() } else { None }
    }

    /// A whole answer, said in the caller's protocol: whole, or as a stream where that was asked for.
    async fn said(&mut self, read: &Said) -> Result<Reply, access::Failure> {
        let account = self.job.account(|prompt_tokens| observed::of_answer(read, prompt_tokens));
        settle::account(&self.job.record, &account);
        self.job.spending.settle(account.usage.total_tokens());
        let told = self.job.told();
        if !self.job.outline.stream {
            let written = told.answer(read);
            self.keep(&written).await?;
            return Ok(Reply::json(StatusCode::OK, &written));
        }
        let mut writer = told.writer();
        let mut events = BytesMut::new();
        for event in read.events() {
            events.extend_from_slice(&writer.write(&event).map_err(|_| failure::broken())?);
        }
        if let Some(response) = writer.response() {
            self.keep(response).await?;
        }
        Ok(Reply::bytes(StatusCode::OK, sse::CONTENT_TYPE, events.freeze()))
    }

    /// A whole answer, byte for byte.
    async fn same(&mut self, body: Bytes) -> Result<Reply, access::Failure> {
        let mut observer = Observer::of(self.job.surface.protocol());
        observer.whole(&body);
        let account = self.job.account(|prompt_tokens| observer.account(prompt_tokens));
        settle::account(&self.job.record, &account);
        self.job.spending.settle(account.usage.total_tokens());
        if let Some(word) = &account.error {
            let who = self.upstream.called.for_journal();
            let reason = format!("the {who} answered 200 with an error (`{word}`)");
            settle::broken(&self.job.record, &reason);
            return Ok(Reply::bytes(StatusCode::OK, JSON, body));
        }
        if self.job.keep.is_some()
            && let Ok(response) = serde_json::from_slice(&body)
        {
            self.keep(&response).await?;
        }
        Ok(Reply::bytes(StatusCode::OK, JSON, body))
    }

    /// Keeps a response that is to be kept.
    async fn keep(&mut self, response: &serde_json::Value) -> Result<(), access::Failure> {
        match self.job.keep.take() {
            // The store's way to the disk is long.
            Some(keep) => Box::pin(keep.put(response)).await,
            None => Ok(()),
        }
    }

    /// Events as they come; what relays them owns the answer and its record from here on.
    fn stream(self, mut answer: Answer) -> Reply {
        let headers = answer.take_headers();
        let closing = self.job.record.take_over();
        let ear = match self.form {
            Form::Same => {
                let withholds_usage = self.job.asks_usage(&self.upstream);
                Ear::same(self.job.surface.protocol(), withholds_usage, self.secret.clone())
            }
            Form::Other(protocol) => Ear::other(protocol, self.job.told(), self.secret.clone()),
        };
        let plan = Arc::clone(&self.job.plan);
        let standing = self.job.standing;
        let body = drawn(|client| relay::relay(self, ear, answer, client, closing));
        headed(Reply::stream(StatusCode::OK, sse::CONTENT_TYPE, body), headers, &plan, standing.as_ref())
    }

    fn headed(&self, reply: Reply, headers: HeaderMap) -> Reply {
        headed(reply, headers, &self.job.plan, self.job.standing.as_ref())
    }
}

/// `headers` are those that `egress` lets a client learn; of limits, this server's own stand above the provider's.
fn headed(reply: Reply, headers: HeaderMap, plan: &Plan, standing: Option<&Standing>) -> Reply {
    // A 401 or 429 of the provider must not be taken for one of this server's.
    let reply = plan.head.on(reply).with_ready(&X_CUPOLA_ANSWERED_BY, HeaderValue::from_static("upstream"));
    admission::on(reply.with_headers(headers), standing)
}
