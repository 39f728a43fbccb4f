#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
//! Identity's tests: every way to get a token wrong, against a store as the server has it.

mod fixture;
mod keys;
mod tokens;
