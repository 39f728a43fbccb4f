//! The life of a request that is handed on: choose → write → send, again elsewhere while nothing has come back → answer.

use std::sync::Arc;
use std::time::Instant;

use access::{Draft, Failure, HandlerResult, InferenceJson};
use dialect::anthropic::{Target, ThinksBy};
use dialect::exchange::AnswerContext;
use dialect::openai::completions::CompletionReply;
use dialect::openai::responses::ResponseContext;
use egress::{EgressError, Secret};
use http::HeaderMap;
use metering::Standing;

use super::body::{self, Form};
use super::breaker::Health;
use super::order::{Rank, order};
use super::{Errand, Sent, Upstream, health, settle};
use crate::connections::Aside;
use crate::keep::Keep;
use crate::observed::Account;
use crate::outline::Outline;
use crate::plan::{Plan, Way};
use crate::protocol::Protocol;
use crate::spending::Spending;
use crate::surface::Surface;
use crate::translate::Told;
use crate::{counting, failure};

/// Providers that one request is sent to at most: the one it was drawn for, and two to fall back to.
const ATTEMPTS_LIMIT: usize = 3;
/// Names the software that wrote an answer.
pub(crate) const FINGERPRINT: &str = concat!("fp_cupola_", env!("CARGO_PKG_VERSION"));
/// What Anthropic's protocol is told where neither the caller nor the catalog limits an answer.
const MAX_TOKENS_USUAL: u64 = 4096;

/// A request that was let in, on its way to a provider. It is large, and goes from hand to hand in a box.
pub(crate) struct Job {
    pub(crate) surface: Surface,
    pub(crate) plan: Arc<Plan>,
    pub(crate) outline: Outline,
    /// The body as it came.
    pub(crate) body: InferenceJson,
    /// For a response that goes on from another: the body with all items of both.
    pub(crate) said: Option<InferenceJson>,
    /// The caller's headers; few of them go along.
    pub(crate) from_caller: HeaderMap,
    /// What goes along through a connection.
    pub(crate) aside: Option<Aside>,
    /// The record of the request.
    pub(crate) record: Draft,
    /// What it holds of the limits.
    pub(crate) spending: Spending,
    pub(crate) lowered_cap: Option<u64>,
    pub(crate) standing: Option<Standing>,
    /// Where a response is kept.
    pub(crate) keep: Option<Keep>,
    /// The answer's own id, which its caller reads where it is written here, and its time.
    pub(crate) id: uuid::Uuid,
    pub(crate) created: i64,
}

/// A job that was answered.
pub(super) struct Trip {
    pub(super) job: Box<Job>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) form: Form,
    pub(super) secret: Option<Secret>,
}

impl Job {
    /// What was said to the model: the body, with all items where it goes on from another response.
    pub(crate) fn said(&self) -> &InferenceJson {
        self.said.as_ref().unwrap_or(&self.body)
    }

    /// What was seen of its answer, of which `seen` tells for a prompt of so many tokens; one that its provider did not count is
    /// counted here.
    pub(super) fn account(&self, seen: impl Fn(u64) -> Account) -> Account {
        let account = seen(self.spending.prompt_tokens());
        if !account.is_estimated {
            return account;
        }
        seen(counting::count(self.surface.protocol(), &self.plan.model.name, self.said().root()))
    }

    /// Whether the chunk that carries the usage is asked for by us, and is not the caller's.
    pub(super) fn asks_usage(&self, upstream: &Upstream) -> bool {
        let is_of_openai = matches!(self.surface.protocol(), Protocol::Chat | Protocol::Completions);
        is_of_openai && self.outline.stream && !self.outline.include_usage && upstream.stream_usage
    }

    /// What Anthropic's protocol must be told though the caller did not say it.
    pub(crate) fn target(&self) -> Target {
        let default_max_tokens = self.lowered_cap.or(self.plan.model.max_output_tokens).unwrap_or(MAX_TOKENS_USUAL);
        let thinks_by = if self.plan.model.thinks_by_effort { ThinksBy::Effort } else { ThinksBy::Budget };
        Target { default_max_tokens, thinks_by }
    }

