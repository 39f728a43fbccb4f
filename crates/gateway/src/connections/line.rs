//! A connection, ready to be asked: where it leads, what is shown there, what every request carries.

use std::time::Duration;

use access::Failure;
use arm::{Resource, Scope};
use egress::{Egress, EgressError, Outgoing, OwnHeaders, Patience, Target};
use http::StatusCode;
use resources::connections::{GatewayConnection, ModelFormat};

use super::aside::Aside;
use super::discovery::Discovered;
use super::secrets::Secrets;
use super::shown::Shown;
use crate::failure;
use crate::protocol::Protocol;
use crate::upstream::{Called, Resting, Sent};

/// How long the answer to a question about models is waited for.
const DISCOVERY_PATIENCE: Patience =
    Patience { first_byte: Some(Duration::from_secs(30)), idle: Some(Duration::from_secs(30)) };

/// How a model is named in a request to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathForm {
    /// In the path, and not in the body.
    pub(super) deployment_in_path: bool,
    /// The `api-version` of the request.
    pub(super) api_version: Option<String>,
}

/// A connection to models behind a gateway.
pub(crate) struct Line {
    /// The connection's id.
    pub(crate) id: Scope,
    /// The revision that it was opened from.
    pub(super) etag: String,
    /// What it says.
    pub(crate) written: GatewayConnection,
    /// What it shows.
    pub(crate) shown: Shown,
    /// Where it leads.
    pub(super) base: Target,
    /// The form of its paths.
    pub(super) form: PathForm,
    /// The headers that the connection adds to every request.
    pub(super) headers: OwnHeaders,
    /// What the gateway said of its models.
    pub(super) discovered: Discovered,
    egress: Egress,
}

impl Line {
    /// Opens a connection as it is written, with its secrets. A target that may not be asked, a secret that is missing and a header
    /// that cannot be sent are errors.
    pub(super) fn open(
        resource: &Resource,
        written: GatewayConnection,
        secrets: &Secrets,
        egress: &Egress,
    ) -> Result<Line, EgressError> {
        let mut headers = OwnHeaders::default();
        for (name, value) in &written.custom_headers {
            headers.put(name, value)?;
        }
        Ok(Line {
            id: resource.id.clone(),
            etag: resource.etag.clone(),
            shown: Shown::open(&written, secrets, egress)?,
            base: egress.target(&written.target)?,
            form: PathForm {
                deployment_in_path: written.deployment_in_path,
                api_version: written.inference_api_version.clone(),
            },
            written,
            headers,
            discovered: Discovered::default(),
            egress: egress.clone(),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.id.name()
    }

    /// The host that it leads to.
    pub(crate) fn host(&self) -> String {
        self.base.host()
    }

    /// Where a model is asked in a protocol; `None` for protocols that its format does not speak.
    pub(crate) fn target(&self, format: &ModelFormat, protocol: Protocol, model: &str) -> Option<Target> {
        self.place(&self.form, format, protocol, model)
    }

    /// The same in another form of path.
    pub(super) fn place(
        &self,
        form: &PathForm,
        format: &ModelFormat,
        protocol: Protocol,
        model: &str,
    ) -> Option<Target> {
        let path: &[&str] = match (format, protocol) {
            (ModelFormat::Anthropic, Protocol::Messages) => &["messages"],
            (ModelFormat::OpenAi | ModelFormat::Other(_), Protocol::Chat | Protocol::Embeddings) => protocol.path(),
            _ => return None,
        };
        let target = match form.deployment_in_path {
            true => self.base.join(&["deployments", model]).join(path),
            false => self.base.join(path),
        };
        Some(match &form.api_version {
            Some(version) => target.with_query("api-version", version),
            None => target,
        })
    }

    /// The way out that it is asked by.
    pub(super) fn egress(&self) -> &Egress {
        &self.egress
    }

    /// Sends what `make` makes, with the headers and the proof of this connection. A token that is refused is renewed once.
    pub(crate) async fn send(&self, make: impl Fn() -> Outgoing, aside: &Aside) -> Result<Sent, EgressError> {
        let proof = self.shown.proof(aside.token.as_ref()).await?;
        let sent = Sent::of(&self.egress, make().with_own(&aside.headers), Some(proof)).await?;
        if sent.answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(sent);
        }
        let Some(refused) = &sent.secret else { return Ok(sent) };
        match self.shown.renewed(refused).await {
            Some(proof) => Sent::of(&self.egress, make().with_own(&aside.headers), Some(proof)).await,
            None => Ok(sent),
        }
    }

    /// Asks the gateway about its models.
    pub(super) async fn look_up(&self, target: &Target, aside: &Aside) -> Result<Sent, EgressError> {
        let make = || Outgoing::get(target.clone()).accept("application/json").within(DISCOVERY_PATIENCE);
        self.send(make, aside).await
    }

    /// What a caller is told while the gateway is left alone.
    pub(super) fn resting(&self, rest: Resting) -> Failure {
        failure::resting(&[(&Called::Connection(self.name().to_owned()), rest)])
    }

    /// What a caller is told where nothing came back.
    pub(super) fn unanswered(&self, error: &EgressError) -> Failure {
        failure::upstream(&Called::Connection(self.name().to_owned()), error)
    }
}
