//! How does one sign in, and who exists? (token endpoint, discovery, Graph)
//!
//! Invariant: nothing here knows a resource; every write of the directory takes the permit of its operation, and a
//! secret is shown once, in the reply that makes it (`tests/it/graph.rs`).

mod discovery;
mod graph;
mod managed_identity;
mod random;
mod sign_in;
mod state;
mod tenant;
mod throttle;
mod token;

use std::sync::Arc;

use access::{Routes, Verb};

pub use managed_identity::{ManagedIdentities, managed_identity_routes};
use sign_in::{authorize, device};
pub use state::Directory;

/// All routes of the directory: sign-in and discovery, which are public, and Graph.
pub fn routes(directory: Arc<Directory>) -> Routes<Directory> {
    graph::mount(protocol(Routes::new(directory)))
}

fn protocol(routes: Routes<Directory>) -> Routes<Directory> {
    const NAMES: &str = "the server's own public names, needed before there is a credential";
    const KEYS: &str = "public keys, needed to verify a token";
    const SIGN_IN: &str = "this is where a client proves who it is";
    const PAGE: &str = "this is where a person proves who they are";
    routes
        .public(Verb::Get, "/metadata/endpoints", discovery::endpoints, NAMES)
        .public(Verb::Get, "/common/discovery/instance", discovery::instance, NAMES)
        .public(Verb::Get, "/{tenant}/v2.0/.well-known/openid-configuration", discovery::openid, NAMES)
        .public(Verb::Get, "/{tenant}/.well-known/openid-configuration", discovery::openid, NAMES)
        .public(Verb::Get, "/{tenant}/discovery/v2.0/keys", discovery::keys, KEYS)
        .public(Verb::Post, "/{tenant}/oauth2/v2.0/token", token::answer, SIGN_IN)
        .public(Verb::Post, "/{tenant}/oauth2/v2.0/devicecode", device::begin, SIGN_IN)
        .public(Verb::Get, "/{tenant}/oauth2/v2.0/authorize", authorize::show, PAGE)
        .public(Verb::Post, "/{tenant}/oauth2/v2.0/authorize", authorize::submit, PAGE)
        .public(Verb::Get, "/devicecode", device::show, PAGE)
        .public(Verb::Post, "/devicecode", device::submit, PAGE)
}
