//! The store from outside: what it keeps, what it refuses, what survives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod access_file;
mod activity;
mod assignments;
mod audit;
mod credentials;
mod data;
mod data_kill;
mod data_lists;
mod directory;
mod journal;
mod kill;
mod looking;
mod open;
mod operations;
mod permit;
mod resources;
mod sign_ins;
mod support;
mod timing;
mod turns;
mod world;