    /// How an answer is told that is written here.
    pub(crate) fn told(&self) -> Told {
        let model = self.plan.said().to_owned();
        let id = self.id.simple();
        let plain =
            |prefix: &str| AnswerContext { id: format!("{prefix}{id}"), model: model.clone(), created: self.created };
        let include_usage = self.outline.include_usage;
        match self.surface.protocol() {
            protocol @ Protocol::Messages => Told::Plain { protocol, context: plain("msg_"), include_usage },
            Protocol::Responses => {
                let context =
                    ResponseContext::new(format!("resp_{id}"), self.created, model.clone(), self.body.value());
                Told::Response(Box::new(context))
            }
            Protocol::Completions => Told::Completion(CompletionReply {
                id: format!("cmpl-{id}"),
                created: self.created,
                model: model.clone(),
                system_fingerprint: FINGERPRINT.to_owned(),
                include_usage,
            }),
            protocol => Told::Plain { protocol, context: plain("chatcmpl-"), include_usage },
        }
    }
}

/// Sends a job to the providers of its model, one after the other until one answers, and hands on what comes back. A client that
/// goes away drops this, which cancels the request at the provider; the record then keeps what [`settle::expect`] wrote.
pub(crate) async fn forward(mut job: Box<Job>, ways: &[Way]) -> HandlerResult {
    let (way, form, Sent { answer, secret }) = send(&mut job, ways).await?;
    Trip { upstream: Arc::clone(&way.upstream), form, secret, job }.end(answer).await
}

/// How the last provider that was asked left it.
enum Last<'a> {
    Answered(&'a Way, Form, Sent),
    Failed(&'a Way, EgressError),
}

async fn send<'a>(job: &mut Job, ways: &'a [Way]) -> Result<(&'a Way, Form, Sent), Failure> {
    let asked = job.surface.protocol();
    let ranks: Vec<Rank> = ways.iter().map(|way| way.rank).collect();
    let able = order(&ranks, job.id.as_u64_pair().1).into_iter().filter_map(|at| ways.get(at));
    let able: Vec<(&Way, Form)> = able.filter_map(|way| Some((way, body::form(&way.upstream, asked)?))).collect();
    if able.is_empty() {
        return Err(failure::not_spoken(job.surface));
    }
    let (mut last, mut resting) = (None, Vec::new());
    let (mut attempts, mut unsayable) = (0, None);
    for (way, form) in &able {
        if attempts == ATTEMPTS_LIMIT {
            break;
        }
        let is_alone = able.len() == 1;
        let pass = match way.upstream.breaker.admit(Instant::now()) {
            Ok(pass) => pass,
            Err(rest) => {
                resting.push((&way.upstream.called, rest));
                continue;
            }
        };
        let bytes = match body::write(job, *form, &way.upstream, &way.model) {
            Ok(bytes) => bytes,
            // Another may have words for it.
            Err(failure) => {
                unsayable.get_or_insert(failure);
                continue;
            }
        };
        attempts += 1;
        settle::expect(&job.record, way.upstream.called.in_catalog(), job.spending.prompt_tokens());
        job.spending.sent();
        let protocol = if let Form::Other(protocol) = form { *protocol } else { asked };
        let (model, is_stream) = (way.model.as_str(), job.outline.stream);
        let aside = job.aside.as_ref();
        let errand = Errand { protocol, model, body: bytes, from_caller: &job.from_caller, is_stream, aside };
        let sent = way.upstream.ask(errand).await;
        let health = sent.as_ref().map_or_else(health::of_error, |sent| health::of_answer(&sent.answer));
        // The one provider there is says itself when it is busy.
        let told = if is_alone && matches!(health, Health::Busy(_)) { &Health::Good } else { &health };
        pass.report(told, Instant::now());
        last = Some(match sent {
            Ok(sent) if health == Health::Good => return Ok((way, *form, sent)),
            Ok(sent) => Last::Answered(way, *form, sent),
            Err(error) => Last::Failed(way, error),
        });
    }
    match last {
        Some(Last::Answered(way, form, sent)) => Ok((way, form, sent)),
        Some(Last::Failed(way, error)) => {
            job.spending.nothing();
            Err(failed(&way.upstream, &job.record, &error))
        }
        None if unsayable.is_some() && resting.is_empty() => Err(unsayable.unwrap_or_else(failure::broken)),
        None => {
            let failure = failure::resting(&resting);
            settle::unanswered(&job.record, &failure.reason);
            Err(failure)
        }
    }
}

/// There was no answer, or none that can be handed on.
pub(super) fn failed(upstream: &Upstream, record: &Draft, error: &EgressError) -> Failure {
    let failure = failure::upstream(&upstream.called, error);
    settle::unanswered(record, &failure.reason);
    failure
}
