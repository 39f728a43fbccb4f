//! The OpenAI dialect: chat completions, the list of models, errors.

pub mod chat;
mod error;
mod field;
mod models;
mod reply;

pub use error::OpenAiError;
pub use models::{ModelEntry, models_list};
pub use reply::{ChatReply, FinishReason};
