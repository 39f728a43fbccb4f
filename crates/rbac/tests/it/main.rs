//! The decisions, from outside: the conformance cases, and random tenants against a naive evaluator.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod access_cases;
mod built_in;
mod case_format;
mod cases;
mod conditions;
mod denials;
mod deny_assignments;
mod encoded;
mod evaluation;
mod explain;
mod generate;
mod index;
mod lists;
mod matrix;
mod million;
mod naive;
mod permits;
mod random;
#[path = "../../../../fuzz/properties/conditions.rs"]
mod second_opinion;
mod seeds;
mod tenant;
mod visible;
mod what_can;
mod who_can;
