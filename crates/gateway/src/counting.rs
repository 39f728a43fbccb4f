//! How many tokens a prompt has: a bound that costs nothing, and the count where a limit is near.

use dialect::openai::{completions, embeddings, responses};
use dialect::{anthropic, openai};
use metering::tokens::{self, Tokenizer};
use tape::Node;

use crate::protocol::Protocol;

/// Tokens that the template of a chat model puts around each message, and before its answer.
const TOKENS_PER_MESSAGE: u64 = 8;

/// What is counted of one request; the rest is estimated: counting takes its time, and at this length the estimate is near.
const COUNTED_BYTES: usize = 64 * 1024;

/// Gives each text of a body that costs prompt tokens to `see`.
fn texts(protocol: Protocol, body: Node<'_>, see: &mut dyn FnMut(&str)) {
    match protocol {
        Protocol::Chat => openai::texts(body, see),
        Protocol::Completions => completions::texts(body, see),
        Protocol::Embeddings => embeddings::texts(body, see),
        Protocol::Responses => responses::texts(body, see),
        Protocol::Messages => anthropic::texts(body, see),
    }
}

/// What a prompt costs beside its texts: the frame of its messages, and tokens that are sent as such.
fn around(protocol: Protocol, body: Node<'_>) -> u64 {
    let items = |name: &str| body.get(name).filter(|list| list.is_list()).map_or(1, |list| list.items().count() as u64);
    match protocol {
        Protocol::Chat | Protocol::Messages => (items("messages") + 1) * TOKENS_PER_MESSAGE,
        Protocol::Responses => (items("input") + 1) * TOKENS_PER_MESSAGE,
        Protocol::Completions => 0,
        Protocol::Embeddings => embeddings::given_tokens(body),
    }
}

/// What is known of a prompt's tokens without counting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Never less than the count, for whatever tokenizer cuts bytes.
    pub(crate) bound: u64,
    /// About how many they are.
    pub(crate) estimate: u64,
}

impl Glance {
    /// Looks once at each text of a body.
    pub(crate) fn of(protocol: Protocol, body: Node<'_>) -> Glance {
        let around = around(protocol, body);
        let mut glance = Glance { bound: around, estimate: around };
        texts(protocol, body, &mut |text| {
            glance.bound += tokens::upper_bound(text.len() as u64);
            glance.estimate += tokens::estimate(text);
        });
        glance
    }
}

/// The count of the model's own tokenizer where it is known, else an estimate.
pub(crate) fn count(protocol: Protocol, model: &str, body: Node<'_>) -> u64 {
    let tokenizer = Tokenizer::of_model(model);
    let (mut tokens, mut left) = (around(protocol, body), COUNTED_BYTES);
    texts(protocol, body, &mut |text| {
        tokens += match &tokenizer {
            Some(tokenizer) if text.len() <= left => {
                left -= text.len();
                tokenizer.count(text)
            }
            _ => tokens::estimate(text),
        };
    });
    tokens
}
