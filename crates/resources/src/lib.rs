//! What is an account, a project, a deployment …? Each type's schema and rules, as pure functions of values.
//!
//! Invariant: nothing here reads a clock, a database or a socket (`cargo xtask tidy`), and every type that a route serves
//! is in [`registry`] (`control`: `tests/it`, `every_route_is_of_a_registered_type`).

mod draft;
mod fields;
mod kind;
mod location;
mod name_rule;
mod secrets;
mod target_rule;

pub mod accounts;
pub mod connections;
pub mod deny_assignments;
pub mod deployments;
pub mod limits;
pub mod management_groups;
pub mod model_catalog;
pub mod projects;
pub mod providers;
pub mod registry;
pub mod resource_groups;
pub mod role_assignments;
pub mod role_definitions;
pub mod subscriptions;

pub use draft::{Draft, IdentityWish};
pub use fields::{Fields, listed, quoted};
pub use kind::{Accepted, Context, Kind, Neighbours, Parent, Polling, PutStatus, Site, View};
pub use location::{LOCATIONS, Location, normalise as normalise_location};
pub use name_rule::NameRule;
pub use secrets::{SecretText, Secrets};
pub use target_rule::TargetRule;

#[cfg(test)]
mod testing;
