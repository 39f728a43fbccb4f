//! Providers outside: where each is, how the server proves itself there, and how a request gets to them.

mod azure_openai;
mod forward;
mod key;
mod openai_compatible;
mod relay;
mod settle;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use egress::{Answer, Egress, EgressError, Outgoing, Secret, SecretHeader, Target};
use http::{HeaderMap, StatusCode};
use resources::model_catalog::{self, Catalog, UpstreamKind};

pub(crate) use forward::{Errand, forward};

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
pub(crate) struct Proof {
    header: SecretHeader,
    secret: Secret,
}

/// A provider, ready to be asked.
pub(crate) struct Upstream {
    /// Its name in the catalog; for the journal, never for a caller.
    pub(crate) name: String,
    /// Whether its streams may be asked for their usage.
    pub(crate) stream_usage: bool,
    egress: Egress,
    endpoint: Endpoint,
}

enum Endpoint {
    OpenAi(openai_compatible::Endpoint),
    Azure(azure_openai::Endpoint),
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

    /// The provider of this name.
    pub(crate) fn of(&self, name: &str) -> Option<Arc<Upstream>> {
        self.by_name.get(name).cloned()
    }
}

/// What became of a request.
pub(crate) struct Sent {
    /// The answer's head, and its body to be read.
    pub(crate) answer: Answer,
    /// The secret it was sent with.
    pub(crate) secret: Option<Secret>,
}

impl Upstream {
    fn open(written: &model_catalog::Upstream, egress: &Egress) -> Result<Upstream, EgressError> {
        let endpoint = match written.kind {
            UpstreamKind::OpenAi => Endpoint::OpenAi(openai_compatible::Endpoint::open(written, egress)?),
            UpstreamKind::AzureOpenAi => Endpoint::Azure(azure_openai::Endpoint::open(written, egress)?),
        };
        Ok(Upstream {
            name: written.name.clone(),
            stream_usage: written.stream_usage,
            egress: egress.clone(),
            endpoint,
        })
    }

    /// Asks for a chat completion; answers with the head of what came back. A token that is refused is renewed once.
    pub(crate) async fn chat(
        &self,
        model: &str,
        body: Bytes,
        from_caller: &HeaderMap,
        accept: &'static str,
    ) -> Result<Sent, EgressError> {
        let (target, proof) = match &self.endpoint {
            Endpoint::OpenAi(endpoint) => (endpoint.chat(), endpoint.proof()?),
            Endpoint::Azure(endpoint) => (endpoint.chat(model), Some(endpoint.proof().await?)),
        };
        let sent = self.send(target.clone(), body.clone(), from_caller, accept, proof).await?;
        let Endpoint::Azure(endpoint) = &self.endpoint else { return Ok(sent) };
        if sent.answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(sent);
        }
        let Some(refused) = &sent.secret else { return Ok(sent) };
        match endpoint.renewed(refused).await {
            Some(proof) => self.send(target, body, from_caller, accept, Some(proof)).await,
            None => Ok(sent),
        }
    }

    async fn send(
        &self,
        target: Target,
        body: Bytes,
        from_caller: &HeaderMap,
        accept: &'static str,
        proof: Option<Proof>,
    ) -> Result<Sent, EgressError> {
        let (header, secret) = proof.map(|Proof { header, secret }| (header, secret)).unzip();
        let outgoing = Outgoing::post(target, "application/json", body);
        let outgoing = outgoing.forwarding(from_caller).accept(accept).authorized_by(header);
        Ok(Sent { answer: self.egress.send(outgoing).await?, secret })
    }
}
