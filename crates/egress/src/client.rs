//! The one HTTP client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_ENCODING;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;

use crate::answer::{Answer, text_of};
use crate::connector::Connector;
use crate::credential::{Credential, CredentialError, SecretSource};
use crate::error::{EgressError, SetupError};
use crate::guard::{Guard, Refused};
use crate::outgoing::Outgoing;
use crate::resolver::{Resolve, SystemResolver};
use crate::target::{Origin, Target};
use crate::timeouts::{
    MAX_HEADER_BYTES, PING_INTERVAL, PING_TIMEOUT, POOL_IDLE_TIMEOUT, POOL_MAX_IDLE_PER_HOST, Timeouts, millis,
};
use crate::tls;

/// Reads a variable of the environment.
type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the operator says about the way out.
#[derive(Clone)]
pub struct Settings {
    /// Origins, `scheme://host[:port]` or `scheme://host:*` for every port, that may be asked though they are loopback, private or plain http.
    pub allowed_targets: Vec<String>,
    /// Public hosts that may be asked: `api.openai.com`, `*.openai.azure.com`; all of them when unset.
    pub allowed_domains: Option<Vec<String>>,
    /// Files of certificate authorities (PEM) that are believed.
    pub ca_files: Vec<PathBuf>,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Who resolves names.
    pub resolver: Arc<dyn Resolve>,
    /// Who reads the environment, where secrets and the machine's identity may be.
    pub variables: Variables,
}

impl Default for Settings {
    /// Public hosts over https, nobody believed yet, the system's resolver, the process's environment.
    fn default() -> Settings {
        Settings {
            allowed_targets: Vec::new(),
            allowed_domains: None,
            ca_files: Vec::new(),
            timeouts: Timeouts::default(),
            resolver: Arc::new(SystemResolver),
            variables: Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty())),
        }
    }
}

/// The way out. Clones share connections.
#[derive(Clone)]
pub struct Egress {
    client: Client<Connector, Full<Bytes>>,
    guard: Arc<Guard>,
    tls: Arc<ClientConfig>,
    timeouts: Timeouts,
    resolver: Arc<dyn Resolve>,
    variables: Variables,
}

impl Egress {
    /// Opens the way out under the operator's rules.
    pub fn new(settings: Settings) -> Result<Egress, SetupError> {
        let Settings { allowed_targets, allowed_domains, ca_files, timeouts, resolver, variables } = settings;
        let guard = Guard::new(&allowed_targets, allowed_domains.as_deref(), Arc::clone(&resolver))?;
        let tls = Arc::new(tls::config(&ca_files)?);
        Ok(Egress::of(Arc::new(guard), tls, timeouts, resolver, variables))
    }

    fn of(
        guard: Arc<Guard>,
        tls: Arc<ClientConfig>,
        timeouts: Timeouts,
        resolver: Arc<dyn Resolve>,
        variables: Variables,
    ) -> Egress {
        let connector = connector(&guard, &tls, timeouts);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(POOL_MAX_IDLE_PER_HOST)
            .http1_max_buf_size(MAX_HEADER_BYTES)
            .http2_max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .build(connector);
        Egress { client, guard, tls, timeouts, resolver, variables }
    }

    /// A way out to one origin alone, whatever its address; for the machine's own token endpoint.
    pub(crate) fn only(&self, origin: Origin) -> Egress {
        let guard = Arc::new(Guard::only(origin, Arc::clone(&self.resolver)));
        let variables = Arc::clone(&self.variables);
        Egress::of(guard, Arc::clone(&self.tls), self.timeouts, Arc::clone(&self.resolver), variables)
    }

    /// Reads a URL that the operator or a governed resource names, and refuses what may not be asked. Its name is not resolved yet.
    pub fn target(&self, url: &str) -> Result<Target, Refused> {
        let target = Target::parse(url)?;
        self.guard.admit(&target.origin)?;
        Ok(target)
    }

    /// Reads an exact URL, as [`Egress::target`] reads a base: its trailing slash and its query are kept.
    pub fn exact_target(&self, url: &str) -> Result<Target, Refused> {
        let target = Target::exact(url)?;
        self.guard.admit(&target.origin)?;
        Ok(target)
    }

    /// Connects to a target, with TLS where it is `https`, says nothing and leaves: for who wants to know whether it can be reached.
    pub async fn reach(&self, target: &Target) -> Result<(), EgressError> {
        connector(&self.guard, &self.tls, self.timeouts).call(target.uri()?).await.map(drop)
    }

    /// Resolves a target now and checks its addresses, for who stores it. Every connection checks again.
    pub async fn check(&self, target: &Target) -> Result<(), EgressError> {
        self.guard.resolve(&target.origin).await.map(drop)
    }

    /// Opens a secret that the operator keeps outside.
    pub fn credential(&self, source: &SecretSource) -> Result<Credential, CredentialError> {
        Credential::open(source, &*self.variables)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name)
    }

    /// Sends a request and waits for the head of its answer. Dropping the wait, or the answer, cancels it at the other end. No redirect
    /// is followed.
    pub fn send(&self, outgoing: Outgoing) -> impl Future<Output = Result<Answer, EgressError>> + Send + use<> {
        let limit = outgoing.patience.first_byte.unwrap_or(self.timeouts.first_byte);
        let idle = outgoing.patience.idle.unwrap_or(self.timeouts.idle);
        // Made before the wait, which then holds nothing but the client's own box.
        let asked = outgoing.into_request().map(|request| self.client.request(request));
        async move {
            let response = timeout(limit, asked?).await;
            let late = |_| EgressError::TimedOut { what: "answer", limit_ms: millis(limit) };
            received(response.map_err(late)?.map_err(|error| failed(&error))?, idle)
        }
    }
}

/// An answer in a form that is read here.
fn received(response: Response<Incoming>, idle: Duration) -> Result<Answer, EgressError> {
    let (head, body) = response.into_parts();
    let is_packed = |value: &http::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if head.headers.get(CONTENT_ENCODING).is_some_and(is_packed) {
        return Err(EgressError::NotAccepted { reason: "it is compressed, which was not asked for".to_owned() });
    }
    Ok(Answer::new(head, body, idle))
}

fn connector(guard: &Arc<Guard>, tls: &Arc<ClientConfig>, timeouts: Timeouts) -> Connector {
    Connector { guard: Arc::clone(guard), tls: Arc::clone(tls), connect_timeout: timeouts.connect }
}

/// Our connector's own words where it failed; else the client's.
fn failed(error: &Error) -> EgressError {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<EgressError>() {
            return ours.clone();
        }
        cause = inner.source();
    }
    EgressError::Broken { reason: text_of(error) }
}
