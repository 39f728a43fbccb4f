//! What a route takes and gives, by how its path ends.

use access::Verb;

/// The schemas of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    verb: Verb,
    end: &'static str,
    /// Of the body it takes, if it takes one.
    pub(super) request: Option<&'static str>,
    /// Whether that body names a model, which answers.
    pub(super) asks_model: bool,
    /// Of the body it answers with; none where it answers without one.
    pub(super) answer: Option<&'static str>,
    /// Whether its answer may be a stream of events.
    pub(super) streams: bool,
    /// Whether its answer is a page of a list.
    pub(super) is_paged: bool,
}

/// What is answered where nothing more is known: an object.
const PLAIN: Shape = Shape {
    verb: Verb::Get,
    end: "",
    request: None,
    asks_model: false,
    answer: Some("Object"),
    streams: false,
    is_paged: false,
};

/// The first whose end fits counts: `/chat/completions` before `/completions`.
const SHAPES: [Shape; 37] = [
    asked("/chat/completions", "ChatRequest", "ChatCompletion", true),
    asked("/completions", "CompletionRequest", "Completion", true),
    asked("/embeddings", "EmbeddingsRequest", "Embeddings", false),
    asked("/responses", "ResponseRequest", "Response", true),
    asked("/messages", "MessagesRequest", "Message", true),
    asked("/messages/count_tokens", "TokenCountRequest", "TokenCount", false),
    Shape { verb: Verb::Post, ..got("/cancel", "Response") },
    gone("/{response}", "DeletedResponse"),
    got("/{response}", "Response"),
    Shape { is_paged: true, ..got("/input_items", "ItemList") },
    got("/models", "ModelList"),
    got("/models/info", "ModelInfo"),
    got("/models/{model}", "Model"),
    got("/connections", "ConnectionList"),
    got("/{connection}", "Connection"),
    Shape { verb: Verb::Post, ..got("/getConnectionWithCredentials", "Connection") },
    got("/deployments", "ModelDeploymentList"),
    got("/{deployment}", "ModelDeployment"),
    told("/agents", "NewAgent", "Agent"),
    Shape { is_paged: true, ..got("/agents", "AgentList") },
    told("/versions", "NewAgentVersion", "AgentVersion"),
    Shape { is_paged: true, ..got("/versions", "AgentVersionList") },
    got("/{version}", "AgentVersion"),
    gone("/{version}", "DeletedAgent"),
    got("/{agent}", "Agent"),
    Shape { verb: Verb::Patch, ..told("/{agent}", "AgentChange", "Agent") },
    gone("/{agent}", "DeletedAgent"),
    Shape { verb: Verb::Post, answer: None, ..got("/{agent}:enable", "") },
    Shape { verb: Verb::Post, answer: None, ..got("/{agent}:disable", "") },
    told("/conversations", "NewConversation", "Conversation"),
    told("/{conversation}", "ConversationChange", "Conversation"),
    got("/{conversation}", "Conversation"),
    gone("/{conversation}", "DeletedConversation"),
    told("/items", "NewItems", "ItemList"),
    Shape { is_paged: true, ..got("/items", "ItemList") },
    got("/{item}", "Item"),
    gone("/{item}", "Conversation"),
];

const fn asked(end: &'static str, request: &'static str, answer: &'static str, streams: bool) -> Shape {
    Shape { asks_model: true, streams, ..told(end, request, answer) }
}

const fn told(end: &'static str, request: &'static str, answer: &'static str) -> Shape {
    Shape { verb: Verb::Post, request: Some(request), ..got(end, answer) }
}

const fn gone(end: &'static str, answer: &'static str) -> Shape {
    Shape { verb: Verb::Delete, ..got(end, answer) }
}

const fn got(end: &'static str, answer: &'static str) -> Shape {
    Shape { end, answer: Some(answer), ..PLAIN }
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
        SHAPES.iter().chain([&PLAIN]).flat_map(|shape| shape.request.into_iter().chain(shape.answer))
    }

    /// Whether nothing is known of the route.
    #[cfg(test)]
    pub(super) fn is_plain(self) -> bool {
        self == PLAIN
    }
}
