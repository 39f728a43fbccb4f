//! The `usage` of a message. Its input tokens are those that no cache had to do with.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::exchange::Tokens;

/// Counts as they come: those of a stream's end replace those of its start, where they are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    #[serde(rename = "output_tokens_details", deserialize_with = "thinking")]
    thinking: Option<u64>,
}

/// Details of another shape are no reason to lose the totals.
fn thinking<'de, D: Deserializer<'de>>(details: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(details)?.get("thinking_tokens").and_then(Value::as_u64))
}

impl Counts {
    pub(super) fn read(usage: Option<&Value>) -> Option<Counts> {
        Counts::deserialize(usage?).ok()
    }

    /// Takes later counts.
    pub(super) fn update(&mut self, later: Counts) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.thinking = later.thinking.or(self.thinking);
    }

    /// `None` where neither side is counted.
    pub(super) fn tokens(self) -> Option<Tokens> {
        self.input_tokens.or(self.output_tokens)?;
        let cached_input = self.cache_read_input_tokens.unwrap_or(0);
        let cache_write = self.cache_creation_input_tokens.unwrap_or(0);
        Some(Tokens {
            input: self.input_tokens.unwrap_or(0).saturating_add(cached_input).saturating_add(cache_write),
            cached_input,
            cache_write,
            output: self.output_tokens.unwrap_or(0),
            reasoning: self.thinking.unwrap_or(0),
        })
    }
}

/// Writes it; a protocol that counts no thinking leaves the details out.
pub(super) fn write(tokens: &Tokens) -> Value {
    let mut usage = json!({
        "input_tokens": tokens.input.saturating_sub(tokens.cached_input).saturating_sub(tokens.cache_write),
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cached_input,
        "output_tokens": tokens.output,
    });
    if let (1.., Some(fields)) = (tokens.reasoning, usage.as_object_mut()) {
        fields.insert("output_tokens_details".to_owned(), json!({"thinking_tokens": tokens.reasoning}));
    }
    usage
}
