//! What is spoken: by clients at a route, by providers at a path.

/// A protocol of requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    /// OpenAI chat completions.
    Chat,
    /// OpenAI completions: one prompt, one text.
    Completions,
    /// OpenAI embeddings.
    Embeddings,
    /// OpenAI responses.
    Responses,
    /// Anthropic messages.
    Messages,
}

impl Protocol {
    /// The path of its operation below a base URL.
    pub(crate) fn path(self) -> &'static [&'static str] {
        match self {
            Protocol::Chat => &["chat", "completions"],
            Protocol::Completions => &["completions"],
            Protocol::Embeddings => &["embeddings"],
            Protocol::Responses => &["responses"],
            Protocol::Messages => &["v1", "messages"],
        }
    }
}
