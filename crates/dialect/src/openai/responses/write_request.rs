//! A request said to a model that speaks this protocol.

use serde_json::{Map, Value, json};

use super::output::summary;
use super::tool;
use crate::exchange::{Image, NotSupported, OutputFormat, Part, Request, Role, Turn};

/// Stands before the result of a function that failed: this protocol has no field for it.
const FAILED: &str = "Error: ";

/// The body of a request. The provider is asked to keep nothing, since answers are kept here. Thinking of earlier turns that this
/// protocol did not seal is left out: no model takes another's.
pub fn write_request(request: &Request) -> Result<Value, NotSupported> {
    no_word_for(request)?;
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let mut instructions = request.instructions.iter().enumerate().map(|(at, part)| instruction(at, part));
    put("model", request.model.as_ref().map(|model| json!(model)));
    put("instructions", instructions.next().transpose()?.map(|text| json!(text)));
    let mut input = Vec::new();
    for text in instructions {
        input.push(json!({"type": "message", "role": "system", "content": [{"type": "input_text", "text": text?}]}));
    }
    for at in 0..request.turns.len() {
        write_turn(request, at, &mut input)?;
    }
    put("input", Some(Value::Array(input)));
    let tools: Vec<Value> = request.tools.iter().map(tool::write).collect();
    put("tools", (!tools.is_empty()).then_some(Value::Array(tools)));
    put("tool_choice", request.tool_choice.as_ref().map(tool::write_choice));
    put("parallel_tool_calls", request.parallel_tool_calls.map(Value::from));
    put("text", format(&request.output).map(|format| json!({"format": format})));
    put("max_output_tokens", request.max_output_tokens.map(Value::from));
    put("temperature", request.temperature.map(Value::from));
    put("top_p", request.top_p.map(Value::from));
    put("reasoning", request.reasoning.as_ref().and_then(reasoning));
    // What is not kept there must be given back to it, so it is asked for in the form that it can read again.
    put("include", request.reasoning.as_ref().map(|_| json!(["reasoning.encrypted_content"])));
    put("user", request.user.as_ref().map(|user| json!(user)));
    put("metadata", (!request.metadata.is_empty()).then(|| Value::Object(request.metadata.clone())));
    put("store", Some(json!(false)));
    put("stream", request.stream.then_some(json!(true)));
    Ok(Value::Object(body))
}

/// Refuses what this protocol has no word for, unless it asks for nothing.
fn no_word_for(request: &Request) -> Result<(), NotSupported> {
    let is_penalty = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    let wishes = [
        (request.places.words.stop, !request.stop.is_empty(), "the Responses protocol has no stop texts: leave it out"),
        ("seed", request.seed.is_some(), "the Responses protocol has no seed: leave it out"),
        ("top_k", request.top_k.is_some(), "the Responses protocol has no `top_k`: use `top_p`"),
        ("presence_penalty", is_penalty(request.presence_penalty), "the Responses protocol knows 0 alone"),
        ("frequency_penalty", is_penalty(request.frequency_penalty), "the Responses protocol knows 0 alone"),
    ];
    match wishes.iter().find(|(_, is_wished, _)| *is_wished) {
        Some((field, _, reason)) => Err(NotSupported::new(*field, *reason)),
        None => Ok(()),
    }
}

fn instruction(at: usize, part: &Part) -> Result<&str, NotSupported> {
    match part {
        Part::Text(text) => Ok(text),
        _ => Err(NotSupported::new(format!("system[{at}]"), "instructions are text alone")),
    }
}

