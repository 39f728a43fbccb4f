//! A chat model read from a GGUF file.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use candle_core::quantized::gguf_file::Content;
use candle_transformers::models::quantized_llama::ModelWeights;

use crate::chat_template::ChatMessage;
use crate::embedded::{Embedded, ModelForm};
use crate::error::{ModelError, one_line};
use crate::prompt_form::{self, PromptForm};
use crate::requantize;

/// The first bytes of every GGUF file.
const MAGIC: &[u8; 4] = b"GGUF";

/// A model in memory. Shared by all slots: a generation clones the handles of the weights and grows a cache of its own.
pub struct LocalModel {
    pub(crate) weights: ModelWeights,
    pub(crate) form: Arc<PromptForm>,
}

/// A chat model, in one GGUF file.
pub type EmbeddedModel = Embedded<LocalModel>;

impl EmbeddedModel {
    /// Tokens of a conversation as the model reads it, its template included. Reads the head of the file if it was not read yet, and
    /// never the weights. What does not fit is [`ModelError::PromptTooLong`], as it would be for an answer.
    pub fn count(&self, messages: &[ChatMessage]) -> Result<usize, ModelError> {
        Ok(self.tokens()?.encode(messages)?.len())
    }

    /// The most tokens of prompt and answer together. Reads what [`EmbeddedModel::count`] reads.
    pub fn context_length(&self) -> Result<usize, ModelError> {
        Ok(self.tokens()?.context)
    }
}

impl ModelForm for LocalModel {
    type Tokens = PromptForm;

    fn check(path: &Path) -> Result<(), ModelError> {
        if !path.exists() {
            return Err(ModelError::Missing { path: path.to_owned() });
        }
        let mut magic = [0; MAGIC.len()];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
        let reason = match read {
            Ok(()) if magic == *MAGIC => return Ok(()),
            Ok(()) => "it is not a GGUF file".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(ModelError::Unreadable { path: path.to_owned(), reason })
    }

    fn read_tokens(path: &Path) -> Result<PromptForm, String> {
        PromptForm::read(path)
    }

    /// Takes a second or two for a small model.
    fn read(path: &Path, form: Arc<PromptForm>) -> Result<LocalModel, String> {
        let (content, mut file) = prompt_form::open(path)?;
        let weights = read_weights(content, &mut file).map_err(|error| one_line(&error.to_string()))?;
        Ok(LocalModel { weights, form })
    }
}

fn read_weights<R: Read + Seek>(content: Content, file: &mut R) -> candle_core::Result<ModelWeights> {
    if !requantize::is_worthwhile(&content) {
        return ModelWeights::from_gguf(content, file, &Device::Cpu);
    }
    let mut copy = requantize::to_q8_0(&content, file)?;
    drop(content);
    ModelWeights::from_gguf(Content::read(&mut copy)?, &mut copy, &Device::Cpu)
}
