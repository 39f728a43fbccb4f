//! The control plane through the one door, in process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    missing_docs
)]

mod access_queries;
mod accounts;
mod activity_log;
mod assignment_rules;
mod check_access;
mod connection_trials;
mod connections;
mod custom_roles;
mod delegation;
mod deny_assignments;
mod deployments;
mod edges;
mod gateway_limits;
mod hosts;
mod keys;
mod lists;
mod long_running;
mod management_groups;
mod pages;
mod projects;
mod quota;
mod resource_groups;
mod role_assignments;
mod role_definitions;
mod support;
