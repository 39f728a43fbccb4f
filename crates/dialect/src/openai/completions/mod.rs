//! The older completions protocol: a text that is gone on with. It is asked of a chat model as one turn of the user.

mod reply;
mod request;

use serde_json::Value;

pub use reply::{CompletionReply, EventWriter};
pub use request::{DEFAULT_MAX_TOKENS, Outline, read_request};

/// Visits every text that the model reads: the prompts. Prompts of tokens have no text.
pub fn texts(body: &Value, visit: &mut dyn FnMut(&str)) {
    match body.get("prompt") {
        Some(Value::String(text)) => visit(text),
        Some(Value::Array(prompts)) => prompts.iter().filter_map(Value::as_str).for_each(visit),
        _ => {}
    }
}
