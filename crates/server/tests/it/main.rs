//! The server as its clients and its operator meet it: as a process, and route by route.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
// Tests make their own tenants, which needs the makers that product code leaves to one file each.
#![allow(clippy::disallowed_methods)]

mod access_cli;
mod client;
mod conditions;
mod connections;
mod contoso;
mod coverage;
mod credentials;
mod full_disk;
mod golden;
mod hosts;
mod house;
mod kill;
mod metrics;
mod openapi;
mod plain;
mod port;
mod process;
mod running;
mod upstreams;
mod usage_cli;
