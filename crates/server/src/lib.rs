//! How is it all put together?
//!
//! Invariant: the port accepts only when the tenant is whole and `demo.env` is complete; an error on the way is one
//! line and leaves nothing half-made (tests: `tests/it/process.rs`).

pub mod accept;
pub mod assemble;
pub mod cli;
pub mod config;
pub mod demo;
pub mod demo_env;
pub mod files;
pub mod first_start;
pub mod identity_listener;
pub mod key_rotation;
pub mod linger;
pub mod metrics;
pub mod pid_file;
pub mod serve;
pub mod tls;
pub mod tokens;
pub mod trials;
