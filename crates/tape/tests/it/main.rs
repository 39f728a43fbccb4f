//! Tapes beside a parser.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

mod beside;
mod values;
