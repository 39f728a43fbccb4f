//! Agents, their runs and their conversations behind the one door, with a model that says what it is told to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod agents;
mod conversations;
mod decided;
mod house;
mod kept;
mod model;
mod models;
mod pages;
mod places;
mod restart;
mod runs;
mod stream;
