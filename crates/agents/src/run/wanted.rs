//! What a request for a response says beyond what a model is asked: who answers, in which conversation, and who waits.

use dialect::openai::OpenAiError;
use serde_json::{Map, Value};

/// Members that are read here and that no model is sent.
const OURS: [&str; 12] = [
    "agent",
    "agent_reference",
    "background",
    "conversation",
    "input",
    "max_tool_calls",
    "previous_response_id",
    "store",
    "stream",
    "stream_options",
    "structured_inputs",
    "tools",
];
/// What an agent's version says and a request to it must not.
const OF_THE_AGENT: [&str; 2] = ["model", "instructions"];
/// Types of tools that this server calls by itself.
const SERVED: [&str; 2] = ["mcp", "openapi"];
/// The most calls of tools that one response may make where its caller sets no limit, and the most that a caller can set.
const CALLS_LIMIT: u32 = 128;

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// The agent that shall answer.
    pub(crate) agent: Option<AgentReference>,
    /// The conversation that the response is part of.
    pub(crate) conversation: Option<String>,
    /// The response that it goes on from.
    pub(crate) previous: Option<String>,
    /// Whether nobody waits for it.
    pub(crate) is_background: bool,
    /// Whether it is wanted as a stream of events.
    pub(crate) is_stream: bool,
    /// Whether it is kept.
    pub(crate) is_stored: bool,
    /// Values for the places in the agent's instructions.
    pub(crate) structured_inputs: Map<String, Value>,
    /// The request's own tools.
    pub(crate) tools: Vec<Value>,
    /// The most calls that the server makes.
    pub(crate) calls_limit: u32,
    /// What is said; absent, empty text and an empty list say nothing.
    pub(crate) input: Option<Value>,
    /// What is asked of the model itself.
    pub(crate) question: Map<String, Value>,
}

/// An agent, and one of its versions or the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentReference {
    /// Its name.
    pub(crate) name: String,
    /// One of its versions.
    pub(crate) version: Option<String>,
}

/// Whether a request needs a run: somebody must be looked up, or something done beside asking a model once.
pub(crate) fn needs_run(body: &Value) -> bool {
    let given = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    let is_served = |tool: &Value| kind(tool).is_some_and(|kind| SERVED.contains(&kind));
    let allows = |item: &Value| kind(item) == Some("mcp_approval_response");
    let any = |name: &str, holds: &dyn Fn(&Value) -> bool| {
        body.get(name).and_then(Value::as_array).is_some_and(|list| list.iter().any(holds))
    };
    ["agent", "agent_reference", "conversation", "structured_inputs"].into_iter().any(given)
        || body.get("background") == Some(&Value::Bool(true))
        || any("tools", &is_served)
        || any("input", &allows)
}

fn kind(value: &Value) -> Option<&str> {
    value.get("type").and_then(Value::as_str)
}

impl Wanted {
    /// Reads a request; `named` is the agent that its path names. Errors are 400 and name the field.
    pub(crate) fn of(body: &Value, named: Option<&str>) -> Result<Wanted, OpenAiError> {
        let wanted = Wanted {
            agent: agent(body, named)?,
            conversation: conversation(body)?,
            previous: text(body, "previous_response_id")?,
            is_background: flag(body, "background", false)?,
            is_stream: flag(body, "stream", false)?,
            is_stored: flag(body, "store", true)?,
            structured_inputs: structured_inputs(body)?,
            tools: tools(body)?,
            calls_limit: calls_limit(body)?,
            input: given(body, "input").filter(|input| !says_nothing(input)).cloned(),
            question: question(body),
        };
        wanted.check(body)?;
        Ok(wanted)
    }

    fn check(&self, body: &Value) -> Result<(), OpenAiError> {
        if self.conversation.is_some() && self.previous.is_some() {
            let message = "`previous_response_id` and `conversation` exclude each other: a conversation goes on from its own items";
            return Err(invalid("previous_response_id", message));
        }
        if self.is_background && !self.is_stored {
            let message =
                "`background` needs `store`: what nobody waits for must be kept to be read; leave `store` out";
            return Err(invalid("store", message));
        }
        let Some(agent) = &self.agent else {
            if !self.structured_inputs.is_empty() {
                let message = "`structured_inputs` fill the instructions of an agent: name one in `agent_reference`";
                return Err(invalid("structured_inputs", message));
            }
            return if self.question.contains_key("model") { Ok(()) } else { Err(no_model()) };
        };
        // They would be called with what the agent holds, by who may hold less.
        if let Some(at) = self.tools.iter().position(|tool| kind(tool).is_some_and(|kind| SERVED.contains(&kind))) {
            let message = format!(
                "`tools[{at}]`: the servers that an agent calls are those of its version; put the tool into a version of `{}`",
                agent.name
            );
            return Err(invalid(&format!("tools[{at}]"), message));
        }
        match OF_THE_AGENT.into_iter().find(|name| given(body, name).is_some()) {
            None => Ok(()),
            Some(name) => {
                let message = format!(
                    "`{name}` is not allowed together with an agent: the version of `{}` that answers says it; leave `{name}` out",
                    agent.name
                );
                Err(invalid(name, message))
            }
        }
    }
}

