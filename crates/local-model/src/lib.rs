//! How does a model run inside this process?
//!
//! Invariant: standard threads only, no HTTP, no tenant: a file comes in, pieces of text go out. `cargo xtask tidy` holds the crate
//! to its dependencies.

mod chat_template;
mod embedded;
mod error;
mod generate;
mod lazy;
mod model;
mod requantize;
mod sampling;
mod stop;
mod tokenizer;

pub use chat_template::ChatMessage;
pub use embedded::{EmbeddedModel, default_model_dir};
pub use error::ModelError;
pub use generate::{Finish, GenerateRequest, Outcome, Piece};
pub use model::LocalModel;
