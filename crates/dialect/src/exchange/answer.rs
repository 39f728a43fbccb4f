//! A whole answer.

use super::{Event, Part};
use crate::Usage;

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

impl Answer {
    /// The same as the events of a stream, for who waits for one; the last is [`Event::End`].
    pub fn events(&self) -> Vec<Event> {
        let mut events = vec![Event::Started { id: self.id.clone(), model: self.model.clone(), usage: None }];
        for (part, said) in self.parts.iter().enumerate() {
            events.extend(deltas(part, said));
            events.push(Event::PartDone { part });
        }
        events.push(Event::Finished { finish: self.finish.clone(), stop_sequence: self.stop_sequence.clone() });
        events.extend(self.usage.map(Event::Usage));
        events.push(Event::End);
        events
    }
}

/// What a part says, each kind of it in one piece. Pictures and results of tools are no part of an answer.
fn deltas(part: usize, said: &Part) -> Vec<Event> {
    match said {
        Part::Text(text) => vec![Event::Text { part, delta: text.clone() }],
        Part::Refusal(words) => vec![Event::Refusal { part, delta: words.clone() }],
        Part::ToolCall { id, name, arguments } => vec![
            Event::ToolCall { part, id: id.clone(), name: name.clone() },
            Event::ToolArguments { part, delta: arguments.clone() },
        ],
        Part::Reasoning { text, signature, encrypted } => vec![
            Event::Reasoning { part, delta: text.clone() },
            Event::ReasoningSealed { part, signature: signature.clone(), encrypted: encrypted.clone() },
        ],
        Part::Image(_) | Part::ToolResult { .. } => Vec::new(),
    }
}

/// What the answering side adds to an answer on its way to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerContext {
    /// The id the caller reads; [`Answer::id`] is the provider's.
    pub id: String,
    /// The model the caller reads.
    pub model: String,
    /// Seconds since 1970.
    pub created: i64,
}

/// An answer that cannot be made out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer cannot be read: {reason}")]
pub struct Unreadable {
    /// What was expected and what was there.
    pub reason: String,
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

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Usage {
        Usage {
            prompt_tokens: tokens.input,
            completion_tokens: tokens.output,
            cached_input_tokens: tokens.cached_input,
            cache_write_tokens: tokens.cache_write,
            reasoning_tokens: tokens.reasoning,
        }
    }
}
