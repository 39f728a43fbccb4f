//! A chat completion request, written from the common form.

use serde_json::{Map, Value, json};

use crate::exchange::{NotSupported, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolChoice, Turn};
use crate::openai::chat::MAX_STOP_SEQUENCES;

/// The name of a schema whose protocol names none.
const SCHEMA_NAME: &str = "answer";
/// Before the text of a tool that failed: the protocol has no field for it.
const FAILED: &str = "Error: ";

/// Writes a body; errors name the caller's field.
pub fn write_request(request: &Request) -> Result<Value, NotSupported> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("model", request.model.as_ref().map(|model| json!(model)));
    put("messages", Some(Value::Array(messages(request)?)));
    if !request.tools.is_empty() {
        put("tools", Some(request.tools.iter().map(tool).collect()));
        put("tool_choice", request.tool_choice.as_ref().map(tool_choice));
        put("parallel_tool_calls", request.parallel_tool_calls.map(Value::from));
    } else if matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Function(_))) {
        return Err(NotSupported::new("tool_choice", "expected `tools` to choose from"));
    }
    put("response_format", response_format(&request.output));
    put("max_completion_tokens", request.max_output_tokens.map(Value::from));
    put("temperature", request.temperature.map(Value::from));
    put("top_p", request.top_p.map(Value::from));
    if request.top_k.is_some() {
        return Err(NotSupported::new("top_k", "use `top_p` or `temperature`"));
    }
    put("stop", stop(request)?);
    put("seed", request.seed.map(Value::from));
    put("presence_penalty", request.presence_penalty.map(Value::from));
    put("frequency_penalty", request.frequency_penalty.map(Value::from));
    put(
        "reasoning_effort",
        request.reasoning.as_ref().and_then(Reasoning::degree).map(|effort| json!(effort.as_str())),
    );
    put("user", request.user.as_ref().map(|user| json!(user)));
    if request.stream {
        put("stream", Some(json!(true)));
        put("stream_options", request.include_usage.then(|| json!({"include_usage": true})));
    }
    Ok(Value::Object(body))
}

