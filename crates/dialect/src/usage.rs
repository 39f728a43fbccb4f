//! How many tokens a request used.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tokens read and written for one request, as counted by the model that served it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, template included.
    pub prompt_tokens: u64,
    /// Tokens written, the one that ends the answer not counted.
    pub completion_tokens: u64,
}

impl Usage {
    /// Both together.
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// The `usage` object of the chat dialect, details included (clients read them without asking whether they are there).
    pub fn to_chat_json(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens(),
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        })
    }
}
