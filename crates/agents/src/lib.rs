//! What is an agent, and how does a run proceed?
//!
//! Invariant: a model is reached through `gateway` alone and each step is decided anew (`tests/it/decided.rs`); what a step is about to
//! do is kept before it is done, so no tool is called twice in silence (`tests/it/restart.rs`).

mod agent;
mod conversation;
mod failure;
mod http;
mod metadata;
mod page;
mod run;
mod tool;

use std::sync::Arc;

use access::StandIn;
use egress::Egress;
use gateway::{Serving, Tokens};
use store::Store;
use tokio::sync::Mutex;

use crate::conversation::Turns;
pub use crate::http::routes;
use crate::run::Runs;

/// What the routes of agents, conversations and responses share.
pub struct Agents {
    store: Store,
    serving: Arc<Serving>,
    stand_in: StandIn,
    egress: Egress,
    /// Signs tokens of identities, for tools.
    tokens: Arc<dyn Tokens>,
    /// One change of an agent at a time: its versions are numbered in their order, and it changes together with its identity.
    changes: Mutex<()>,
    /// The conversations that are being answered.
    turns: Turns,
    /// The runs that are going on.
    runs: Arc<Runs>,
}

impl Agents {
    /// Agents over a store, whose models answer through `serving` and whose tools go out through `egress` with `tokens`.
    pub fn new(
        store: Store,
        serving: Arc<Serving>,
        stand_in: StandIn,
        egress: Egress,
        tokens: Arc<dyn Tokens>,
    ) -> Arc<Agents> {
        let (changes, turns, runs) = (Mutex::default(), Turns::default(), Arc::default());
        Arc::new(Agents { store, serving, stand_in, egress, tokens, changes, turns, runs })
    }
}

/// Takes up the runs that were going on when the server stopped. Call it before anybody is served; it returns when all are on their way.
pub async fn resume(agents: &Arc<Agents>) {
    run::resume(agents).await;
}
