//! The decisions, from outside: the conformance cases, and random tenants against a naive evaluator.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod built_in;
mod cases;
mod conditions;
mod denials;
mod evaluation;
mod matrix;
mod naive;
mod permits;
mod random;
mod seeds;
mod tenant;
mod visible;
