//! A messages request, written from the common form.

use serde_json::{Map, Value, json};

use super::block;
use super::read::MAX_TEMPERATURE;
use super::thinking::{self, ThinksBy};
use crate::exchange::{NotSupported, OutputFormat, Part, Request, Role, Tool, ToolChoice, Turn};

/// What must be known of the answering model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// `max_tokens`, which this protocol requires, where the caller named no limit.
    pub default_max_tokens: u64,
    /// How it is told how much to think.
    pub thinks_by: ThinksBy,
}

/// Writes a body; errors name the caller's field.
pub fn write_request(request: &Request, target: &Target) -> Result<Value, NotSupported> {
    let max_tokens = request.max_output_tokens.unwrap_or(target.default_max_tokens);
    let (thinking, effort) = thinking::write(request, target.thinks_by, max_tokens)?;
    refuse(request)?;
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("model", request.model.as_ref().map(|model| json!(model)));
    put("max_tokens", Some(json!(max_tokens)));
    put("system", system(request)?);
    put("messages", Some(Value::Array(messages(request)?)));
    put("tools", (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect()));
    put("tool_choice", tool_choice(request)?);
    put("thinking", thinking);
    put("output_config", output_config(request, effort)?);
    put("temperature", request.temperature.map(Value::from));
    put("top_p", request.top_p.map(Value::from));
    put("top_k", request.top_k.map(Value::from));
    put("stop_sequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    put("metadata", request.user.as_ref().map(|user| json!({"user_id": user})));
    put("stream", request.stream.then(|| json!(true)));
    Ok(Value::Object(body))
}

/// What this protocol has no word for.
fn refuse(request: &Request) -> Result<(), NotSupported> {
    if let Some(hot) = request.temperature.filter(|temperature| *temperature > MAX_TEMPERATURE) {
        return Err(NotSupported::new("temperature", format!("expected 0 to {MAX_TEMPERATURE}, but got {hot}")));
    }
    if request.seed.is_some() {
        return Err(NotSupported::new("seed", "the model's sampling cannot be repeated: leave it out"));
    }
    for (name, penalty) in
        [("presence_penalty", request.presence_penalty), ("frequency_penalty", request.frequency_penalty)]
    {
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            return Err(NotSupported::new(name, "only `0` is accepted"));
        }
    }
    Ok(())
}

fn system(request: &Request) -> Result<Option<Value>, NotSupported> {
    let mut blocks = Vec::with_capacity(request.instructions.len());
    for part in &request.instructions {
        match part {
            Part::Text(text) if text.is_empty() => {}
            Part::Text(text) => blocks.push(block::text(text)),
            _ => return Err(NotSupported::new("instructions", "expected text")),
        }
    }
    Ok((!blocks.is_empty()).then(|| block::list(blocks)))
}

fn tool(tool: &Tool) -> Value {
    let mut written = Map::new();
    written.insert("name".to_owned(), json!(tool.name));
    if let Some(description) = &tool.description {
        written.insert("description".to_owned(), json!(description));
    }
    let mut schema = tool.parameters.clone();
    if let Some(fields) = schema.as_object_mut().filter(|fields| !fields.contains_key("type")) {
        // A function without parameters; this protocol wants to hear that it takes an object.
        fields.insert("type".to_owned(), json!("object"));
    }
    written.insert("input_schema".to_owned(), schema);
    if let Some(strict) = tool.strict {
        written.insert("strict".to_owned(), json!(strict));
    }
    Value::Object(written)
}

/// Without tools there is nothing to choose, and the protocol refuses a choice.
fn tool_choice(request: &Request) -> Result<Option<Value>, NotSupported> {
    let is_serial = request.parallel_tool_calls == Some(false);
    let choice = match &request.tool_choice {
        Some(ToolChoice::Required | ToolChoice::Function(_)) if request.tools.is_empty() => {
            return Err(NotSupported::new("tool_choice", "expected `tools` to choose from"));
        }
        _ if request.tools.is_empty() => return Ok(None),
        None if !is_serial => return Ok(None),
        Some(ToolChoice::Never) => return Ok(Some(json!({"type": "none"}))),
        None | Some(ToolChoice::Auto) => json!({"type": "auto"}),
        Some(ToolChoice::Required) => json!({"type": "any"}),
        Some(ToolChoice::Function(name)) => json!({"type": "tool", "name": name}),
    };
    let mut choice = choice;
    if let (true, Some(fields)) = (is_serial, choice.as_object_mut()) {
        fields.insert("disable_parallel_tool_use".to_owned(), json!(true));
    }
    Ok(Some(choice))
}

