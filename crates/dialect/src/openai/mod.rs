//! The OpenAI dialect: chat completions, the list of models, errors.

pub mod chat;
mod error;
mod field;
mod models;
mod observe;
mod passthrough;
mod reply;

pub use error::OpenAiError;
pub use models::{ModelEntry, models_list};
pub use observe::{Observed, Seen};
pub use passthrough::{NotAnObject, Outline, rewrite, without_usage};
pub use reply::{ChatReply, FinishReason};
