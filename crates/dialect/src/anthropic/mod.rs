//! The Anthropic dialect: messages in the common form, both ways; errors; what is seen of an answer that is handed on.
//!
//! What is left out of a request that is written: `metadata` but for the user (labels of what is kept, and nothing is kept),
//! `parallel_tool_calls` where no tool may be called, a picture's detail of `auto` or `high` (this is how the model looks), the
//! name of a schema, and the thinking of earlier turns that nobody signed, which no provider takes back.

mod answer;
mod block;
mod count;
mod error;
mod event_reader;
mod event_writer;
mod message;
mod observe;
mod outline;
mod read;
mod texts;
mod thinking;
mod usage;
mod write;

pub use answer::{read_answer, write_answer};
pub use count::{count_answer, read_count, read_count_request};
pub use error::{AnthropicError, kind_of, status_of};
pub use event_reader::EventReader;
pub use event_writer::EventWriter;
pub use observe::Observed;
pub use outline::Outline;
pub use read::read_request;
pub use texts::texts;
pub use thinking::{MIN_BUDGET_TOKENS, ThinksBy};
pub use write::{Target, write_request};
