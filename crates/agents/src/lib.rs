//! What is an agent, and how does a run proceed?
//!
//! Invariant: a model is reached through `gateway` alone and each step is decided anew (`tests/it/decided.rs`); what a step is about to
//! do is kept before it is done, so no tool is called twice in silence (`tests/it/restart.rs`).

mod http;

use std::sync::Arc;

use access::StandIn;
use egress::Egress;
use gateway::Serving;
use store::Store;

pub use crate::http::routes;

/// What the routes of agents, conversations and responses share.
pub struct Agents {
    store: Store,
    serving: Arc<Serving>,
    stand_in: StandIn,
    egress: Egress,
}

impl Agents {
    /// Agents over a store, whose models answer through `serving` and whose tools go out through `egress`.
    pub fn new(store: Store, serving: Arc<Serving>, stand_in: StandIn, egress: Egress) -> Arc<Agents> {
        Arc::new(Agents { store, serving, stand_in, egress })
    }
}
