//! Which token comes next.

use std::collections::HashMap;

use candle_core::{Result, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling};
use candle_transformers::utils::apply_repeat_penalty;

use crate::generate::GenerateRequest;

/// How much less likely a token of the last [`REPETITION_WINDOW`] becomes. Without it a small model falls into loops.
const REPETITION_PENALTY: f32 = 1.1;
/// Tokens of the answer that the repetition penalty looks back on: long enough for a repeated sentence.
const REPETITION_WINDOW: usize = 64;
/// Below this, temperature and `top_p` mean: always the likeliest token.
const GREEDY_BELOW: f64 = 1e-6;

/// Chooses tokens for one answer.
pub(crate) struct Sampler {
    processor: LogitsProcessor,
    presence_penalty: f32,
    frequency_penalty: f32,
}

impl Sampler {
    pub(crate) fn new(request: &GenerateRequest) -> Sampler {
        let temperature = request.temperature;
        let sampling = if temperature < GREEDY_BELOW || request.top_p < GREEDY_BELOW {
            Sampling::ArgMax
        } else if request.top_p < 1.0 {
            Sampling::TopP { p: request.top_p, temperature }
        } else {
            Sampling::All { temperature }
        };
        Sampler {
            processor: LogitsProcessor::from_sampling(request.seed, sampling),
            presence_penalty: request.presence_penalty,
            frequency_penalty: request.frequency_penalty,
        }
    }

    /// The next token after `written`, from the model's output for the last position (one number for each token it knows).
    pub(crate) fn next(&mut self, logits: &Tensor, written: &[u32]) -> Result<u32> {
        let recent = written.get(written.len().saturating_sub(REPETITION_WINDOW)..).unwrap_or_default();
        let mut logits = apply_repeat_penalty(logits, REPETITION_PENALTY, recent)?;
        if self.presence_penalty != 0.0 || self.frequency_penalty != 0.0 {
            logits = self.penalise(&logits, written)?;
        }
        self.processor.sample(&logits)
    }

    /// The penalties of the chat dialect: so much for a token that was written at all, so much for each time.
    fn penalise(&self, logits: &Tensor, written: &[u32]) -> Result<Tensor> {
        let mut times: HashMap<u32, f32> = HashMap::new();
        for token in written {
            *times.entry(*token).or_default() += 1.0;
        }
        let mut values = logits.to_vec1::<f32>()?;
        for (token, times) in times {
            if let Some(value) = values.get_mut(token as usize) {
                *value -= self.presence_penalty + self.frequency_penalty * times;
            }
        }
        let length = values.len();
        Tensor::from_vec(values, length, logits.device())
    }
}
