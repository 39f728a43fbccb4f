//! How does a model run inside this process?
//!
//! Invariant: standard threads only, no HTTP, no tenant: a file comes in, pieces of text or vectors go out. `cargo xtask tidy` holds
//! the crate to its dependencies.

mod chat_template;
mod embedded;
mod embedding_input;
mod embedding_model;
mod error;
mod generate;
mod lazy;
mod model;
mod one_thread;
mod prompt_form;
mod requantize;
mod sampling;
mod stop;
mod tokenizer;

pub use chat_template::ChatMessage;
pub use embedded::{Embedded, ModelForm, default_model_dir};
pub use embedding_input::{EmbeddingInput, EmbeddingInputError};
pub use embedding_model::{EmbedRequest, EmbeddingModel, Embeddings, LocalEmbedder};
pub use error::ModelError;
pub use generate::{Finish, GenerateRequest, OnToken, Outcome, Piece};
pub use model::{EmbeddedModel, LocalModel};
