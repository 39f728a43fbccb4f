//! The object that an answer is on the wire.

use serde_json::{Map, Value, json};

use crate::exchange::{Finish, Tokens};

/// What of a request its answer repeats, with what stands there when the request does not say it (the service's defaults).
const REPEATED: [(&str, &str); 17] = [
    ("background", "false"),
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("prompt_cache_key", "null"),
    ("safety_identifier", "null"),
    ("store", "true"),
    ("temperature", "1.0"),
    ("tool_choice", r#""auto""#),
    ("top_logprobs", "0"),
    ("top_p", "1.0"),
    ("truncation", r#""disabled""#),
    ("user", "null"),
    ("tools", "[]"),
];

/// Who answers, and what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseContext {
    /// `resp_…`; ours, not the provider's.
    pub id: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// The model's name, as the caller's deployment serves it.
    pub model: String,
    /// What is repeated of the request.
    repeated: Map<String, Value>,
}

/// How far an answer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    Queued,
    /// Being made.
    InProgress,
    /// Whole.
    Completed,
    /// Cut, by `max_output_tokens`, `content_filter` or a provider's own word.
    Incomplete(String),
    /// Failed.
    Failed {
        /// The reason in one word, such as `server_error`.
        code: String,
        /// The reason for a person.
        message: String,
    },
    /// Stopped by the caller.
    Cancelled,
}

impl State {
    /// The word on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::InProgress => "in_progress",
            State::Completed => "completed",
            State::Incomplete(_) => "incomplete",
            State::Failed { .. } => "failed",
            State::Cancelled => "cancelled",
        }
    }

    /// The state of an item that is open when its answer is in this state.
    pub(super) fn item_word(&self) -> &'static str {
        match self {
            State::Completed => "completed",
            State::Queued | State::InProgress => "in_progress",
            State::Incomplete(_) | State::Failed { .. } | State::Cancelled => "incomplete",
        }
    }

    /// The state of an answer that ended so. A refusal without words of its own is a filter's.
    pub(super) fn of(finish: &Finish, has_refusal: bool) -> State {
        match finish {
            Finish::Stop | Finish::ToolCalls => State::Completed,
            Finish::Refusal if has_refusal => State::Completed,
            Finish::Refusal | Finish::ContentFilter => State::Incomplete(CONTENT_FILTER.to_owned()),
            Finish::Length => State::Incomplete(MAX_OUTPUT_TOKENS.to_owned()),
            Finish::Other(word) => State::Incomplete(word.clone()),
        }
    }
}

/// The reason of an answer that met its limit.
pub(super) const MAX_OUTPUT_TOKENS: &str = "max_output_tokens";
/// The reason of an answer that a filter cut.
pub(super) const CONTENT_FILTER: &str = "content_filter";

impl ResponseContext {
    /// Who answers the request `body`.
    pub fn new(id: String, created_at: i64, model: String, body: &Value) -> ResponseContext {
        let mut repeated = Map::new();
        for (name, default) in REPEATED {
            let given = body.get(name).filter(|value| !value.is_null()).cloned();
            let default = || serde_json::from_str(default).unwrap_or(Value::Null);
            repeated.insert(name.to_owned(), given.unwrap_or_else(default));
        }
        if let Some(tools) = repeated.get_mut("tools").and_then(Value::as_array_mut) {
            tools.iter_mut().for_each(fill_tool);
        }
        repeated.insert(
            "text".to_owned(),
            filled(body.get("text"), &json!({"format": {"type": "text"}, "verbosity": "medium"})),
        );
        repeated
            .insert("reasoning".to_owned(), filled(body.get("reasoning"), &json!({"effort": null, "summary": null})));
        ResponseContext { id, created_at, model, repeated }
    }

    /// The object: in this state, having said `output` so far, having cost `usage`.
    pub fn response(&self, state: &State, output: Vec<Value>, usage: Option<&Tokens>) -> Value {
        let (error, incomplete) = match state {
            State::Failed { code, message } => (json!({"code": code, "message": message}), Value::Null),
            State::Incomplete(reason) => (Value::Null, json!({ "reason": reason })),
            _ => (Value::Null, Value::Null),
        };
        let mut response = json!({
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": state.word(),
            "error": error,
            "incomplete_details": incomplete,
            "model": self.model,
            "output": output,
            "usage": usage.map_or(Value::Null, write_usage),
            // What served it, whatever was asked.
            "service_tier": "default",
        });
        if let Some(fields) = response.as_object_mut() {
            fields.extend(self.repeated.clone());
        }
        response
    }
}

/// Clients read these of a function without asking whether they are there.
fn fill_tool(tool: &mut Value) {
    let is_function = tool.get("type").and_then(Value::as_str).is_none_or(|kind| kind == "function");
    if let Some(fields) = tool.as_object_mut().filter(|_| is_function) {
        for name in ["description", "parameters", "strict"] {
            fields.entry(name).or_insert(Value::Null);
        }
    }
}

/// An object with what it does not say itself.
fn filled(given: Option<&Value>, defaults: &Value) -> Value {
    let mut all = defaults.as_object().cloned().unwrap_or_default();
    let said = given.and_then(Value::as_object).into_iter().flatten().filter(|(_, value)| !value.is_null());
    all.extend(said.map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(all)
}

/// `usage` with all its details.
fn write_usage(tokens: &Tokens) -> Value {
    json!({
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached_input, "cache_write_tokens": tokens.cache_write},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input.saturating_add(tokens.output),
    })
}

/// Reads `usage`; details that are missing count as nothing.
pub fn read_usage(usage: &Value) -> Option<Tokens> {
    let number = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64);
    Some(Tokens {
        input: number("/input_tokens")?,
        cached_input: number("/input_tokens_details/cached_tokens").unwrap_or(0),
        cache_write: number("/input_tokens_details/cache_write_tokens").unwrap_or(0),
        output: number("/output_tokens").unwrap_or(0),
        reasoning: number("/output_tokens_details/reasoning_tokens").unwrap_or(0),
    })
}
