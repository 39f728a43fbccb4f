//! Texts to embed, and how they become tokens.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::error::{ModelError, one_line};

/// Bytes of a text for each token that fits. A word of at most 100 characters, the most the tokenizer looks into, has at most 400
/// bytes; a text with more for each token is cut off from being looked at, because cutting it into tokens takes its time.
const BYTES_PER_TOKEN: usize = 400;

/// One text of a request, in either of the forms that clients send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbeddingInput {
    /// The text.
    Text(String),
    /// Token numbers of some vocabulary: refused, since nothing says that it is this model's.
    Tokens(Vec<u32>),
}

/// An input that the model does not take. `index` counts from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingInputError {
    /// More tokens than the model reads. Nothing is cut off silently.
    #[error("`input[{index}]` has {tokens} tokens, and this model reads at most {limit} of one text: split it")]
    TooLong {
        /// Which input.
        index: usize,
        /// Its tokens, the two marks around it included.
        tokens: usize,
        /// The most that are read.
        limit: usize,
    },
    /// So long that its tokens are not counted.
    #[error("`input[{index}]` has {bytes} bytes, and this model reads at most {limit_bytes}: split it")]
    TooLarge {
        /// Which input.
        index: usize,
        /// Its bytes.
        bytes: usize,
        /// The most that are looked at.
        limit_bytes: usize,
    },
    /// There is nothing in it.
    #[error("`input[{index}]` is empty: send a text")]
    Empty {
        /// Which input.
        index: usize,
    },
    /// Token numbers.
    #[error("`input[{index}]` is an array of tokens, which this model does not take: send the text")]
    Tokens {
        /// Which input.
        index: usize,
    },
    /// Vectors of another length than the model makes.
    #[error(
        "`dimensions` is {asked}, and this model makes vectors of {has} numbers alone: send {has}, or leave it out"
    )]
    Dimensions {
        /// What was asked for.
        asked: usize,
        /// What the model makes.
        has: usize,
    },
}

impl EmbeddingInputError {
    /// The request's field that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            EmbeddingInputError::Dimensions { .. } => "dimensions",
            EmbeddingInputError::TooLong { .. }
            | EmbeddingInputError::TooLarge { .. }
            | EmbeddingInputError::Empty { .. }
            | EmbeddingInputError::Tokens { .. } => "input",
        }
    }
}

/// How a text becomes the tokens of an embedding model.
pub struct InputForm {
    tokenizer: Tokenizer,
    limit: usize,
}

/// What the model's makers trained it on, in a file beside the weights.
#[derive(Deserialize)]
struct Trained {
    max_seq_length: usize,
}

/// The part of `config.json` that limits a text.
#[derive(Deserialize)]
struct Positions {
    max_position_embeddings: usize,
}

impl InputForm {
    /// Reads the tokenizer in a folder, and how long a text may be there.
    pub(crate) fn read(folder: &Path) -> Result<InputForm, String> {
        let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json"))
            .map_err(|error| format!("`tokenizer.json`: {}", one_line(&error.to_string())))?;
        // The file may ask for both. Cutting would lose text unsaid, and the padding is done for a batch, not for a fixed length.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| one_line(&error.to_string()))?;
        let positions = json::<Positions>(folder, "config.json")?.max_position_embeddings;
        let trained = "sentence_bert_config.json";
        let limit = if folder.join(trained).exists() {
            json::<Trained>(folder, trained)?.max_seq_length.min(positions)
        } else {
            positions
        };
        Ok(InputForm { tokenizer, limit })
    }

    /// The tokens of each input, all or none.
    pub(crate) fn encode(&self, inputs: &[EmbeddingInput]) -> Result<Vec<Vec<u32>>, ModelError> {
        inputs.iter().enumerate().map(|(index, input)| self.encode_one(index, input)).collect()
    }

    fn encode_one(&self, index: usize, input: &EmbeddingInput) -> Result<Vec<u32>, ModelError> {
        let text = match input {
            EmbeddingInput::Tokens(_) => return Err(EmbeddingInputError::Tokens { index }.into()),
            EmbeddingInput::Text(text) if text.is_empty() => return Err(EmbeddingInputError::Empty { index }.into()),
            EmbeddingInput::Text(text) => text.as_str(),
        };
        let (bytes, limit_bytes) = (text.len(), self.limit * BYTES_PER_TOKEN);
        if bytes > limit_bytes {
            return Err(EmbeddingInputError::TooLarge { index, bytes, limit_bytes }.into());
        }
        let failed = |error: tokenizers::Error| ModelError::Failed(one_line(&error.to_string()));
        let tokens = self.tokenizer.encode_fast(text, true).map_err(failed)?.get_ids().to_vec();
        if tokens.len() > self.limit {
            return Err(EmbeddingInputError::TooLong { index, tokens: tokens.len(), limit: self.limit }.into());
        }
        Ok(tokens)
    }
}

/// A JSON file of the folder.
pub(crate) fn json<T: for<'de> Deserialize<'de>>(folder: &Path, name: &str) -> Result<T, String> {
    let text = fs::read_to_string(folder.join(name)).map_err(|error| format!("`{name}`: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("`{name}`: {error}"))
}
