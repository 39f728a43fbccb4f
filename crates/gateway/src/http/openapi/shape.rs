//! What a route takes and gives, by how its path ends.

use access::Verb;

/// The schemas of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    verb: Verb,
    end: &'static str,
    /// Of the body it takes, if it takes one.
    pub(super) request: Option<&'static str>,
    /// Of the body it answers with.
    pub(super) answer: &'static str,
    /// Whether its answer may be a stream of events.
    pub(super) streams: bool,
    /// Whether its answer is a page of a list.
    pub(super) is_paged: bool,
}

/// What is answered where nothing more is known: an object.
const PLAIN: Shape =
    Shape { verb: Verb::Get, end: "", request: None, answer: "Object", streams: false, is_paged: false };

/// The first whose end fits counts: `/chat/completions` before `/completions`.
const SHAPES: [Shape; 12] = [
    asked("/chat/completions", "ChatRequest", "ChatCompletion", true),
    asked("/completions", "CompletionRequest", "Completion", true),
    asked("/embeddings", "EmbeddingsRequest", "Embeddings", false),
    asked("/responses", "ResponseRequest", "Response", true),
    asked("/messages", "MessagesRequest", "Message", true),
    asked("/messages/count_tokens", "TokenCountRequest", "TokenCount", false),
    Shape { verb: Verb::Post, ..got("/cancel", "Response") },
    Shape { verb: Verb::Delete, ..got("/{response}", "DeletedResponse") },
    got("/{response}", "Response"),
    Shape { is_paged: true, ..got("/input_items", "ItemList") },
    got("/models", "ModelList"),
    got("/models/info", "ModelInfo"),
];

const fn asked(end: &'static str, request: &'static str, answer: &'static str, streams: bool) -> Shape {
    Shape { verb: Verb::Post, end, request: Some(request), answer, streams, is_paged: false }
}

const fn got(end: &'static str, answer: &'static str) -> Shape {
    Shape { end, answer, ..PLAIN }
}

impl Shape {
    /// The shape of a route.
    pub(super) fn of(verb: Verb, template: &str) -> Shape {
        let fits = |shape: &&Shape| shape.verb == verb && template.ends_with(shape.end);
        SHAPES.iter().find(fits).copied().unwrap_or(PLAIN)
    }

    /// The schemas that any shape names.
    #[cfg(test)]
    pub(super) fn schemas() -> impl Iterator<Item = &'static str> {
        SHAPES.iter().chain([&PLAIN]).flat_map(|shape| shape.request.into_iter().chain([shape.answer]))
    }

    /// Whether nothing is known of the route.
    #[cfg(test)]
    pub(super) fn is_plain(self) -> bool {
        self == PLAIN
    }
}
