//! What an answer says, as the items of its output: neighbouring text is one message, a call or a thought is an item of its own.

use serde_json::{Map, Value, json};

use super::item_id::ItemIds;
use super::seal;

/// One item of the output.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) body: Body,
    /// How it ended, once the client was told so.
    pub(super) status: Option<&'static str>,
    /// Whether nothing is added any more, as far as is known.
    pub(super) is_whole: bool,
}

/// What an item is.
#[derive(Debug)]
pub(super) enum Body {
    Message(Vec<Content>),
    Call { call_id: String, name: String, arguments: String },
    Reasoning { text: String, signature: Option<String>, encrypted: Option<String> },
}

/// A part of a message.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) is_refusal: bool,
    pub(super) text: String,
    pub(super) is_whole: bool,
}

impl Content {
    /// The part on the wire, saying `text`.
    pub(super) fn saying(&self, text: &str) -> Value {
        if self.is_refusal {
            json!({"type": "refusal", "refusal": text})
        } else {
            json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
        }
    }
}

impl Body {
    fn kind(&self) -> &'static str {
        match self {
            Body::Message(_) => "message",
            Body::Call { .. } => "function_call",
            Body::Reasoning { .. } => "reasoning",
        }
    }
}

impl Item {
    pub(super) fn new(ids: &mut ItemIds, body: Body) -> Item {
        Item { id: ids.next(body.kind()), body, status: None, is_whole: false }
    }

    /// The item on the wire, before anything is said in it.
    pub(super) fn opening(&self) -> Value {
        let mut fields = self.head("in_progress");
        match &self.body {
            Body::Message(_) => fields.insert("content".to_owned(), json!([])),
            Body::Call { .. } => fields.insert("arguments".to_owned(), json!("")),
            Body::Reasoning { .. } => fields.insert("summary".to_owned(), json!([])),
        };
        Value::Object(fields)
    }

    /// The item on the wire with all that was said: `completed`, `incomplete` or `in_progress`.
    pub(super) fn value(&self, status: &str) -> Value {
        let mut fields = self.head(status);
        match &self.body {
            Body::Message(contents) => {
                let parts: Vec<Value> = contents.iter().map(|content| content.saying(&content.text)).collect();
                fields.insert("content".to_owned(), Value::Array(parts));
            }
            Body::Call { arguments, .. } => {
                fields.insert("arguments".to_owned(), json!(arguments));
            }
            Body::Reasoning { text, signature, encrypted } => {
                let summary = if text.is_empty() { json!([]) } else { json!([summary(text)]) };
                fields.insert("summary".to_owned(), summary);
                if let Some(sealed) = seal::close(signature.as_deref(), encrypted.as_deref()) {
                    fields.insert("encrypted_content".to_owned(), json!(sealed));
                }
            }
        }
        Value::Object(fields)
    }

    fn head(&self, status: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("id".to_owned(), json!(self.id));
        fields.insert("type".to_owned(), json!(self.body.kind()));
        fields.insert("status".to_owned(), json!(status));
        match &self.body {
            Body::Message(_) => fields.insert("role".to_owned(), json!("assistant")),
            Body::Call { call_id, name, .. } => {
                fields.insert("call_id".to_owned(), json!(call_id));
                fields.insert("name".to_owned(), json!(name))
            }
            Body::Reasoning { .. } => None,
        };
        fields
    }
}

/// A readable thought on the wire.
pub(super) fn summary(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}
