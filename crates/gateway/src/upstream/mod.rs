//! Providers outside: where each is, how the server proves itself there, and how a request gets to them.

mod answer;
mod anthropic;
mod azure_openai;
mod body;
mod breaker;
mod called;
mod ear;
mod forward;
mod health;
mod key;
mod openai_compatible;
mod order;
mod relay;
mod settle;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use access::{Failure, HandlerResult, Reply};
use bytes::Bytes;
use dialect::openai::{Edits, rewrite};
use dialect::sse;
use egress::{Answer, Egress, EgressError, Outgoing, Patience, Secret, SecretHeader, Target};
use futures_util::FutureExt;
use http::{HeaderMap, StatusCode};
use resources::model_catalog::{self, Catalog, Model, UpstreamKind};

use resources::connections::ModelFormat;
use tape::Tape;

use crate::connections::{Aside, Line};
use crate::failure;
use crate::plan::Way;
use crate::protocol::Protocol;
pub(crate) use breaker::{Breaker, Health, Resting};
pub(crate) use called::Called;
pub(crate) use forward::{Job, forward};
pub(crate) use order::Rank;
pub(crate) use settle::account;

/// The media type of requests and whole answers.
const JSON: &str = "application/json";
/// The largest answer to a count: a number, or an error.
const COUNT_LIMIT_BYTES: usize = 64 * 1024;

/// Why an upstream of the catalog cannot be used as it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upstream `{name}` of the model catalog: {reason}")]
pub struct UpstreamError {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What proves the server to a provider, with the secret that must not come back.
#[derive(Clone)]
pub(crate) struct Proof {
    pub(crate) header: SecretHeader,
    pub(crate) secret: Secret,
}

/// A provider, ready to be asked.
pub(crate) struct Upstream {
    /// What it is known by.
    pub(crate) called: Called,
    /// Whether its streams may be asked for their usage.
    pub(crate) stream_usage: bool,
    /// Where it runs, if the operator says so.
    pub(crate) region: Option<String>,
    /// Whether it is asked at all.
    pub(crate) breaker: Arc<Breaker>,
    patience: Patience,
    egress: Egress,
    endpoint: Endpoint,
}

enum Endpoint {
    OpenAi(Box<openai_compatible::Endpoint>),
    Azure(azure_openai::Endpoint),
    Anthropic(anthropic::Endpoint),
    Connection(Arc<Line>, ModelFormat),
}

/// What a provider is asked.
#[derive(Clone)]
pub(crate) struct Errand<'a> {
    /// In which protocol; one that it speaks.
    pub(crate) protocol: Protocol,
    /// What it calls the model.
    pub(crate) model: &'a str,
    /// The request in that protocol.
    pub(crate) body: Bytes,
    /// The caller's headers; few of them go along.
    pub(crate) from_caller: &'a HeaderMap,
    /// Whether the answer is wanted as a stream of events.
    pub(crate) is_stream: bool,
    /// What goes along through a connection.
    pub(crate) aside: Option<&'a Aside>,
}

/// The providers of a catalog, by name.
#[derive(Default)]
pub(crate) struct Upstreams {
    by_name: BTreeMap<String, Arc<Upstream>>,
}

impl Upstreams {
    /// Reads every address and every secret once, so that a mistake stops the start and not a request.
    pub(crate) fn open(models: &Catalog, egress: &Egress) -> Result<Upstreams, UpstreamError> {
        let open = |written: &model_catalog::Upstream| {
            let opened = Upstream::open(written, egress)
                .map_err(|error| UpstreamError { name: written.name.clone(), reason: error.to_string() })?;
            Ok((written.name.clone(), Arc::new(opened)))
        };
        Ok(Upstreams { by_name: models.upstreams().iter().map(open).collect::<Result<_, _>>()? })
    }

