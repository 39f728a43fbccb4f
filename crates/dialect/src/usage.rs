//! How many tokens a request used.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::estimate;

/// Tokens read and written for one request, as counted by the model that served it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt, template and cached ones included.
    pub prompt_tokens: u64,
    /// Tokens written, thinking included, the one that ends the answer not counted.
    pub completion_tokens: u64,
    /// Of the prompt's, those read from the provider's cache.
    pub cached_input_tokens: u64,
    /// Of the prompt's, those written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Of those written, thought and not said.
    pub reasoning_tokens: u64,
}

impl Usage {
    /// Both together.
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// The `usage` object of the chat dialect, details included (clients read them without asking whether they are there).
    pub fn to_chat_json(&self) -> Value {
        let mut prompt = json!({"cached_tokens": self.cached_input_tokens});
        if let (1.., Some(details)) = (self.cache_write_tokens, prompt.as_object_mut()) {
            details.insert("cache_write_tokens".to_owned(), json!(self.cache_write_tokens));
        }
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens(),
            "prompt_tokens_details": prompt,
            "completion_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
        })
    }

    /// The provider's count, else an estimate from what was written; and whether it is an estimate.
    pub(crate) fn settled(counted: Option<Usage>, prompt_tokens: u64, text_bytes: u64) -> (Usage, bool) {
        let estimated = || Usage { prompt_tokens, completion_tokens: estimate::tokens(text_bytes), ..Usage::default() };
        (counted.unwrap_or_else(estimated), counted.is_none())
    }
}
