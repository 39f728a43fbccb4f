//! Tapes beside a parser.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod beside;
mod values;