    /// The providers of a model. Of one that is bound to a region, those elsewhere are left out.
    pub(crate) fn ways(&self, model: &Model, region: Option<&str>) -> Result<Vec<Way>, Failure> {
        let mut ways = Vec::new();
        for place in model.places() {
            let upstream = self.by_name.get(&place.name).ok_or_else(|| failure::no_way_out(&place.name))?;
            let elsewhere =
                |region: &str| upstream.region.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(region));
            if region.is_none_or(|region| !elsewhere(region)) {
                let rank = Rank { priority: place.priority, weight: place.weight };
                ways.push(Way { upstream: Arc::clone(upstream), model: place.model.clone(), rank });
            }
        }
        if ways.is_empty() { Err(failure::not_in_region(&model.name)) } else { Ok(ways) }
    }
}

/// What became of a request.
pub(crate) struct Sent {
    /// The answer's head, and its body to be read.
    pub(crate) answer: Answer,
    /// The secret it was sent with.
    pub(crate) secret: Option<Secret>,
}

impl Sent {
    /// Sends a request with what proves the server.
    pub(crate) fn of(
        egress: &Egress,
        outgoing: Outgoing,
        proof: Option<Proof>,
    ) -> impl Future<Output = Result<Sent, EgressError>> + Send + use<> {
        let (header, secret) = proof.map(|Proof { header, secret }| (header, secret)).unzip();
        egress.send(outgoing.authorized_by(header)).map(|answered| Ok(Sent { answer: answered?, secret }))
    }

    /// Its body, of at most so many bytes, without the secret that it was sent with.
    pub(crate) async fn words(self, limit_bytes: usize) -> Result<Bytes, EgressError> {
        let body = self.answer.collect(limit_bytes).await?;
        Ok(self.secret.map_or(body.clone(), |secret| secret.scrub(body)))
    }
}

impl Upstream {
    /// The gateway behind a connection, for its models of one format.
    pub(crate) fn behind(line: &Arc<Line>, format: ModelFormat, breaker: &Arc<Breaker>, egress: &Egress) -> Upstream {
        Upstream {
            called: Called::Connection(line.name().to_owned()),
            stream_usage: true,
            region: None,
            breaker: Arc::clone(breaker),
            patience: Patience::default(),
            egress: egress.clone(),
            endpoint: Endpoint::Connection(Arc::clone(line), format),
        }
    }

    fn open(written: &model_catalog::Upstream, egress: &Egress) -> Result<Upstream, EgressError> {
        let endpoint = match written.kind {
            UpstreamKind::OpenAi => Endpoint::OpenAi(Box::new(openai_compatible::Endpoint::open(written, egress)?)),
            UpstreamKind::AzureOpenAi => Endpoint::Azure(azure_openai::Endpoint::open(written, egress)?),
            UpstreamKind::Anthropic => Endpoint::Anthropic(anthropic::Endpoint::open(written, egress)?),
        };
        let millis = |millis: Option<u64>| millis.map(Duration::from_millis);
        let patience =
            Patience { first_byte: millis(written.first_byte_timeout_ms), idle: millis(written.idle_timeout_ms) };
        Ok(Upstream {
            called: Called::Upstream(written.name.as_str().into()),
            stream_usage: written.stream_usage,
            region: written.region.clone(),
            breaker: Arc::default(),
            patience,
            egress: egress.clone(),
            endpoint,
        })
    }

    /// Whether it speaks a protocol.
    pub(crate) fn speaks(&self, protocol: Protocol) -> bool {
        self.target(protocol, "model").is_some()
    }

    fn target(&self, protocol: Protocol, model: &str) -> Option<Target> {
        match &self.endpoint {
            Endpoint::OpenAi(endpoint) => endpoint.target(protocol),
            Endpoint::Azure(endpoint) => endpoint.target(protocol, model),
            Endpoint::Anthropic(endpoint) => endpoint.target(protocol),
            Endpoint::Connection(line, format) => line.target(format, protocol, model),
        }
    }