fn tool(tool: &Tool) -> Value {
    let mut function = Map::new();
    function.insert("name".to_owned(), json!(tool.name));
    if let Some(description) = &tool.description {
        function.insert("description".to_owned(), json!(description));
    }
    function.insert("parameters".to_owned(), tool.parameters.clone());
    if let Some(strict) = tool.strict {
        function.insert("strict".to_owned(), json!(strict));
    }
    json!({"type": "function", "function": function})
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Never => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn response_format(output: &OutputFormat) -> Option<Value> {
    let OutputFormat::JsonSchema { name, description, schema, strict } = output else {
        return (*output == OutputFormat::JsonObject).then(|| json!({"type": "json_object"}));
    };
    let mut named = Map::new();
    named.insert("name".to_owned(), json!(if name.is_empty() { SCHEMA_NAME } else { name }));
    if let Some(description) = description {
        named.insert("description".to_owned(), json!(description));
    }
    named.insert("schema".to_owned(), schema.clone());
    if let Some(strict) = strict {
        named.insert("strict".to_owned(), json!(strict));
    }
    Some(json!({"type": "json_schema", "json_schema": named}))
}

fn stop(request: &Request) -> Result<Option<Value>, NotSupported> {
    if request.stop.len() > MAX_STOP_SEQUENCES {
        let reason = format!("expected at most {MAX_STOP_SEQUENCES}, but got {}", request.stop.len());
        return Err(NotSupported::new(request.places.words.stop, reason));
    }
    Ok((!request.stop.is_empty()).then(|| json!(request.stop)))
}

fn messages(request: &Request) -> Result<Vec<Value>, NotSupported> {
    let mut messages = Vec::with_capacity(request.turns.len() + 1);
    for part in &request.instructions {
        let Part::Text(text) = part else {
            return Err(NotSupported::new("system", "expected text"));
        };
        messages.push(json!({"role": "system", "content": text}));
    }
    for (index, turn) in request.turns.iter().enumerate() {
        match turn.role {
            Role::User => user(request, index, turn, &mut messages)?,
            Role::Assistant => messages.push(assistant(request, index, turn)?),
        }
    }
    if messages.is_empty() {
        return Err(NotSupported::new(request.places.words.turns, "expected at least one message that says something"));
    }
    Ok(messages)
}

/// Results of tools in their own messages, at the front, then what else the user says.
fn user(request: &Request, index: usize, turn: &Turn, messages: &mut Vec<Value>) -> Result<(), NotSupported> {
    let (mut shown, mut said) = (Vec::new(), Vec::new());
    let mut has_result = false;
    for (at, part) in turn.parts.iter().enumerate() {
        match part {
            Part::Text(text) => said.push(json!({"type": "text", "text": text})),
            Part::Image(_) => said.push(image(part)),
            Part::ToolResult { call_id, content, is_error } => {
                has_result = true;
                let images = content.iter().filter(|part| matches!(part, Part::Image(_)));
                let before = shown.len();
                shown.extend(images.map(image));
                if shown.len() > before {
                    shown.insert(before, json!({"type": "text", "text": format!("The result of {call_id}:")}));
                }
                messages.push(json!({"role": "tool", "tool_call_id": call_id, "content": result(content, *is_error)}));
            }
            _ => return Err(NotSupported::new(request.places.part(index, at), "only the assistant says this")),
        }
    }
    shown.append(&mut said);
    if !shown.is_empty() || !has_result {
        messages.push(json!({"role": "user", "content": content(shown)}));
    }
    Ok(())
}

fn image(part: &Part) -> Value {
    let Part::Image(image) = part else { return Value::Null };
    let mut url = Map::new();
    url.insert("url".to_owned(), json!(image.source.to_url()));
    if let Some(detail) = &image.detail {
        url.insert("detail".to_owned(), json!(detail));
    }
    json!({"type": "image_url", "image_url": url})
}

/// The text of a tool's result.
fn result(parts: &[Part], is_error: bool) -> Value {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.clone()),
        _ => None,
    });
    let mut texts: Vec<String> = texts.collect();
    if is_error {
        match texts.first_mut() {
            Some(first) => first.insert_str(0, FAILED),
            None => texts.push(FAILED.trim_end().to_owned()),
        }
    }
    content(texts.into_iter().map(|text| json!({"type": "text", "text": text})).collect())
}

/// One text as a string, anything else as the list it is.
fn content(parts: Vec<Value>) -> Value {
    match parts.as_slice() {
        [] => json!(""),
        [one] => one.get("text").cloned().unwrap_or(Value::Array(parts)),
        _ => Value::Array(parts),
    }
}

fn assistant(request: &Request, index: usize, turn: &Turn) -> Result<Value, NotSupported> {
    let (mut said, mut calls, mut refusal) = (Vec::new(), Vec::new(), String::new());
    let has_calls = turn.parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
    for (at, part) in turn.parts.iter().enumerate() {
        match part {
            // Beside calls an empty text says nothing.
            Part::Text(text) if text.is_empty() && has_calls => {}
            Part::Text(text) => said.push(json!({"type": "text", "text": text})),
            Part::Refusal(text) => refusal.push_str(text),
            Part::ToolCall { id, name, arguments } => {
                calls.push(json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
            }
            Part::Reasoning { .. } => {}
            Part::Image(_) | Part::ToolResult { .. } => {
                return Err(NotSupported::new(request.places.part(index, at), "only the user says this"));
            }
        }
    }
    let is_silent = said.is_empty() && !(calls.is_empty() && refusal.is_empty());
    let mut message = Map::new();
    message.insert("role".to_owned(), json!("assistant"));
    message.insert("content".to_owned(), if is_silent { Value::Null } else { content(said) });
    if !refusal.is_empty() {
        message.insert("refusal".to_owned(), json!(refusal));
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Ok(Value::Object(message))
}
