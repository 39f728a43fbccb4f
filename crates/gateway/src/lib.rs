//! What happens on an inference request?
//!
//! Invariant: an answer takes a permit, and its record is in the journal before its last byte; whoever goes away is cancelled and
//! still settled (`tests/it/cancel.rs`, `tests/it/upstream`). Nothing here writes a resource: it reads the snapshot that the decision read.

mod admission;
mod catalog;
mod choose;
mod connections;
mod counting;
mod draft;
mod drawn;
mod embedded;
mod engines;
mod events;
mod failure;
mod generation;
mod head;
mod http;
mod infer;
mod inside;
mod keep;
mod limits;
mod observed;
mod outline;
mod plan;
mod project;
mod protocol;
mod replay;
mod slots;
mod spending;
mod surface;
mod translate;
mod upstream;
mod wish;

use std::path::Path;
use std::sync::Arc;

use access::Failure;
use arm::Scope;
use egress::Egress;
use resources::model_catalog::Catalog;
use store::{Store, World};

use connections::Connections;
use plan::{Plan, Plans};

pub use connections::{NoIdentityToken, Outside, Tokens, connection_secrets};
pub use draft::{DraftConnection, Trouble};
pub use events::{Events, Sender as EventSender, channel};
pub use failure::{dialect as refused, words};
pub use http::{
    CONNECTIONS_READ, Deed, Description, ThroughConnections, dated, description, kept_response, project_routes,
    respond, routes, through_connections,
};
pub use inside::{AgentTag, Inside, ModelEvents, converse};
pub use keep::{Shelf, new_response, next_response, own_items};
pub use project::ProjectApi;
pub use slots::Limits;
pub use upstream::UpstreamError;

/// Whether the way to each of the catalog's providers can be opened, for who must know before a server starts.
pub fn check_upstreams(models: &Catalog, egress: &Egress) -> Result<(), UpstreamError> {
    upstream::Upstreams::open(models, egress).map(drop)
}

/// What the inference routes share: the operator's models, the files they run from, the slots they run in, and the providers outside.
pub struct Gateway {
    models: Catalog,
    engines: engines::Engines,
    slots: slots::Slots,
    upstreams: upstream::Upstreams,
}

impl Gateway {
    /// Looks for the catalog's model files in `model_dir`. A file is read when a request first needs its model: a server whose
    /// models are elsewhere does not pay for it. One that is missing is said now and no error until then.
    pub fn new(models: Catalog, model_dir: &Path, limits: Limits) -> Gateway {
        let engines = engines::Engines::new(&models, model_dir);
        engines.faults().for_each(|fault| tracing::warn!("{fault}"));
        Gateway { models, engines, slots: slots::Slots::new(limits), upstreams: upstream::Upstreams::default() }
    }

    /// Opens the way to the catalog's providers. An address that may not be asked, or a secret that is not there, is an error now.
    pub fn with_upstreams(mut self, egress: &Egress) -> Result<Gateway, UpstreamError> {
        self.upstreams = upstream::Upstreams::open(&self.models, egress)?;
        Ok(self)
    }
}

/// A gateway at work over a store: what its routes share.
pub struct Serving {
    gateway: Arc<Gateway>,
    store: Store,
    plans: Plans,
    connections: Option<Connections>,
}

impl Serving {
    /// Puts a gateway to work over a store.
    pub fn new(gateway: Arc<Gateway>, store: Store) -> Arc<Serving> {
        Arc::new(Serving { gateway, store, plans: Plans::default(), connections: None })
    }

    /// The same, with the connections of accounts and projects.
    pub fn with_connections(gateway: Arc<Gateway>, store: Store, outside: Outside) -> Arc<Serving> {
        let connections = Some(Connections::new(outside, store.clone()));
        Arc::new(Serving { gateway, store, plans: Plans::default(), connections })
    }

    fn plan(&self, world: &World, account: &Scope, name: &str) -> Result<Arc<Plan>, Failure> {
        self.plans.of(&self.gateway, world, account, name)
    }
}
