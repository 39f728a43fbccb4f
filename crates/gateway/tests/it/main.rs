//! The inference routes behind the one door, with the real model.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod busy;
mod cancel;
mod chat;
mod connections;
mod house;
#[path = "../../../egress/tests/it/mock.rs"]
mod mock;
mod models;
mod refused;
mod stream;
mod surfaces;
mod upstream;
