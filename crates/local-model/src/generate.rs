//! One answer: prompt in, pieces out.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Device, IndexOp, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;

use crate::chat_template::ChatMessage;
use crate::error::{ModelError, one_line};
use crate::model::LocalModel;
use crate::one_thread::on_one_thread;
use crate::sampling::Sampler;
use crate::stop::StopScan;

/// Prompt tokens read in one go. Between two goes the caller may cancel.
const PREFILL_CHUNK: usize = 64;

/// What to answer, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateRequest {
    /// The conversation; the model speaks next.
    pub messages: Vec<ChatMessage>,
    /// The most tokens to write; the model's context bounds it too.
    pub max_tokens: usize,
    /// 0 is always the likeliest token.
    pub temperature: f64,
    /// Only the likeliest tokens that together have this probability, 0 to 1.
    pub top_p: f64,
    /// Makes sampling repeatable.
    pub seed: u64,
    /// Taken off a token that was written before.
    pub presence_penalty: f32,
    /// Taken off a token for each time it was written before.
    pub frequency_penalty: f32,
    /// Texts that end the answer and are not part of it.
    pub stop: Vec<String>,
}

/// What one token adds to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Whole characters; empty while a character or a possible stop sequence is not complete.
    pub text: &'a str,
}

/// Why the answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model ended its turn, or wrote a stop sequence.
    Stop,
    /// `max_tokens` or the context was reached.
    Length,
    /// The caller wanted no more.
    Cancelled,
}

/// How an answer ended and what it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt that were read, template included.
    pub prompt_tokens: usize,
    /// Tokens written, the one that ends the turn not counted.
    pub completion_tokens: usize,
}

/// Takes the pieces of an answer, on the thread that computes it.
pub type OnToken<'a> = dyn FnMut(Piece<'_>) -> ControlFlow<()> + Send + 'a;

impl LocalModel {
    /// Writes one answer, on one thread, and waits for it. `on_token` gets one piece for each token, and may break off; `cancel` is
    /// looked at between tokens and while a long prompt is read.
    pub fn generate(
        &self,
        request: &GenerateRequest,
        cancel: &AtomicBool,
        on_token: &mut OnToken<'_>,
    ) -> Result<Outcome, ModelError> {
        on_one_thread(|| self.answer(request, cancel, on_token))
    }

    fn answer(
        &self,
        request: &GenerateRequest,
        cancel: &AtomicBool,
        on_token: &mut OnToken<'_>,
    ) -> Result<Outcome, ModelError> {
        let prompt = self.form.encode(&request.messages)?;
        // A clone shares the weights; the cache of keys and values it grows is this answer's alone.
        let mut weights = self.weights.clone();
        let mut outcome = Outcome { finish: Finish::Cancelled, prompt_tokens: 0, completion_tokens: 0 };
        let Some(logits) = self.read_prompt(&mut weights, &prompt, cancel, &mut outcome)? else {
            return Ok(outcome);
        };
        self.write(request, &mut weights, logits, cancel, &mut outcome, on_token)?;
        Ok(outcome)
    }

    /// Reads the prompt; the model's output after its last token, or nothing when cancelled.
    fn read_prompt(
        &self,
        weights: &mut ModelWeights,
        prompt: &[u32],
        cancel: &AtomicBool,
        outcome: &mut Outcome,
    ) -> Result<Option<Tensor>, ModelError> {
        let mut logits = None;
        for chunk in prompt.chunks(PREFILL_CHUNK) {
            if cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            logits = Some(step(weights, chunk, outcome.prompt_tokens)?);
            outcome.prompt_tokens += chunk.len();
        }
        Ok(logits)
    }

    fn write(
        &self,
        request: &GenerateRequest,
        weights: &mut ModelWeights,
        mut logits: Tensor,
        cancel: &AtomicBool,
        outcome: &mut Outcome,
        on_token: &mut OnToken<'_>,
    ) -> Result<(), ModelError> {
        let limit = request.max_tokens.min(self.form.context - outcome.prompt_tokens);
        let mut sampler = Sampler::new(request);
        let mut stop = StopScan::new(&request.stop);
        let mut text = self.form.tokenizer.decode_stream(true);
        let mut written: Vec<u32> = Vec::new();
        let finish = loop {
            if written.len() >= limit {
                break Finish::Length;
            }
            if cancel.load(Ordering::Relaxed) {
                break Finish::Cancelled;
            }
            let token = sampler.next(&logits, &written)?;
            if self.form.turn_ends.contains(&token) {
                break Finish::Stop;
            }
            written.push(token);
            outcome.completion_tokens = written.len();
            let decoded = text.step(token).map_err(|error| ModelError::Failed(one_line(&error.to_string())))?;
            let (shown, stopped) = stop.push(&decoded.unwrap_or_default());
            if on_token(Piece { text: &shown }).is_break() {
                break Finish::Cancelled;
            }
            if stopped {
                break Finish::Stop;
            }
            if written.len() < limit {
                logits = step(weights, &[token], outcome.prompt_tokens + written.len() - 1)?;
            }
        };
        outcome.finish = finish;
        let rest = stop.finish();
        if finish != Finish::Cancelled && !rest.is_empty() && on_token(Piece { text: &rest }).is_break() {
            outcome.finish = Finish::Cancelled;
        }
        Ok(())
    }
}

/// Feeds tokens at a position; one number for each token the model knows, for the last of them.
fn step(weights: &mut ModelWeights, tokens: &[u32], position: usize) -> Result<Tensor, ModelError> {
    let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
    Ok(weights.forward(&input, position)?.i(0)?)
}
