//! What a caller wants to see of items beside the usual.

use access::Query;
use dialect::openai::OpenAiError;
use resources::{listed, quoted};
use serde_json::Value;

use crate::failure::{hint, wrong};

const ENCRYPTED: &str = "reasoning.encrypted_content";
/// What `include` may ask for. Of all but the first, whatever is kept is shown without asking.
const KNOWN: &[&str] = &[
    ENCRYPTED,
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
];

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Include {
    /// A model's thinking, sealed by who made it.
    encrypted: bool,
}

impl Include {
    /// Reads the query's `include`, as often as it stands there.
    pub(crate) fn read(query: &Query) -> Result<Include, OpenAiError> {
        let mut include = Include::default();
        for (_, word) in query.pairs().filter(|(name, _)| matches!(*name, "include" | "include[]")) {
            if !KNOWN.contains(&word) {
                let hint = hint(word, KNOWN.iter().copied());
                let message = format!("`include`: expected {}, but got `{}`{hint}", listed(KNOWN), quoted(word));
                return Err(wrong("include", message));
            }
            include.encrypted |= word == ENCRYPTED;
        }
        Ok(include)
    }

    /// The item as it is shown.
    pub(crate) fn show(self, mut item: Value) -> Value {
        if let Some(members) = item.as_object_mut()
            && !self.encrypted
            && members.get("type").and_then(Value::as_str) == Some("reasoning")
        {
            members.shift_remove("encrypted_content");
        }
        item
    }
}
