//! A whole answer.

use super::Part;

/// What the model answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The provider's id of the answer.
    pub id: String,
    /// The provider's name for the model that answered.
    pub model: String,
    /// What it said: text, tool calls, reasoning, refusal; in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub finish: Finish,
    /// The stop text that ended it.
    pub stop_sequence: Option<String>,
    /// What it cost, where the provider counted.
    pub usage: Option<Tokens>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model had said all, or met a stop text.
    Stop,
    /// The limit of output tokens.
    Length,
    /// It waits for the results of tools.
    ToolCalls,
    /// A content filter cut it.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// A provider's word that has no counterpart.
    Other(String),
}

/// Tokens by kind. `input` and `output` are whole numbers of which the others are parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read, cached ones included.
    pub input: u64,
    /// Of those, read from the provider's cache.
    pub cached_input: u64,
    /// Of those, written to the provider's cache.
    pub cache_write: u64,
    /// Written, reasoning included.
    pub output: u64,
    /// Of those, thought and not said.
    pub reasoning: u64,
}
