//! Why a model cannot answer.

use std::path::PathBuf;

use crate::embedding_input::EmbeddingInputError;

/// Everything that can go wrong between a model file and its text. One line each.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no file.
    #[error("there is no model file `{}`: fetch it with `cargo xtask model`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is there and cannot be used.
    #[error("the model file `{}` cannot be used: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The conversation does not fit into the model's context.
    #[error("the prompt has {prompt} tokens or more, and this model reads at most {limit}")]
    PromptTooLong {
        /// Tokens of the prompt, template included; a lower bound where the text is too long to be counted.
        prompt: usize,
        /// The most the model reads and still can write one token.
        limit: usize,
    },
    /// The model's own chat template refuses the conversation, for instance because roles do not alternate.
    #[error("the model's chat template refuses this conversation: {0}")]
    Template(String),
    /// An input that an embedding model does not take.
    #[error(transparent)]
    Input(#[from] EmbeddingInputError),
    /// The arithmetic failed. Not the caller's fault.
    #[error("the model failed: {0}")]
    Failed(String),
}

impl From<candle_core::Error> for ModelError {
    fn from(error: candle_core::Error) -> ModelError {
        ModelError::Failed(one_line(&error.to_string()))
    }
}

/// Errors of the tensor library may carry a backtrace below their first line.
pub(crate) fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}