fn no_model() -> OpenAiError {
    let message =
        "missing required parameter: `model`, the name of a deployment, or `agent_reference`, an agent of this project";
    OpenAiError::invalid("missing_required_parameter", "model", message)
}

fn agent(body: &Value, named: Option<&str>) -> Result<Option<AgentReference>, OpenAiError> {
    let (new, old) = (given(body, "agent_reference"), given(body, "agent"));
    let (field, found) = match (new, old) {
        (Some(_), Some(_)) => {
            return Err(invalid("agent", "`agent` is the older name of `agent_reference`: send one of them"));
        }
        (Some(found), None) => ("agent_reference", found),
        (None, Some(found)) => ("agent", found),
        (None, None) => return Ok(named.map(|name| AgentReference { name: name.to_owned(), version: None })),
    };
    let shape = r#"an object such as `{"type": "agent_reference", "name": "my-agent"}`"#;
    if !found.is_object() {
        return Err(invalid(field, format!("invalid value for `{field}`: expected {shape}")));
    }
    if kind(found).is_some_and(|kind| kind != "agent_reference") {
        let field = format!("{field}.type");
        return Err(invalid(&field, format!("invalid value for `{field}`: expected `agent_reference`")));
    }
    let Some(name) = text(found, "name").map_err(|_| wrong(field, "name"))?.filter(|name| !name.is_empty()) else {
        return Err(OpenAiError::invalid(
            "missing_required_parameter",
            format!("{field}.name"),
            format!("missing required parameter: `{field}.name`; expected {shape}"),
        ));
    };
    if let Some(named) = named.filter(|named| *named != name) {
        let message = format!("`{field}.name` is `{name}`, but this is the endpoint of `{named}`: leave `{field}` out");
        return Err(invalid(&format!("{field}.name"), message));
    }
    let version = match given(found, "version") {
        None => None,
        Some(Value::String(version)) => {
            Some(version.clone()).filter(|version| !matches!(version.as_str(), "" | "latest"))
        }
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => return Err(wrong(field, "version")),
    };
    Ok(Some(AgentReference { name, version }))
}

fn conversation(body: &Value) -> Result<Option<String>, OpenAiError> {
    let found = match given(body, "conversation") {
        None => return Ok(None),
        Some(Value::String(id)) => Some(id.clone()),
        Some(found) => text(found, "id").map_err(|_| wrong("conversation", "id"))?,
    };
    let expected = "invalid value for `conversation`: expected the id of one, `conv_…`, or `{\"id\": \"conv_…\"}`";
    found.filter(|id| !id.is_empty()).map(Some).ok_or_else(|| invalid("conversation", expected))
}

fn structured_inputs(body: &Value) -> Result<Map<String, Value>, OpenAiError> {
    match given(body, "structured_inputs") {
        None => Ok(Map::new()),
        Some(Value::Object(values)) => Ok(values.clone()),
        Some(_) => Err(invalid(
            "structured_inputs",
            "invalid type for `structured_inputs`: expected an object of values by name",
        )),
    }
}

fn tools(body: &Value) -> Result<Vec<Value>, OpenAiError> {
    match given(body, "tools") {
        None => Ok(Vec::new()),
        Some(Value::Array(tools)) => Ok(tools.clone()),
        Some(_) => Err(invalid("tools", "invalid type for `tools`: expected an array of objects")),
    }
}

fn calls_limit(body: &Value) -> Result<u32, OpenAiError> {
    let Some(found) = given(body, "max_tool_calls") else { return Ok(CALLS_LIMIT) };
    let limit =
        found.as_u64().and_then(|limit| u32::try_from(limit).ok()).filter(|limit| (1..=CALLS_LIMIT).contains(limit));
    limit.ok_or_else(|| invalid("max_tool_calls", format!("`max_tool_calls`: expected 1 to {CALLS_LIMIT}")))
}

fn question(body: &Value) -> Map<String, Value> {
    let all = body.as_object().into_iter().flatten();
    let asked = all.filter(|(name, value)| !value.is_null() && !OURS.contains(&name.as_str()));
    asked.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn says_nothing(input: &Value) -> bool {
    input.as_str().is_some_and(str::is_empty) || input.as_array().is_some_and(Vec::is_empty)
}

fn given<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

fn text(body: &Value, name: &str) -> Result<Option<String>, OpenAiError> {
    match given(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(name, format!("invalid type for `{name}`: expected a string"))),
    }
}

fn flag(body: &Value, name: &str, default: bool) -> Result<bool, OpenAiError> {
    match given(body, name) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(invalid(name, format!("invalid type for `{name}`: expected a boolean"))),
    }
}

fn wrong(field: &str, member: &str) -> OpenAiError {
    invalid(&format!("{field}.{member}"), format!("invalid type for `{field}.{member}`: expected a string"))
}

fn invalid(field: &str, message: impl Into<String>) -> OpenAiError {
    OpenAiError::invalid("invalid_value", field, message)
}

#[cfg(test)]
mod tests;
