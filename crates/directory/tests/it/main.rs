#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
//! The directory's tests: requests through the one door, as the clients send them.

mod applications;
mod browser_sign_in;
mod contoso;
mod device_sign_in;
mod discovery;
mod graph;
mod groups;
mod lookups;
mod managed_identity;
mod people;
mod refresh;
mod security_attributes;
mod sign_in;
mod throttled;
mod users;
