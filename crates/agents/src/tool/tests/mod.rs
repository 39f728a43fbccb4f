#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod api;
mod approval;
mod house;
mod server;
mod servers;
pub(crate) mod tables;
