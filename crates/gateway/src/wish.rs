//! What a chat request wishes of the embedded model.

use dialect::openai::OpenAiError;
use dialect::openai::chat::{ChatRequest, PlainChat};
use local_model::{ChatMessage, GenerateRequest};

/// Tokens written where the caller sets no limit. A small model may ramble, and must not hold a slot for minutes unasked.
const DEFAULT_MAX_TOKENS: u32 = 512;
/// Temperature where the caller sets none: what the model's makers recommend for it.
const DEFAULT_TEMPERATURE: f64 = 0.2;
/// `top_p` where the caller sets none: what the model's makers recommend for it.
const DEFAULT_TOP_P: f64 = 0.9;

/// Translates a request. `seed` is used where the caller sent none.
pub(crate) fn of(request: &ChatRequest, seed: u64) -> Result<GenerateRequest, OpenAiError> {
    let plain = PlainChat::from_request(request)?;
    let message = |message: dialect::openai::chat::PlainMessage| ChatMessage {
        role: message.role.to_owned(),
        content: message.content,
    };
    Ok(GenerateRequest {
        messages: plain.messages.into_iter().map(message).collect(),
        max_tokens: request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS) as usize,
        temperature: request.temperature.unwrap_or(DEFAULT_TEMPERATURE),
        top_p: request.top_p.unwrap_or(DEFAULT_TOP_P),
        seed: request.seed.map_or(seed, i64::cast_unsigned),
        presence_penalty: request.presence_penalty.unwrap_or(0.0) as f32,
        frequency_penalty: request.frequency_penalty.unwrap_or(0.0) as f32,
        stop: request.stop.clone(),
    })
}
