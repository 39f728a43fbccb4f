//! The grammar of ids and paths, and the envelopes, from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod account_hosts;
mod arm_paths;
mod envelopes;
mod pages;
mod paths;
mod properties;
mod scopes;
mod seeds;
