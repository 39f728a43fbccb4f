//! Answers of the models in this process, for every protocol.

mod chat;
mod vectors;

pub(crate) use chat::answer as chat;
pub(crate) use vectors::answer as vectors;
