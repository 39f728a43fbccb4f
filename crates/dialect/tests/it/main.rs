//! The dialect against its wire files in `conformance/wire`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod bad_requests;
mod golden;
mod replies;
