//! The way out, against a provider that does what it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod answers;
mod exact;
mod guard;
mod headers;
mod mock;
mod tls;
mod tokens;
mod way;
