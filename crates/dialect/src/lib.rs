//! How do model APIs speak, and how is one said in another?
//!
//! Invariant: values in, values out. Nothing here opens a socket, reads a clock or knows a secret; `cargo xtask tidy` holds the
//! crate to its dependencies.

pub mod anthropic;
pub mod estimate;
pub mod exchange;
pub mod openai;
pub mod sse;
mod usage;

pub use usage::Usage;
