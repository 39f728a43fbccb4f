//! Models behind other people's gateways, reached through the connections of projects.
//!
//! A connection is opened once for each of its revisions (target, secrets, headers) and becomes an upstream like those of the
//! operator's catalog, so whatever holds for these holds for it: limits, breaker, relay, record.

mod aside;
mod discovery;
mod line;
mod name;
mod refusal;
mod secrets;
mod shown;
mod tokens;
mod trial;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use access::{Draft, Failure, StandIn};
use arm::{Resource, Scope};
use egress::{Egress, Secret};
use jiff::Timestamp;
use resources::connections::{GatewayConnection, GatewayModel, ModelFormat};
use store::{Store, World};
use uuid::Uuid;

use crate::upstream::{Breaker, Upstream};
use secrets::Secrets;
pub use secrets::connection_secrets;
use trial::{Report, Trial};

pub(crate) use aside::{Aside, Through, Uses};
pub(crate) use line::Line;
pub(crate) use name::{Wanted, wanted};
pub use tokens::{NoIdentityToken, Tokens};

/// What connections need of the world outside the gateway.
pub struct Outside {
    /// The way out, under the operator's rules.
    pub egress: Egress,
    /// Signs tokens of identities that connections show.
    pub tokens: Arc<dyn Tokens>,
    /// Opens the secrets of connections, and decides who may use one from inside.
    pub stand_in: StandIn,
}

/// The connections that were asked for, each ready to be asked again.
pub(crate) struct Connections {
    pub(crate) outside: Outside,
    store: Store,
    opened: Mutex<HashMap<String, Arc<Opened>>>,
}

/// A connection, and the upstreams that its models of either form are behind. They fail and rest together.
pub(crate) struct Opened {
    pub(crate) line: Arc<Line>,
    breaker: Arc<Breaker>,
    open_ai: Arc<Upstream>,
    messages: Arc<Upstream>,
}

/// A connection to be tried, and for whom.
pub(crate) struct Tried<'a> {
    pub(crate) world: &'a World,
    /// The connection, stored or about to be.
    pub(crate) resource: &'a Resource,
    /// The project that is acted for, or the account.
    pub(crate) place: &'a Resource,
    /// Who tries it, by object id.
    pub(crate) caller: Uuid,
    /// The model that is asked; the first that there is when unset.
    pub(crate) model: Option<&'a str>,
    pub(crate) id: Uuid,
    pub(crate) now: Timestamp,
    /// The record that tells of it.
    pub(crate) record: Option<&'a Draft>,
}

/// A model behind a connection, and what goes along with a request to it.
pub(crate) struct Reached {
    pub(crate) opened: Arc<Opened>,
    pub(crate) model: GatewayModel,
    pub(crate) aside: Aside,
}

impl Connections {
    pub(crate) fn new(outside: Outside, store: Store) -> Connections {
        Connections { outside, store, opened: Mutex::default() }
    }

    /// Finds the connection and the model that are wanted; the record tells of the connection from the moment that it is found.
    pub(crate) async fn reach(
        &self,
        wanted: &Wanted<'_>,
        through: &Through<'_>,
        record: &Draft,
    ) -> Result<Reached, Failure> {
        let (resource, _) = wanted.find(through.world, &through.project.id)?;
        record.note(|record| {
            record.connection = Some(resource.id.to_string());
            record.connection_identity = Some(through.uses.identity);
        });
        let opened = match self.known(&resource) {
            Some(opened) => opened,
            None => self.open(wanted, &through.project.id)?,
        };
        let line = &opened.line;
        record.note(|record| {
            record.credential_kind = Some(line.shown.kind().into());
            record.upstream_host = Some(line.host());
        });
        let aside = through.aside(line, &*self.outside.tokens)?;
        let model = line.model(wanted.model, &aside, &opened.breaker).await?;
        Ok(Reached { model, aside, opened })
    }

    /// Tries a connection with the secrets that are stored for it.
    pub(crate) async fn test_stored(&self, tried: &Tried<'_>) -> Result<Report, Failure> {
        let secrets = Secrets::of(&self.store, &self.outside.stand_in, tried.world, &tried.resource.id);
        let secrets = secrets.map_err(|error| refusal::sealed(tried.resource.id.name(), &error))?;
        Ok(self.test(tried, &secrets).await)
    }

    /// Tries a connection that is not written yet, with the secrets that came with it beside those that are stored.
    pub(crate) async fn test_draft(
        &self,
        tried: &Tried<'_>,
        given: BTreeMap<String, Secret>,
    ) -> Result<Report, Failure> {
        let stored = Secrets::of(&self.store, &self.outside.stand_in, tried.world, &tried.resource.id);
        let stored = stored.map_err(|error| refusal::sealed(tried.resource.id.name(), &error))?;
        Ok(self.test(tried, &stored.with(given)).await)
    }

    async fn test(&self, tried: &Tried<'_>, secrets: &Secrets) -> Report {
        let Tried { world, resource, place, caller, model, id, now, record } = *tried;
        let (egress, tokens) = (&self.outside.egress, &*self.outside.tokens);
        Trial { resource, secrets, egress, tokens, world, place, caller, model, id, now, record }.run().await
    }

    /// The connection in this revision, if it is open.
    fn known(&self, resource: &Resource) -> Option<Arc<Opened>> {
        let known = self.lock().get(resource.id.key()).cloned();
        known.filter(|opened| opened.line.etag == resource.etag)
    }

    /// The connection as it is stored now: of the revision that a request began with, the secret may be gone meanwhile.
    fn open(&self, wanted: &Wanted<'_>, project: &Scope) -> Result<Arc<Opened>, Failure> {
        let world = self.store.world();
        let (resource, written) = wanted.find(&world, project)?;
        if let Some(opened) = self.known(&resource) {
            return Ok(opened);
        }
        let secrets = Secrets::of(&self.store, &self.outside.stand_in, &world, &resource.id);
        let secrets = secrets.map_err(|error| refusal::sealed(resource.id.name(), &error))?;
        let opened = Arc::new(Opened::new(&resource, written, &secrets, &self.outside.egress)?);
        let mut all = self.lock();
        let newest = self.store.world();
        // Of those that are gone no secret stays in memory longer than this.
        all.retain(|_, opened| newest.resources.get(&opened.line.id).is_some());
        if newest.resources.get(&resource.id).is_some_and(|newest| newest.etag == resource.etag) {
            all.insert(resource.id.key().to_owned(), Arc::clone(&opened));
        }
        Ok(opened)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    fn new(
        resource: &Resource,
        written: GatewayConnection,
        secrets: &Secrets,
        egress: &Egress,
    ) -> Result<Opened, Failure> {
        let line = Line::open(resource, written, secrets, egress);
        let line = Arc::new(line.map_err(|error| refusal::not_opened(resource.id.name(), &error))?);
        let breaker = Arc::new(Breaker::default());
        let behind = |format| Arc::new(Upstream::behind(&line, format, &breaker, egress));
        let (open_ai, messages) = (behind(ModelFormat::OpenAi), behind(ModelFormat::Anthropic));
        Ok(Opened { line, breaker, open_ai, messages })
    }

    /// The upstream that a model of this format is behind.
    pub(crate) fn upstream(&self, format: &ModelFormat) -> &Arc<Upstream> {
        match format {
            ModelFormat::Anthropic => &self.messages,
            ModelFormat::OpenAi | ModelFormat::Other(_) => &self.open_ai,
        }
    }
}