fn output_config(request: &Request, effort: Option<&str>) -> Result<Option<Value>, NotSupported> {
    let mut config = Map::new();
    if let Some(effort) = effort {
        config.insert("effort".to_owned(), json!(effort));
    }
    match &request.output {
        OutputFormat::Text => {}
        OutputFormat::JsonObject => {
            let field = format!("{}.type", request.places.words.output);
            return Err(NotSupported::new(field, "expected `text` or `json_schema`, but got `json_object`"));
        }
        OutputFormat::JsonSchema { description, schema, .. } => {
            let mut schema = schema.clone();
            // What the schema is for has its place in the schema itself.
            if let (Some(description), Some(fields)) = (description, schema.as_object_mut()) {
                fields.entry("description").or_insert_with(|| json!(description));
            }
            config.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
        }
    }
    Ok((!config.is_empty()).then_some(Value::Object(config)))
}

/// Turns, with neighbours of one side as one message: this protocol wants the sides to alternate. Who said nothing is left out.
fn messages(request: &Request) -> Result<Vec<Value>, NotSupported> {
    let mut said: Vec<(Role, Vec<Value>)> = Vec::with_capacity(request.turns.len());
    for (index, turn) in request.turns.iter().enumerate() {
        let blocks = blocks(request, index, turn)?;
        match said.last_mut() {
            _ if blocks.is_empty() => {}
            Some((role, before)) if *role == turn.role => before.extend(blocks),
            _ => said.push((turn.role, blocks)),
        }
    }
    if said.is_empty() {
        return Err(NotSupported::new(request.places.words.turns, "expected at least one message that says something"));
    }
    let message = |(role, mut blocks): (Role, Vec<Value>)| {
        let role = match role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        // The results of tools stand before what else the user says.
        blocks.sort_by_key(|block| block.get("type").and_then(Value::as_str) != Some("tool_result"));
        json!({"role": role, "content": block::list(blocks)})
    };
    Ok(said.into_iter().map(message).collect())
}

fn blocks(request: &Request, index: usize, turn: &Turn) -> Result<Vec<Value>, NotSupported> {
    let mut blocks = Vec::with_capacity(turn.parts.len());
    for (at, part) in turn.parts.iter().enumerate() {
        let place = || request.places.part(index, at);
        match (part, turn.role) {
            // Empty blocks are refused by this protocol.
            (Part::Text(text) | Part::Refusal(text), _) if text.is_empty() => {}
            (Part::Text(text), _) | (Part::Refusal(text), Role::Assistant) => blocks.push(block::text(text)),
            (Part::Image(image), Role::User) => {
                if image.detail.as_deref() == Some("low") {
                    let field = format!("{}{}", place(), request.places.words.image_detail);
                    return Err(NotSupported::new(field, "expected `auto` or `high`, but got `low`"));
                }
                blocks.push(block::image(image));
            }
            (Part::ToolCall { id, name, arguments }, Role::Assistant) => {
                blocks.push(block::call(id, name, arguments).ok_or_else(|| {
                    let field = format!("{}{}", place(), request.places.words.arguments);
                    NotSupported::new(field, "expected the text of a JSON object")
                })?);
            }
            (Part::ToolResult { call_id, content, is_error }, Role::User) => {
                blocks.push(result(call_id, content, *is_error));
            }
            (Part::Reasoning { signature: None, encrypted: None, .. }, Role::Assistant) => {}
            (Part::Reasoning { text, signature, encrypted }, Role::Assistant) => {
                blocks.extend(block::thought(text, signature.as_deref(), encrypted.as_deref()));
            }
            (_, Role::User) => return Err(NotSupported::new(place(), "only the assistant says this")),
            (_, Role::Assistant) => return Err(NotSupported::new(place(), "only the user says this")),
        }
    }
    Ok(blocks)
}

fn result(call_id: &str, content: &[Part], is_error: bool) -> Value {
    let blocks = content.iter().filter_map(|part| match part {
        Part::Text(text) if text.is_empty() => None,
        Part::Text(text) => Some(block::text(text)),
        Part::Image(image) => Some(block::image(image)),
        _ => None,
    });
    let blocks: Vec<Value> = blocks.collect();
    let mut written = Map::new();
    written.insert("type".to_owned(), json!("tool_result"));
    written.insert("tool_use_id".to_owned(), json!(call_id));
    if !blocks.is_empty() {
        written.insert("content".to_owned(), block::list(blocks));
    }
    if is_error {
        written.insert("is_error".to_owned(), json!(true));
    }
    Value::Object(written)
}
