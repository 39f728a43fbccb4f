//! The events of a streamed answer. Parts come one after the other; deltas belong to the part of their index.

use super::{Finish, Tokens};

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first.
    Started {
        /// The provider's id of the answer.
        id: String,
        /// The provider's name for the model.
        model: String,
        /// Input tokens, where the protocol says them at the start.
        usage: Option<Tokens>,
    },
    /// A piece of text.
    Text {
        /// The part.
        part: usize,
        /// What is added to it.
        delta: String,
    },
    /// A piece of thinking.
    Reasoning {
        /// The part.
        part: usize,
        /// What is added to it.
        delta: String,
    },
    /// What lets the provider recognise that thinking later.
    ReasoningSealed {
        /// The part.
        part: usize,
        /// A signature.
        signature: Option<String>,
        /// The form only the provider can read.
        encrypted: Option<String>,
    },
    /// A piece of a refusal.
    Refusal {
        /// The part.
        part: usize,
        /// What is added to it.
        delta: String,
    },
    /// The model asks for a function.
    ToolCall {
        /// The part.
        part: usize,
        /// Names the call.
        id: String,
        /// The function.
        name: String,
    },
    /// A piece of the arguments of that call.
    ToolArguments {
        /// The part.
        part: usize,
        /// What is added to them.
        delta: String,
    },
    /// The part is whole.
    PartDone {
        /// The part.
        part: usize,
    },
    /// Nothing is added any more.
    Finished {
        /// Why.
        finish: Finish,
        /// The stop text that ended it.
        stop_sequence: Option<String>,
    },
    /// What it cost; may come before or after [`Event::Finished`], and more than once: the last one counts.
    Usage(Tokens),
    /// The provider failed in the middle. The last: nothing follows, not even [`Event::End`].
    Error {
        /// Its code or type.
        code: String,
        /// Its words.
        message: String,
    },
    /// The stream is complete.
    End,
}
