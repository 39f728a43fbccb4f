//! Which fields of a request may be left out when it is said in another protocol: those that cannot change what is answered.
//! Any other field that the form has no place for is refused by name.

use serde_json::Value;

/// The protocol of a caller's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// OpenAI chat completions.
    Chat,
    /// Anthropic messages.
    Messages,
    /// OpenAI responses.
    Responses,
    /// OpenAI completions.
    Completions,
    /// Embeddings, of OpenAI and of Foundry Models.
    Embeddings,
}

/// One field, and when it may be left out.
#[derive(Clone, Copy, Debug)]
pub struct LeftOut {
    /// Whose field.
    pub protocol: Protocol,
    /// Its path in the body, places in lists as `[]`; a name behind `*.` stands in any object.
    pub field: &'static str,
    /// The values with which it may be left out.
    pub accepted: Accepted,
    /// Why; or, where no value is accepted, what to do instead.
    pub why: &'static str,
}

/// Values of a field.
#[derive(Clone, Copy, Debug)]
pub enum Accepted {
    /// All of them.
    Any,
    /// These, as compact JSON.
    Only(&'static [&'static str]),
    /// None.
    Nothing,
}

impl Accepted {
    /// Whether the field may be left out with this value.
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Accepted::Any => true,
            Accepted::Only(known) => known.contains(&value.to_string().as_str()),
            Accepted::Nothing => false,
        }
    }
}

impl LeftOut {
    pub(super) fn refusal(&self) -> String {
        match self.accepted {
            Accepted::Only(known) => {
                let known: Vec<String> = known.iter().map(|value| format!("`{value}`")).collect();
                format!("only {} is accepted", known.join(" or "))
            }
            Accepted::Any | Accepted::Nothing => self.why.to_owned(),
        }
    }
}

const fn any(protocol: Protocol, field: &'static str, why: &'static str) -> LeftOut {
    LeftOut { protocol, field, accepted: Accepted::Any, why }
}

