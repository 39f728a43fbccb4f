//! The dialect against its wire files in `conformance/wire`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod bad_requests;
mod completions;
mod embeddings;
mod exchange;
mod foundry_models;
mod golden;
mod order;
mod replies;
mod responses;
mod responses_pairs;
mod responses_said;
mod responses_seeds;
mod seeds;
mod stored_items;

/// A body as a request brings it.
pub(crate) fn tape(body: &serde_json::Value) -> tape::Tape<Vec<u8>> {
    tape::Tape::of_value(body).unwrap()
}
