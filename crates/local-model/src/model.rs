//! A model read from a GGUF file.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::thread;

use candle_core::Device;
use candle_core::quantized::gguf_file::Content;
use candle_transformers::models::quantized_llama::{MAX_SEQ_LEN, ModelWeights};
use tokenizers::Tokenizer;

use crate::chat_template::ChatTemplate;
use crate::error::{ModelError, one_line};
use crate::{requantize, tokenizer};

/// The one architecture that is read here.
const ARCHITECTURE: &str = "llama";

/// A model in memory. Shared by all slots: a generation clones the handles of the weights and grows a cache of its own.
pub struct LocalModel {
    pub(crate) weights: ModelWeights,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) template: ChatTemplate,
    pub(crate) turn_ends: Vec<u32>,
    pub(crate) context: usize,
    pub(crate) longest_token_bytes: usize,
}

impl LocalModel {
    /// Reads a file. Takes a second or two for a small model: not for a thread that serves requests.
    pub fn load(path: &Path) -> Result<LocalModel, ModelError> {
        if !path.exists() {
            return Err(ModelError::Missing { path: path.to_owned() });
        }
        let file = path.to_owned();
        // In a thread of its own: a damaged file can make the tensor library panic, and that must stay here.
        let loaded = thread::Builder::new()
            .name("model-load".to_owned())
            .spawn(move || read(&file))
            .map(thread::JoinHandle::join);
        let reason = match loaded {
            Ok(Ok(Ok(model))) => return Ok(model),
            Ok(Ok(Err(reason))) => reason,
            Ok(Err(_panic)) => "the file is damaged".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(ModelError::Unreadable { path: path.to_owned(), reason })
    }

    /// The most tokens of prompt and answer together.
    pub fn context_length(&self) -> usize {
        self.context
    }
}

fn read(path: &Path) -> Result<LocalModel, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut file = BufReader::new(file);
    let content =
        Content::read(&mut file).map_err(|error| format!("it is not a GGUF file: {}", one_line(&error.to_string())))?;
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
    let weights = read_weights(content, &mut file).map_err(|error| one_line(&error.to_string()))?;
    let longest_token_bytes = tokenizer::longest_token_bytes(&tokenizer);
    Ok(LocalModel { weights, tokenizer, template, turn_ends, context, longest_token_bytes })
}

fn read_weights<R: Read + Seek>(content: Content, file: &mut R) -> candle_core::Result<ModelWeights> {
    if !requantize::is_worthwhile(&content) {
        return ModelWeights::from_gguf(content, file, &Device::Cpu);
    }
    let mut copy = requantize::to_q8_0(&content, file)?;
    drop(content);
    ModelWeights::from_gguf(Content::read(&mut copy)?, &mut copy, &Device::Cpu)
}
