//! Tools: what the model is told of, and how each call is made.
//!
//! A function is run by the caller. Tools of MCP servers and operations of HTTP APIs are called from here: nothing leaves but to a server
//! that a definition names and `egress` admits, each call is decided anew, and has a journal record of its own that names neither
//! arguments nor output.
//!
//! The way of a run: [`check`] when tools are given, and [`shown`] where they are repeated; [`offer`] once for each request, whose [`Offer`] tells the model
//! ([`Offer::model_tools`]) and plans what the model calls ([`Offer::plan`]); a [`ServerCall`] is kept before it is made
//! ([`ServerCall::make`]). What came of it is told to the next model by `dialect`'s `for_model`.

mod call;
mod context;
mod credential;
mod definition;
mod fields;
mod function;
mod mcp;
mod offer;
mod openapi;

use std::time::Duration;

pub(crate) use call::{CallError, ServerCall, ToolOutcome};
pub(crate) use context::ToolContext;
pub(crate) use definition::{GivenIn, check, shown};
pub(crate) use offer::{Asked, Offer, Planned, offer};

/// The longest output that is told to a model: more than most of them can read.
const OUTPUT_LIMIT_BYTES: usize = 256 * 1024;
/// A call, or a list of tools: a person who waits for an answer has gone by then.
const CALL_TIMEOUT: Duration = Duration::from_secs(100);

/// The error of an output beyond its limit.
fn too_large() -> CallError {
    CallError::http(502, format!("the answer is larger than the limit of {OUTPUT_LIMIT_BYTES} bytes"))
}

#[cfg(test)]
mod tests;
