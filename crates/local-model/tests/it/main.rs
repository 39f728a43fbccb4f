//! The embedded model, with the real file where a test is about its text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod damaged_file;
mod embedding;
mod real_model;
