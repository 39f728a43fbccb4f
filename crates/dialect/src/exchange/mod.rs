//! What every chat protocol can say, in one form: a request, an answer, the events of a stream.
//!
//! A protocol's module reads its own wire into this form and writes its own wire from it. What this form has no place for, or
//! the other protocol has no word for, is [`NotSupported`] and names the field; nothing is dropped in silence.

mod answer;
mod event;
mod failure;
mod fields;
mod frames;
mod left_out;
mod place;
mod request;

pub use answer::{Answer, AnswerContext, Finish, Tokens, Unreadable};
pub use event::Event;
pub use failure::Failure;
pub(crate) use fields::{Fields, echo, wrong_type};
pub(crate) use frames::{Frame, Frames, error_of, unreadable};
pub use left_out::{Accepted, LEFT_OUT, LeftOut, Protocol};
pub use place::{Places, Words};
pub use request::{Effort, Image, ImageSource, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolChoice, Turn};

/// A field that the protocol of the answering model has no word for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` cannot be said to the model of this deployment: {reason}")]
pub struct NotSupported {
    /// The field, as a path in the caller's body: `messages[2].content[0].type`.
    pub field: String,
    /// What would be accepted instead.
    pub reason: String,
}

impl NotSupported {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> NotSupported {
        NotSupported { field: field.into(), reason: reason.into() }
    }
}