    /// Whether the model is named in the path alone.
    pub(crate) fn names_model_in_path(&self) -> bool {
        matches!(&self.endpoint, Endpoint::Connection(line, _) if line.written.deployment_in_path)
    }

    async fn proof(&self) -> Result<Option<Proof>, EgressError> {
        match &self.endpoint {
            Endpoint::OpenAi(endpoint) => endpoint.proof(),
            Endpoint::Azure(endpoint) => endpoint.proof().await.map(Some),
            Endpoint::Anthropic(endpoint) => endpoint.proof(),
            Endpoint::Connection(..) => Ok(None),
        }
    }

    /// Asks, and answers with the head of what came back. A token that is refused is renewed once.
    pub(crate) async fn ask(&self, errand: Errand<'_>) -> Result<Sent, EgressError> {
        let not_spoken = || EgressError::NotAccepted { reason: "it does not speak that".to_owned() };
        let target = || self.target(errand.protocol, errand.model).ok_or_else(not_spoken);
        if let (Endpoint::Connection(line, _), Some(aside)) = (&self.endpoint, errand.aside) {
            let target = target()?;
            // What else may happen there takes room that a request to a provider need not carry.
            return Box::pin(line.send(|| self.outgoing(target.clone(), &errand), aside)).await;
        }
        let proof = self.proof().await?;
        let sent = self.send(target()?, &errand, proof).await?;
        let Endpoint::Azure(endpoint) = &self.endpoint else { return Ok(sent) };
        if sent.answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(sent);
        }
        let Some(refused) = &sent.secret else { return Ok(sent) };
        match Box::pin(endpoint.renewed(refused)).await {
            Some(proof) => self.send(target()?, &errand, Some(proof)).await,
            None => Ok(sent),
        }
    }

    /// Whether it counts the tokens of messages.
    pub(crate) fn counts_tokens(&self) -> bool {
        matches!(self.endpoint, Endpoint::Anthropic(_))
    }

    /// How many tokens messages have, by the provider's own count; its answer is handed on.
    pub(crate) async fn count_tokens(&self, model: &str, body: &Tape<Bytes>, from_caller: &HeaderMap) -> HandlerResult {
        let edits = Edits { put: vec![("model", serde_json::Value::from(model).to_string())], ..Edits::default() };
        let body = rewrite(body, &edits).map(Bytes::from).map_err(|_| failure::broken())?;
        let failed = |error: EgressError| failure::upstream(&self.called, &error);
        let target = self.target(Protocol::Messages, model).ok_or_else(failure::not_found)?.join(&["count_tokens"]);
        let errand = Errand { protocol: Protocol::Messages, model, body, from_caller, is_stream: false, aside: None };
        let proof = self.proof().await.map_err(failed)?;
        let sent = self.send(target, &errand, proof).await.map_err(failed)?;
        let status = sent.answer.status();
        let body = sent.words(COUNT_LIMIT_BYTES).await.map_err(failed)?;
        Ok(Reply::bytes(status, JSON, body).with_header("x-cupola-answered-by", "upstream"))
    }

    fn send(
        &self,
        target: Target,
        errand: &Errand<'_>,
        proof: Option<Proof>,
    ) -> impl Future<Output = Result<Sent, EgressError>> + Send + use<> {
        Sent::of(&self.egress, self.outgoing(target, errand), proof)
    }

    fn outgoing(&self, target: Target, errand: &Errand<'_>) -> Outgoing {
        let outgoing = Outgoing::post(target, JSON, errand.body.clone()).forwarding(errand.from_caller);
        let outgoing = match errand.protocol {
            Protocol::Messages => outgoing.or_header(anthropic::VERSION.0, anthropic::VERSION.1),
            _ => outgoing,
        };
        let accept = if errand.is_stream { sse::CONTENT_TYPE } else { JSON };
        outgoing.accept(accept).within(self.patience)
    }
}
