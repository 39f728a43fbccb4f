//! The older completions protocol: a text that is gone on with. It is asked of a chat model as one turn of the user.

mod reply;
mod request;

use tape::Node;

use crate::estimate::text_or_texts;

pub use reply::{CompletionReply, EventWriter};
pub use request::{DEFAULT_MAX_TOKENS, Outline, read_request};

/// Visits every text that the model reads: the prompts. Prompts of tokens have no text.
pub fn texts(body: Node<'_>, visit: &mut dyn FnMut(&str)) {
    text_or_texts(body.get("prompt"), visit);
}
