#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
//! The directory's tests: requests through the one door, as the clients send them.

mod applications;
mod contoso;
mod discovery;
mod graph;
mod groups;
mod lookups;
mod sign_in;
mod users;