/// A turn is several items; what is said without a break is one message.
fn write_turn(request: &Request, index: usize, input: &mut Vec<Value>) -> Result<(), NotSupported> {
    let Some(Turn { role, parts }) = request.turns.get(index) else { return Ok(()) };
    let (role, mut said) = (*role, Vec::new());
    let misplaced = |at| misplaced(request.places.part(index, at), role);
    for (at, part) in parts.iter().enumerate() {
        let item = match part {
            Part::Text(_) | Part::Image(_) | Part::Refusal(_) => {
                said.push(content(role, part).ok_or_else(|| misplaced(at))?);
                continue;
            }
            Part::ToolCall { id, name, arguments } => {
                json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments})
            }
            Part::ToolResult { call_id, content, is_error } => {
                let output = result(content, *is_error).ok_or_else(|| misplaced(at))?;
                json!({"type": "function_call_output", "call_id": call_id, "output": output})
            }
            // What this protocol did not seal, its model does not know again; it belongs to another provider.
            Part::Reasoning { encrypted: None, .. } => continue,
            Part::Reasoning { text, encrypted: Some(encrypted), .. } => {
                let summary = if text.is_empty() { json!([]) } else { json!([summary(text)]) };
                json!({"type": "reasoning", "summary": summary, "encrypted_content": encrypted})
            }
        };
        input.extend(message(role, &mut said));
        input.push(item);
    }
    // An empty turn stays one: that nothing was said may matter.
    if parts.is_empty() {
        input.push(json!({"type": "message", "role": role_word(role), "content": []}));
    }
    input.extend(message(role, &mut said));
    Ok(())
}

fn misplaced(field: String, role: Role) -> NotSupported {
    let known = match role {
        Role::User => "text and images",
        Role::Assistant => "text and refusals",
    };
    NotSupported::new(field, format!("expected {known}"))
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn message(role: Role, said: &mut Vec<Value>) -> Option<Value> {
    let content = std::mem::take(said);
    (!content.is_empty()).then(|| json!({"type": "message", "role": role_word(role), "content": content}))
}

fn content(role: Role, part: &Part) -> Option<Value> {
    match (role, part) {
        (Role::User, Part::Text(text)) => Some(json!({"type": "input_text", "text": text})),
        (Role::User, Part::Image(Image { source, detail })) => {
            let detail = detail.as_deref().unwrap_or("auto");
            Some(json!({"type": "input_image", "image_url": source.to_url(), "detail": detail}))
        }
        (Role::Assistant, Part::Text(text)) => Some(json!({"type": "output_text", "text": text, "annotations": []})),
        (Role::Assistant, Part::Refusal(text)) => Some(json!({"type": "refusal", "refusal": text})),
        _ => None,
    }
}

fn result(parts: &[Part], is_error: bool) -> Option<Value> {
    let mut parts = parts.to_vec();
    match parts.first_mut() {
        _ if !is_error => {}
        Some(Part::Text(text)) => text.insert_str(0, FAILED),
        _ => parts.insert(0, Part::Text(FAILED.trim_end().to_owned())),
    }
    match parts.as_slice() {
        [Part::Text(text)] => Some(json!(text)),
        parts => parts.iter().map(|part| content(Role::User, part)).collect::<Option<Vec<Value>>>().map(Value::Array),
    }
}

fn format(output: &OutputFormat) -> Option<Value> {
    match output {
        OutputFormat::Text => None,
        OutputFormat::JsonObject => Some(json!({"type": "json_object"})),
        OutputFormat::JsonSchema { name, description, schema, strict } => {
            let mut out = json!({"type": "json_schema", "name": name, "schema": schema});
            if let Some(fields) = out.as_object_mut() {
                fields.extend(description.iter().map(|text| ("description".to_owned(), json!(text))));
                fields.extend(strict.map(|strict| ("strict".to_owned(), json!(strict))));
            }
            Some(out)
        }
    }
}

fn reasoning(reasoning: &crate::exchange::Reasoning) -> Option<Value> {
    let effort = reasoning.degree().map(|effort| ("effort".to_owned(), json!(effort.as_str())));
    let summary = reasoning.summary.as_ref().map(|summary| ("summary".to_owned(), json!(summary)));
    let fields: Map<String, Value> = effort.into_iter().chain(summary).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}
