//! What a chat completion answers: one JSON object, or a stream of chunks.

use serde_json::{Value, json};

use crate::Usage;

/// Why a completion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn, or wrote a stop sequence.
    Stop,
    /// `max_tokens` or the model's context was reached.
    Length,
}

impl FinishReason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
        }
    }
}

/// The parts that every object of one reply shares, and the writers of those objects.
#[derive(Clone, Debug)]
pub struct ChatReply {
    /// `chatcmpl-…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// The model's name, printed as the caller's deployment serves it.
    pub model: String,
    /// Names the software and model file that answered.
    pub system_fingerprint: String,
    /// Whether the caller asked for the closing usage chunk (`stream_options.include_usage`).
    pub include_usage: bool,
}

impl ChatReply {
    /// The whole answer of a request that did not ask for a stream.
    pub fn completion(&self, text: &str, finish: FinishReason, usage: &Usage) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.system_fingerprint,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": null},
                "logprobs": null,
                "finish_reason": finish.as_str(),
            }],
            "usage": usage.to_chat_json(),
        })
    }

    /// The first chunk of a stream: who speaks, nothing said yet.
    pub fn role_chunk(&self) -> Value {
        self.chunk(&json!([choice(&json!({"role": "assistant", "content": "", "refusal": null}), None)]), None)
    }

    /// One token's text. Empty while a character is not complete yet.
    pub fn content_chunk(&self, text: &str) -> Value {
        self.chunk(&json!([choice(&json!({"content": text}), None)]), None)
    }

    /// The chunk that says why the answer ended.
    pub fn finish_chunk(&self, finish: FinishReason) -> Value {
        self.chunk(&json!([choice(&json!({}), Some(finish))]), None)
    }

    /// The closing chunk with `choices: []` and the usage; send it only when `include_usage` is set.
    pub fn usage_chunk(&self, usage: &Usage) -> Value {
        self.chunk(&json!([]), Some(usage))
    }

    fn chunk(&self, choices: &Value, usage: Option<&Usage>) -> Value {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.system_fingerprint,
            "choices": choices,
        });
        // A caller who asked for usage gets `usage: null` on every other chunk; one who did not never sees the field.
        if self.include_usage
            && let Some(fields) = chunk.as_object_mut()
        {
            fields.insert("usage".to_owned(), usage.map_or(Value::Null, Usage::to_chat_json));
        }
        chunk
    }
}

fn choice(delta: &Value, finish: Option<FinishReason>) -> Value {
    json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish.map(FinishReason::as_str)})
}