const fn only(protocol: Protocol, field: &'static str, known: &'static [&'static str], why: &'static str) -> LeftOut {
    LeftOut { protocol, field, accepted: Accepted::Only(known), why }
}

const fn never(protocol: Protocol, field: &'static str, instead: &'static str) -> LeftOut {
    LeftOut { protocol, field, accepted: Accepted::Nothing, why: instead }
}

use Protocol::{Chat, Completions, Messages, Responses};

/// The table.
pub const LEFT_OUT: &[LeftOut] = &[
    only(Chat, "n", &["1"], "the default"),
    only(Chat, "store", &["false"], "nothing is kept"),
    only(Chat, "logprobs", &["false"], "the default"),
    only(Chat, "top_logprobs", &["0"], "the default"),
    only(Chat, "logit_bias", &["{}"], "no bias"),
    only(Chat, "modalities", &["[\"text\"]"], "the default"),
    only(Chat, "verbosity", &["\"medium\""], "the default"),
    only(Chat, "service_tier", &["\"auto\"", "\"default\""], "how soon, not what"),
    only(Chat, "messages[].annotations", &["[]"], "said by an earlier answer, and empty"),
    any(Chat, "safety_identifier", "whom the provider asks about abuse"),
    any(Chat, "prompt_cache_key", "what is read from a cache is what would be computed"),
    any(Chat, "prompt_cache_retention", "what is read from a cache is what would be computed"),
    any(Chat, "prompt_cache_options", "what is read from a cache is what would be computed"),
    any(Chat, "stream_options.include_obfuscation", "padding of events"),
    never(Chat, "functions", "use `tools`"),
    never(Chat, "function_call", "use `tool_choice`"),
    never(Chat, "audio", "text only"),
    never(Chat, "prediction", "leave it out"),
    never(Chat, "web_search_options", "use a function in `tools`"),
    never(Chat, "moderation", "leave it out"),
    never(Chat, "messages[].name", "say it in the content"),
    never(Chat, "messages[].audio", "text only"),
    never(Chat, "messages[].function_call", "use `tool_calls`"),
    any(Messages, "*.cache_control", "what is read from a cache is what would be computed"),
    any(Messages, "diagnostics", "what the provider says about its cache"),
    any(Messages, "user_profile_id", "whom the provider bills or asks"),
    only(Messages, "service_tier", &["\"auto\"", "\"standard_only\""], "how soon, not what"),
    only(Messages, "speed", &["\"standard\""], "how soon, not what"),
    only(Messages, "*.citations", &["[]", "{\"enabled\":false}"], "the default"),
    only(Messages, "*.caller", &["{\"type\":\"direct\"}"], "the default"),
    only(Messages, "*.allowed_callers", &["[\"direct\"]"], "the default"),
    only(Messages, "*.defer_loading", &["false"], "the default"),
    any(Messages, "*.eager_input_streaming", "the size of the pieces"),
    only(Messages, "*.transformations", &["{}"], "the default"),
    never(Messages, "*.input_examples", "say them in the `description`"),
    never(Messages, "container", "use a function in `tools`"),
    never(Messages, "mcp_servers", "use a function in `tools`"),
    never(Messages, "context_management", "leave it out"),
    never(Messages, "inference_geo", "nobody could keep that promise: use a deployment in that geography"),
    never(Messages, "workspace_id", "leave it out"),
    only(Completions, "n", &["1"], "the default"),
    only(Completions, "best_of", &["1"], "the default"),
    only(Completions, "echo", &["false"], "the default"),
    only(Completions, "suffix", &["\"\""], "nothing is to follow"),
    only(Completions, "logit_bias", &["{}"], "no bias"),
    any(Completions, "stream_options.include_obfuscation", "padding of events"),
    never(Completions, "logprobs", "leave it out"),
    any(Responses, "prompt_cache_key", "what is read from a cache is what would be computed"),
    any(Responses, "prompt_cache_options", "what is read from a cache is what would be computed"),
    any(Responses, "prompt_cache_retention", "what is read from a cache is what would be computed"),
    any(Responses, "*.prompt_cache_breakpoint", "what is read from a cache is what would be computed"),
    any(Responses, "max_tool_calls", "counts calls of built-in tools, which are refused"),
    any(Responses, "stream_options.include_obfuscation", "padding of events"),
    only(Responses, "service_tier", &["\"auto\"", "\"default\""], "how soon, not what"),
    only(Responses, "truncation", &["\"disabled\""], "what every other protocol does"),
    only(Responses, "top_logprobs", &["0"], "the default"),
    only(Responses, "context_management", &["[]"], "the default"),
    only(Responses, "text.verbosity", &["\"medium\""], "the default"),
    only(Responses, "reasoning.context", &["\"auto\""], "the default"),
    only(Responses, "reasoning.mode", &["\"standard\""], "the default"),
    any(Responses, "input[].id", "names the item to who stores it"),
    any(Responses, "input[].status", "set by who stores the item"),
    any(Responses, "input[].created_by", "set by who stores the item"),
    any(Responses, "input[].phase", "only a model of this protocol knows phases"),
    any(Responses, "input[].content[].annotations", "notes on an answer that its model is not shown"),
    any(Responses, "input[].content[].logprobs", "notes on an answer that its model is not shown"),
    only(Responses, "*.async", &["false"], "the default"),
    only(Responses, "*.caller", &["{\"type\":\"direct\"}"], "the default"),
    only(Responses, "*.allowed_callers", &["[\"direct\"]"], "the default"),
    only(Responses, "*.defer_loading", &["false"], "the default"),
    never(Responses, "conversation", "conversations are not kept here: use `previous_response_id`"),
    never(Responses, "prompt", "prompt templates are not kept here: send their text as `instructions` and `input`"),
    never(Responses, "agent_reference", "agents are not kept here: name a deployment as `model`"),
    never(Responses, "agent", "agents are not kept here: name a deployment as `model`"),
    never(Responses, "moderation", "leave it out"),
    never(Responses, "stop", "this protocol has no stop texts: leave it out"),
];

/// The entry of a field, by its path in a body.
pub(super) fn find(protocol: Protocol, path: &str) -> Option<&'static LeftOut> {
    let path = without_places(path);
    let name = path.rsplit('.').next().unwrap_or_default();
    let is_it = |entry: &&LeftOut| {
        entry.protocol == protocol
            && match entry.field.strip_prefix("*.") {
                Some(anywhere) => anywhere == name,
                None => entry.field == path,
            }
    };
    LEFT_OUT.iter().find(is_it)
}

/// `messages[3].name` as `messages[].name`.
fn without_places(path: &str) -> String {
    let mut inside = false;
    let keep = |letter: &char| {
        let was_inside = inside;
        inside = match letter {
            '[' => true,
            ']' => false,
            _ => inside,
        };
        !was_inside || *letter == ']'
    };
    path.chars().filter(keep).collect()
}
