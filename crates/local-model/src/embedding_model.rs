//! A model that turns texts into vectors, read from a safetensors file and its neighbours.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};

use crate::embedded::{Embedded, ModelForm};
use crate::embedding_input::{EmbeddingInput, EmbeddingInputError, InputForm, json};
use crate::error::{ModelError, one_line};
use crate::one_thread::on_one_thread;

/// The one architecture that is read here.
const ARCHITECTURE: &str = "bert";
/// What lies beside the weights.
const NEIGHBOURS: [&str; 2] = ["config.json", "tokenizer.json"];
/// A safetensors file begins with the length of its header, eight bytes, and the header, a JSON object.
const HEADER_LENGTH_BYTES: usize = 8;
/// The most tokens, padding included, that are computed in one go: about a tenth of a second, after which the caller may have gone.
/// Short texts together take half of the time that they take one by one.
const BATCH_TOKENS: usize = 256;

/// An embedding model, in a safetensors file with `config.json` and `tokenizer.json` beside it.
pub type EmbeddingModel = Embedded<LocalEmbedder>;

impl EmbeddingModel {
    /// Tokens of the inputs together, the marks around each included. Reads the small files if they were not read yet, and never the
    /// weights. Fails as [`LocalEmbedder::embed`] would.
    pub fn count(&self, inputs: &[EmbeddingInput]) -> Result<usize, ModelError> {
        Ok(self.tokens()?.encode(inputs)?.iter().map(Vec::len).sum())
    }
}

/// An embedding model in memory, shared by all slots.
pub struct LocalEmbedder {
    weights: BertModel,
    form: Arc<InputForm>,
    dimensions: usize,
    padding: u32,
}

/// What to embed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedRequest {
    /// The texts.
    pub inputs: Vec<EmbeddingInput>,
    /// How many numbers a vector is to have; anything but the model's own is refused.
    pub dimensions: Option<usize>,
}

/// Vectors, and what they took.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    /// One of length 1 for each input, in their order; none when cancelled.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens that were read, the marks around each text included.
    pub prompt_tokens: usize,
    /// Whether the caller wanted no more.
    pub is_cancelled: bool,
}

impl ModelForm for LocalEmbedder {
    type Tokens = InputForm;

    fn check(path: &Path) -> Result<(), ModelError> {
        let neighbours = NEIGHBOURS.map(|name| folder(path).join(name));
        if let Some(missing) = [path.to_owned()].into_iter().chain(neighbours).find(|file| !file.exists()) {
            return Err(ModelError::Missing { path: missing });
        }
        let mut start = [0; HEADER_LENGTH_BYTES + 1];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
        let reason = match read {
            Ok(()) if start.last() == Some(&b'{') => return Ok(()),
            Ok(()) => "it is not a safetensors file".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(ModelError::Unreadable { path: path.to_owned(), reason })
    }

    fn read_tokens(path: &Path) -> Result<InputForm, String> {
        InputForm::read(folder(path))
    }

    fn read(path: &Path, form: Arc<InputForm>) -> Result<LocalEmbedder, String> {
        let config: Config = json(folder(path), "config.json")?;
        let architecture = config.model_type.clone().unwrap_or_default();
        if architecture != ARCHITECTURE {
            return Err(format!("its architecture is `{architecture}`; `{ARCHITECTURE}` is the one that runs here"));
        }
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)
            .and_then(|weights| BertModel::load(weights, &config))
            .map_err(|error| one_line(&error.to_string()))?;
        let padding = u32::try_from(config.pad_token_id).map_err(|error| error.to_string())?;
        Ok(LocalEmbedder { weights, form, dimensions: config.hidden_size, padding })
    }
}

impl LocalEmbedder {
    /// How many numbers each vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Embeds texts, on one thread, and waits for it. All are looked at before the first is computed; `cancel` is looked at between
    /// batches.
    pub fn embed(&self, request: &EmbedRequest, cancel: &AtomicBool) -> Result<Embeddings, ModelError> {
        on_one_thread(|| self.compute(request, cancel))
    }

    fn compute(&self, request: &EmbedRequest, cancel: &AtomicBool) -> Result<Embeddings, ModelError> {
        if let Some(asked) = request.dimensions.filter(|asked| *asked != self.dimensions) {
            return Err(EmbeddingInputError::Dimensions { asked, has: self.dimensions }.into());
        }
        let texts = self.form.encode(&request.inputs)?;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut prompt_tokens = 0;
        for batch in batches(&texts) {
            if cancel.load(Ordering::Relaxed) {
                return Ok(Embeddings { vectors: Vec::new(), prompt_tokens, is_cancelled: true });
            }
            prompt_tokens += batch.iter().map(|(_, tokens)| tokens.len()).sum::<usize>();
            let made = self.vectors_of(&batch)?;
            vectors.extend(batch.iter().map(|(index, _)| *index).zip(made));
        }
        vectors.sort_unstable_by_key(|(index, _)| *index);
        let vectors = vectors.into_iter().map(|(_, vector)| vector).collect();
        Ok(Embeddings { vectors, prompt_tokens, is_cancelled: false })
    }

    /// The vectors of a batch: the mean over each text's tokens, at length 1.
    fn vectors_of(&self, batch: &[(usize, &[u32])]) -> candle_core::Result<Vec<Vec<f32>>> {
        let width = batch.iter().map(|(_, tokens)| tokens.len()).max().unwrap_or_default();
        let mut ids = Vec::with_capacity(batch.len() * width);
        let mut mask = Vec::with_capacity(batch.len() * width);
        for (_, tokens) in batch {
            ids.extend_from_slice(tokens);
            mask.extend(std::iter::repeat_n(1.0_f32, tokens.len()));
            ids.resize(ids.len() + width - tokens.len(), self.padding);
            mask.resize(ids.len(), 0.0);
        }
        let shape = (batch.len(), width);
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let states = self.weights.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let means = batch.iter().enumerate().map(|(row, (_, tokens))| {
            let mean = states.get(row)?.narrow(0, 0, tokens.len())?.mean(0)?;
            let length = mean.sqr()?.sum_all()?.sqrt()?;
            mean.broadcast_div(&length)?.to_vec1()
        });
        means.collect()
    }
}

/// The texts with their places, in batches of like length so that little is padded.
fn batches(texts: &[Vec<u32>]) -> Vec<Vec<(usize, &[u32])>> {
    let mut sorted: Vec<(usize, &[u32])> = texts.iter().map(Vec::as_slice).enumerate().collect();
    sorted.sort_by_key(|(_, tokens)| Reverse(tokens.len()));
    let mut batches: Vec<Vec<(usize, &[u32])>> = Vec::new();
    for text in sorted {
        // The first of a batch is its longest, and how wide all of it becomes.
        let fits = |batch: &Vec<(usize, &[u32])>| {
            let width = batch.first().map_or(0, |(_, tokens)| tokens.len());
            (batch.len() + 1) * width <= BATCH_TOKENS
        };
        match batches.last_mut().filter(|batch| fits(batch)) {
            Some(batch) => batch.push(text),
            None => batches.push(vec![text]),
        }
    }
    batches
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

#[cfg(test)]
mod tests;
