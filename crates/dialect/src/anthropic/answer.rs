//! A whole message, both ways.

use serde_json::{Value, json};

use super::block;
use super::usage::{self, Counts};
use crate::exchange::{Answer, AnswerContext, Failure, Finish, Part, Unreadable};

/// Reads a whole message.
pub fn read_answer(body: &[u8]) -> Result<Answer, Unreadable> {
    let unreadable = |reason: String| Unreadable { reason };
    let body: Value = serde_json::from_slice(body).map_err(|error| unreadable(format!("no JSON: {error}")))?;
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(unreadable(format!("an error, `{}`, with a good status", Failure::of(200, &body).code)));
    }
    let blocks = body.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or_else(|| unreadable("expected an array in `content`".to_owned()))?;
    let mut parts = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        let part = part(block)
            .ok_or_else(|| unreadable(format!("expected text, thinking or a tool's call in `content[{index}]`")))?;
        parts.push(part);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Answer {
        id: text("id").unwrap_or_default(),
        model: text("model").unwrap_or_default(),
        finish: finish(text("stop_reason").as_deref()),
        stop_sequence: text("stop_sequence"),
        usage: Counts::read(body.get("usage")).and_then(Counts::tokens),
        parts,
    })
}

fn part(block: &Value) -> Option<Part> {
    let text = |name: &str| block.get(name).and_then(Value::as_str).map(str::to_owned);
    match block.get("type")?.as_str()? {
        "text" => Some(Part::Text(text("text")?)),
        "thinking" => {
            let signature = text("signature").filter(|signature| !signature.is_empty());
            Some(Part::Reasoning { text: text("thinking")?, signature, encrypted: None })
        }
        "redacted_thinking" => {
            Some(Part::Reasoning { text: String::new(), signature: None, encrypted: Some(text("data")?) })
        }
        "tool_use" => {
            let arguments = block.get("input").filter(|input| input.is_object())?.to_string();
            Some(Part::ToolCall { id: text("id")?, name: text("name")?, arguments })
        }
        _ => None,
    }
}

pub(super) fn finish(word: Option<&str>) -> Finish {
    match word {
        None | Some("end_turn" | "stop_sequence") => Finish::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("tool_use") => Finish::ToolCalls,
        Some("refusal") => Finish::Refusal,
        Some(other) => Finish::Other(other.to_owned()),
    }
}

/// The word for it; a word without counterpart ends as the end of the turn, for clients know only these.
pub(super) fn finish_word(finish: &Finish, stop_sequence: Option<&str>) -> &'static str {
    match finish {
        Finish::Stop if stop_sequence.is_some() => "stop_sequence",
        Finish::Stop | Finish::Other(_) => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::ContentFilter | Finish::Refusal => "refusal",
    }
}

/// Writes a whole message. Arguments that are no JSON object stand as text in `invalid_arguments`: the protocol wants an object.
pub fn write_answer(answer: &Answer, context: &AnswerContext) -> Value {
    let mut blocks = Vec::with_capacity(answer.parts.len());
    for part in &answer.parts {
        match part {
            Part::Text(text) | Part::Refusal(text) => blocks.push(block::text(text)),
            Part::Reasoning { text, signature, encrypted } => {
                blocks.extend(block::thought(text, signature.as_deref(), encrypted.as_deref()));
            }
            Part::ToolCall { id, name, arguments } => {
                let invalid =
                    || json!({"type": "tool_use", "id": id, "name": name, "input": {"invalid_arguments": arguments}});
                blocks.push(block::call(id, name, arguments).unwrap_or_else(invalid));
            }
            Part::Image(_) | Part::ToolResult { .. } => {}
        }
    }
    let stop_sequence = answer.stop_sequence.as_deref();
    json!({
        "id": context.id,
        "type": "message",
        "role": "assistant",
        "model": context.model,
        "content": blocks,
        "stop_reason": finish_word(&answer.finish, stop_sequence),
        "stop_sequence": stop_sequence,
        "usage": usage::write(&answer.usage.unwrap_or_default()),
    })
}
