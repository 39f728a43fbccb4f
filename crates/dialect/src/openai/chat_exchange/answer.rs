//! A whole chat completion, both ways.

use serde_json::{Map, Value, json};

use super::usage;
use crate::Usage;
use crate::exchange::{Answer, AnswerContext, Failure, Finish, Part, Unreadable};

/// Reads a whole completion; the first choice, for no request here asks for more.
pub fn read_answer(body: &[u8]) -> Result<Answer, Unreadable> {
    let unreadable = |reason: String| Unreadable { reason };
    let body: Value = serde_json::from_slice(body).map_err(|error| unreadable(format!("no JSON: {error}")))?;
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(unreadable(format!("an error, `{}`, with a good status", Failure::of(200, &body).code)));
    }
    let choice = body.pointer("/choices/0").ok_or_else(|| unreadable("expected `choices[0]`".to_owned()))?;
    let message = choice.get("message").ok_or_else(|| unreadable("expected `choices[0].message`".to_owned()))?;
    let parts = parts(message)?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Answer {
        id: text(body.get("id")),
        model: text(body.get("model")),
        finish: finish(choice.get("finish_reason").and_then(Value::as_str), &parts),
        stop_sequence: None,
        usage: usage::read(body.get("usage")),
        parts,
    })
}

fn parts(message: &Value) -> Result<Vec<Part>, Unreadable> {
    let text = |name: &str| message.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut parts = Vec::new();
    // The second is the older spelling of the first.
    if let Some(thought) = text("reasoning_content").or_else(|| text("reasoning")) {
        parts.push(Part::Reasoning { text: thought.to_owned(), signature: None, encrypted: None });
    }
    match message.get("content") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::String(text)) => parts.push(Part::Text(text.clone())),
        Some(Value::Array(list)) => {
            for (index, part) in list.iter().enumerate() {
                let Some(text) = part.get("text").and_then(Value::as_str) else {
                    let reason = format!("expected text in `choices[0].message.content[{index}]`");
                    return Err(Unreadable { reason });
                };
                parts.push(Part::Text(text.to_owned()));
            }
        }
        Some(_) => return Err(Unreadable { reason: "expected text in `choices[0].message.content`".to_owned() }),
    }
    parts.extend(text("refusal").map(|words| Part::Refusal(words.to_owned())));
    let calls = message.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, call) in calls.iter().enumerate() {
        parts.push(tool_call(index, call).ok_or_else(|| Unreadable {
            reason: format!("expected a function's name and arguments in `choices[0].message.tool_calls[{index}]`"),
        })?);
    }
    Ok(parts)
}

fn tool_call(index: usize, call: &Value) -> Option<Part> {
    let arguments = match call.pointer("/function/arguments") {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => if_empty(text),
        // Some providers send the object itself.
        Some(object @ Value::Object(_)) => object.to_string(),
        Some(_) => return None,
    };
    let id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    Some(Part::ToolCall {
        id: id.map_or_else(|| call_id(index), str::to_owned),
        name: call.pointer("/function/name")?.as_str()?.to_owned(),
        arguments,
    })
}

/// No arguments are an empty object: clients read the text as JSON.
fn if_empty(arguments: &str) -> String {
    if arguments.is_empty() { "{}".to_owned() } else { arguments.to_owned() }
}

/// The id of a call to which its provider gave none.
pub(super) fn call_id(index: usize) -> String {
    format!("call_{index}")
}

/// Why it ended; some providers say `stop` where they wait for tools, and a refusal ends with `stop` by rule.
fn finish(word: Option<&str>, parts: &[Part]) -> Finish {
    let has = |wanted: fn(&Part) -> bool| parts.iter().any(wanted);
    finish_of(word, has(|part| matches!(part, Part::ToolCall { .. })), has(|part| matches!(part, Part::Refusal(_))))
}

pub(super) fn finish_of(word: Option<&str>, has_calls: bool, has_refusal: bool) -> Finish {
    match word {
        None | Some("stop") if has_calls => Finish::ToolCalls,
        None | Some("stop") if has_refusal => Finish::Refusal,
        None | Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some("tool_calls" | "function_call") => Finish::ToolCalls,
        Some("content_filter") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
    }
}

/// The word for it; a word without counterpart ends as `stop`, for clients know only these.
pub(super) fn finish_word(finish: &Finish, has_refusal: bool) -> &'static str {
    match finish {
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        // Declined without a word of its own: cut by the provider's filter.
        Finish::Refusal if !has_refusal => "content_filter",
        Finish::ContentFilter => "content_filter",
        Finish::Stop | Finish::Refusal | Finish::Other(_) => "stop",
    }
}

/// Writes a whole completion.
pub fn write_answer(answer: &Answer, context: &AnswerContext) -> Value {
    let (mut said, mut thought, mut refusal) = (None::<String>, None::<String>, None::<String>);
    let mut calls = Vec::new();
    for part in &answer.parts {
        match part {
            Part::Text(text) => said.get_or_insert_default().push_str(text),
            Part::Reasoning { text, .. } if text.is_empty() => {}
            Part::Reasoning { text, .. } => thought.get_or_insert_default().push_str(text),
            Part::Refusal(text) => refusal.get_or_insert_default().push_str(text),
            Part::ToolCall { id, name, arguments } => {
                calls.push(json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}))
            }
            Part::Image(_) | Part::ToolResult { .. } => {}
        }
    }
    let mut message = Map::new();
    message.insert("role".to_owned(), json!("assistant"));
    let is_silent = calls.is_empty() && refusal.is_none();
    message.insert("content".to_owned(), json!(said.or_else(|| is_silent.then(String::new))));
    message.insert("refusal".to_owned(), json!(refusal));
    if let Some(thought) = thought {
        message.insert("reasoning_content".to_owned(), json!(thought));
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    json!({
        "id": context.id,
        "object": "chat.completion",
        "created": context.created,
        "model": context.model,
        "choices": [{
            "index": 0,
            "message": message,
            "logprobs": null,
            "finish_reason": finish_word(&answer.finish, refusal.is_some()),
        }],
        "usage": answer.usage.map(|tokens| Usage::from(tokens).to_chat_json()),
    })
}
