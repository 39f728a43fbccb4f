//! The tokenizer of a model file.

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

use crate::error::one_line;

/// Pre-tokenizers that the tensor library sets up from the file alone.
const KNOWN_BY_LIBRARY: [&str; 4] = ["qwen2", "llama3", "smaug-bpe", "lfm2"];
/// Pre-tokenizers that also cut a number into single digits.
const SINGLE_DIGITS: [&str; 1] = ["smollm"];
/// Tokens that end a turn in the chat formats of llama-shaped models, whatever the file calls its end.
const TURN_ENDS: [&str; 5] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "</s>"];

/// Builds the tokenizer. The error says in one line what the file lacks.
pub(crate) fn from_gguf(content: &Content) -> Result<Tokenizer, String> {
    let mut tokenizer = Tokenizer::from_gguf(content).map_err(|error| one_line(&error.to_string()))?;
    let pre = string(content, "tokenizer.ggml.pre").unwrap_or_default();
    if !KNOWN_BY_LIBRARY.contains(&pre.as_str()) {
        // No space is put before a text: the chat format has its own marks in front of each turn.
        let bytes = ByteLevel::new(false, true, true);
        let mut steps: Vec<PreTokenizerWrapper> = Vec::new();
        if SINGLE_DIGITS.contains(&pre.as_str()) {
            steps.push(Digits::new(true).into());
        }
        steps.push(bytes.into());
        tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    }
    Ok(tokenizer)
}

/// Ids of the tokens after which the model has finished its turn.
pub(crate) fn turn_ends(content: &Content, tokenizer: &Tokenizer) -> Vec<u32> {
    let declared = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"]
        .into_iter()
        .filter_map(|key| number(content, key));
    let by_name = TURN_ENDS.into_iter().filter_map(|name| tokenizer.token_to_id(name));
    declared.chain(by_name).collect()
}

/// The text of the token whose id the file keeps under `key`; empty when it has none.
pub(crate) fn special_token(content: &Content, tokenizer: &Tokenizer, key: &str) -> String {
    number(content, key).and_then(|id| tokenizer.id_to_token(id)).unwrap_or_default()
}

/// Bytes of text that the longest token stands for. The vocabulary writes each byte as one character.
pub(crate) fn longest_token_bytes(tokenizer: &Tokenizer) -> usize {
    tokenizer.get_vocab(true).keys().map(|token| token.chars().count()).max().unwrap_or(1)
}

/// A text of the file's metadata.
pub(crate) fn string(content: &Content, key: &str) -> Option<String> {
    match content.metadata.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A whole number of the file's metadata.
pub(crate) fn number(content: &Content, key: &str) -> Option<u32> {
    content.metadata.get(key).and_then(|value| value.to_u64().ok()).and_then(|number| u32::try_from(number).ok())
}
