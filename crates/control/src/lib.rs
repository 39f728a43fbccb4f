//! What happens on an ARM request?
//!
//! A resource type is a [`resources::Kind`]; the engine serves each of its verbs as one route and knows no type by name.
//!
//! Invariant: nothing here decides who may do what (handlers get an `access::Authorized`), and every write goes through
//! `Store::write`, `write_if` or `write_in_turn` with that request's permit. Held by the types of `access` and `store`, and by `tests/it`.

mod access_limits;
mod access_queries;
mod actions;
mod activity;
mod actor;
mod authorship;
mod check_access;
mod connection_test;
mod deny_assignments;
mod engine;
mod failure;
mod filter;
mod keys;
mod lists;
mod management_groups;
mod near;
mod operations;
mod place;
mod proposal;
mod role_assignments;
mod role_definitions;
mod state;
mod subscriptions;
mod tenants;
mod turn;

pub use access_limits::AccessLimits;
pub use access_queries::{UnknownPrincipal, UnreadableAction, decision, find_principal, permission, what_can, who_can};
pub use connection_test::{Attempt, ConnectionTest, NotWorking, Testing};
pub use place::Place;
pub use proposal::{Author, Proposal, ProposalError, Setting};
pub use role_assignments::assignment_resource;
pub use state::Control;

use std::sync::Arc;

use access::Routes;
use resources::accounts::Account;
use resources::connections::{AccountConnection, ProjectConnection};
use resources::deployments::Deployment;
use resources::limits::GatewayLimit;
use resources::projects::Project;
use resources::resource_groups::ResourceGroup;

/// Every route of the control plane.
pub fn routes(state: Arc<Control>) -> Routes<Control> {
    let routes = Routes::new(state);
    let routes = engine::mount::<ResourceGroup>(routes);
    let routes = engine::mount::<Account>(routes);
    let routes = engine::mount::<Project>(routes);
    let routes = engine::mount::<Deployment>(routes);
    let routes = engine::mount::<GatewayLimit>(routes);
    let routes = engine::mount::<AccountConnection>(routes);
    let routes = engine::mount::<ProjectConnection>(routes);
    let routes = engine::mount_head::<ResourceGroup>(routes);
    let routes = actions::mount(routes);
    let routes = role_assignments::mount(routes);
    let routes = role_definitions::mount(routes);
    let routes = deny_assignments::mount(routes);
    let routes = management_groups::mount(routes);
    let routes = activity::mount(routes);
    let routes = check_access::mount(routes);
    let routes = access_queries::mount(routes);
    let routes = subscriptions::mount(routes);
    let routes = tenants::mount(routes);
    let routes = operations::mount(routes);
    lists::mount(routes)
}
