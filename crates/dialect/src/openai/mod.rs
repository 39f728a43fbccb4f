//! The OpenAI dialect: chat completions, responses, completions, embeddings, the list of models, errors.

pub mod chat;
pub mod chat_exchange;
pub mod completions;
pub mod embeddings;
mod error;
mod field;
pub mod foundry_models;
mod models;
pub(crate) mod observe;
mod passthrough;
pub mod responses;
mod texts;

pub use error::OpenAiError;
pub use models::{ModelEntry, model, models_list};
pub use observe::{Observed, Seen};
pub use passthrough::{Edits, NotAnObject, Outline, rewrite, without_member, without_usage};
pub use texts::texts;
