//! How a conversation becomes the tokens of a chat model.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use candle_core::quantized::gguf_file::Content;
use candle_transformers::models::quantized_llama::MAX_SEQ_LEN;
use tokenizers::Tokenizer;

use crate::chat_template::{ChatMessage, ChatTemplate};
use crate::error::{ModelError, one_line};
use crate::tokenizer;

/// The one architecture that is read here.
const ARCHITECTURE: &str = "llama";

/// Template and tokenizer of a model file. Its head holds both, so the weights behind them are not read.
pub struct PromptForm {
    pub(crate) tokenizer: Tokenizer,
    template: ChatTemplate,
    pub(crate) turn_ends: Vec<u32>,
    pub(crate) context: usize,
    longest_token_bytes: usize,
}

/// Opens a model file and reads its head.
pub(crate) fn open(path: &Path) -> Result<(Content, BufReader<File>), String> {
    let mut file = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
    let content =
        Content::read(&mut file).map_err(|error| format!("it is not a GGUF file: {}", one_line(&error.to_string())))?;
    Ok((content, file))
}

impl PromptForm {
    /// Reads the head of a file; the error says in one line what it lacks.
    pub(crate) fn read(path: &Path) -> Result<PromptForm, String> {
        let (content, _) = open(path)?;
        let architecture = tokenizer::string(&content, "general.architecture").unwrap_or_default();
        if architecture != ARCHITECTURE {
            return Err(format!("its architecture is `{architecture}`; `{ARCHITECTURE}` is the one that runs here"));
        }
        let source = tokenizer::string(&content, "tokenizer.chat_template").ok_or("it has no chat template")?;
        let tokenizer = tokenizer::from_gguf(&content)?;
        let bos = tokenizer::special_token(&content, &tokenizer, "tokenizer.ggml.bos_token_id");
        let eos = tokenizer::special_token(&content, &tokenizer, "tokenizer.ggml.eos_token_id");
        let template = ChatTemplate::compile(source, bos, eos)
            .map_err(|error| format!("its chat template does not compile: {error}"))?;
        let turn_ends = tokenizer::turn_ends(&content, &tokenizer);
        let context = tokenizer::number(&content, "llama.context_length")
            .map_or(MAX_SEQ_LEN, |length| length as usize)
            .min(MAX_SEQ_LEN);
        let longest_token_bytes = tokenizer::longest_token_bytes(&tokenizer);
        Ok(PromptForm { tokenizer, template, turn_ends, context, longest_token_bytes })
    }

    /// The tokens of a conversation. Fails when there is no room left for one token of an answer.
    pub(crate) fn encode(&self, messages: &[ChatMessage]) -> Result<Vec<u32>, ModelError> {
        let text = self.template.render(messages)?;
        let limit = self.context.saturating_sub(1);
        // No token is longer than the longest: a text far beyond the context is refused without being cut into tokens.
        let fewest = text.len() / self.longest_token_bytes.max(1);
        if fewest > limit {
            return Err(ModelError::PromptTooLong { prompt: fewest, limit });
        }
        let failed = |error: tokenizers::Error| ModelError::Failed(one_line(&error.to_string()));
        let tokens = self.tokenizer.encode_fast(text, false).map_err(failed)?.get_ids().to_vec();
        if tokens.is_empty() {
            return Err(ModelError::Template("it renders to nothing".to_owned()));
        }
        if tokens.len() > limit {
            return Err(ModelError::PromptTooLong { prompt: tokens.len(), limit });
        }
        Ok(tokens)
    }
}
