//! Chat completions in the common form, both ways: requests, whole answers, streams.
//!
//! What is left out of a request that is written: `metadata` (labels of what is kept, and nothing is kept) and the thinking of
//! earlier turns, which is sealed for the provider that thought it. A failed tool says so in its text, and its pictures follow
//! in the user's next message, because a tool's message holds text alone.

mod answer;
mod event_reader;
mod event_writer;
mod message;
mod read;
mod usage;
mod write;

pub use answer::{read_answer, write_answer};
pub use event_reader::EventReader;
pub use event_writer::EventWriter;
pub use read::read_request;
pub use write::write_request;
