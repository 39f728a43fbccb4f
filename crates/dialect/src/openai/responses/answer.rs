//! A whole answer.

use serde_json::Value;

use super::item::{self, Said};
use super::item_id::ItemIds;
use super::output::{Body, Content, Item};
use super::response::{CONTENT_FILTER, MAX_OUTPUT_TOKENS, ResponseContext, State, read_usage};
use crate::exchange::{Answer, Fields, Finish, NotSupported, Part, Protocol, echo};

/// Why there is no answer in what a provider sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The provider says that it failed.
    #[error("the model failed: {code}: {message}")]
    Failed {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It is not of this protocol, or holds what the exchange form has no place for.
    #[error("the model's answer cannot be read: {reason}")]
    Unreadable {
        /// What was met.
        reason: String,
    },
}

impl From<NotSupported> for NoAnswer {
    fn from(found: NotSupported) -> NoAnswer {
        NoAnswer::Unreadable { reason: format!("`{}`: {}", found.field, found.reason) }
    }
}

/// Reads a provider's answer.
pub fn read_answer(body: &[u8]) -> Result<Answer, NoAnswer> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| NoAnswer::Unreadable { reason: format!("no JSON: {error}") })?;
    if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
        let (code, message) = read_error(error);
        return Err(NoAnswer::Failed { code, message });
    }
    let mut response = Fields::of_answer(Protocol::Responses, &value)?;
    let mut parts = Vec::new();
    for item in response.objects("output")? {
        let path = item.path().to_owned();
        match item::read(item)? {
            Said::Message(_, said) => parts.extend(said.into_iter().map(|(_, part)| part)),
            Said::Beside((_, part)) => parts.push(part),
            Said::Nothing => {}
            Said::Instructions(_) | Said::Result(_) => {
                return Err(NoAnswer::Unreadable { reason: format!("`{path}`: no item of an answer") });
            }
        }
    }
    Ok(Answer {
        id: response.text("id")?.unwrap_or_default().to_owned(),
        model: response.text("model")?.unwrap_or_default().to_owned(),
        finish: read_finish(&value, &parts)?,
        parts,
        stop_sequence: None,
        usage: value.get("usage").and_then(read_usage),
    })
}

/// Code (or type) and words of an error.
pub(super) fn read_error(error: &Value) -> (String, String) {
    let word = |name: &str| error.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
    let code = word("code").or(word("type")).unwrap_or("server_error");
    (code.to_owned(), word("message").unwrap_or("the model failed").to_owned())
}

fn read_finish(response: &Value, parts: &[Part]) -> Result<Finish, NoAnswer> {
    let status = response.get("status").and_then(Value::as_str).unwrap_or("completed");
    match status {
        "completed" => Ok(finish_of(
            parts.iter().any(|part| matches!(part, Part::ToolCall { .. })),
            parts.iter().any(|part| matches!(part, Part::Refusal(_))),
        )),
        "incomplete" => Ok(cut(response)),
        other => Err(NoAnswer::Unreadable {
            reason: format!("`status`: expected an answer that has ended, but got `{}`", echo(other)),
        }),
    }
}

/// Why a complete answer ended: the protocol does not say, its items do.
pub(super) fn finish_of(has_calls: bool, has_refusal: bool) -> Finish {
    match (has_calls, has_refusal) {
        (true, _) => Finish::ToolCalls,
        (false, true) => Finish::Refusal,
        (false, false) => Finish::Stop,
    }
}

/// Why an incomplete answer ended.
pub(super) fn cut(response: &Value) -> Finish {
    match response.pointer("/incomplete_details/reason").and_then(Value::as_str) {
        Some(MAX_OUTPUT_TOKENS) => Finish::Length,
        Some(CONTENT_FILTER) => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("incomplete".to_owned()),
    }
}

/// Writes an answer as the caller reads it.
pub fn write_response(answer: &Answer, context: &ResponseContext) -> Value {
    let items = items(&answer.parts, &mut ItemIds::of_output(&context.id));
    let has_refusal = answer.parts.iter().any(|part| matches!(part, Part::Refusal(_)));
    let state = State::of(&answer.finish, has_refusal);
    let last = items.len().saturating_sub(1);
    let output = items.iter().enumerate().map(|(at, item)| {
        // What was cut was cut in its last item.
        item.value(if at == last { state.item_word() } else { "completed" })
    });
    context.response(&state, output.collect(), answer.usage.as_ref())
}

fn items(parts: &[Part], ids: &mut ItemIds) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for part in parts {
        let body = match part {
            Part::Text(text) | Part::Refusal(text) => {
                let is_refusal = matches!(part, Part::Refusal(_));
                let content = Content { is_refusal, text: text.clone(), is_whole: true };
                if let Some(Item { body: Body::Message(contents), .. }) = items.last_mut() {
                    contents.push(content);
                    continue;
                }
                Body::Message(vec![content])
            }
            Part::ToolCall { id, name, arguments } => {
                Body::Call { call_id: id.clone(), name: name.clone(), arguments: arguments.clone() }
            }
            Part::Reasoning { text, signature, encrypted } => {
                Body::Reasoning { text: text.clone(), signature: signature.clone(), encrypted: encrypted.clone() }
            }
            // A model neither shows pictures nor answers its own calls in any of these protocols.
            Part::Image(_) | Part::ToolResult { .. } => continue,
        };
        items.push(Item::new(ids, body));
    }
    items
}
