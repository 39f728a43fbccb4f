//! Embeddings: texts in, vectors out. What a provider's answer says of its usage, [`crate::openai::Observed`] reads.

mod reply;
mod request;

use tape::Node;

use crate::estimate::text_or_texts;

pub use reply::EmbeddingsReply;
pub use request::{EmbeddingsRequest, Encoding, Input, InputType, MAX_INPUTS};

/// Visits every text that the model reads. Inputs of tokens have no text: see [`given_tokens`].
pub fn texts(body: Node<'_>, visit: &mut dyn FnMut(&str)) {
    text_or_texts(body.get("input"), visit);
}

/// Tokens that the caller sends as such.
pub fn given_tokens(body: Node<'_>) -> u64 {
    let count = |input: Node<'_>| if input.is_number() { 1 } else { input.items().count() as u64 };
    body.get("input").map_or(0, |input| input.items().map(count).sum())
}
