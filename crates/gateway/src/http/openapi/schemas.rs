//! The bodies, as far as every client and every model has them in common. All of them may have more fields.

use serde_json::{Value, json};

/// All schemas by name.
pub(super) fn all() -> Value {
    let mut all = requests();
    for more in [answers(), kept(), errors()] {
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
    }
    all
}

fn requests() -> Value {
    let model = json!({"type": "string", "minLength": 1, "description": "The name of a deployment."});
    let stream = json!({"type": ["boolean", "null"]});
    let turn = json!({
        "type": "object",
        "required": ["role", "content"],
        "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string", "minLength": 1}},
        "additionalProperties": true,
    });
    let turns = json!({"type": "array", "minItems": 1, "items": turn});
    let texts = json!({"oneOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    ]});
    json!({
        "ChatRequest": object(&["messages"], json!({"model": model, "messages": turns, "stream": stream})),
        "CompletionRequest": object(&["prompt"], json!({"model": model, "prompt": texts, "stream": stream})),
        "EmbeddingsRequest": object(&["input"], json!({"model": model, "input": texts, "encoding_format": {"enum": ["float", "base64"]}})),
        "ResponseRequest": object(&["input"], json!({
            "model": model,
            "input": {"oneOf": [{"type": "string", "minLength": 1}, turns]},
            "stream": stream,
            "store": {"type": ["boolean", "null"]},
        })),
        "MessagesRequest": object(&["max_tokens", "messages"], json!({
            "model": model,
            "messages": turns,
            "max_tokens": {"type": "integer", "minimum": 1},
            "stream": {"type": "boolean"},
        })),
        "TokenCountRequest": object(&["messages"], json!({"model": model, "messages": turns})),
    })
}

fn answers() -> Value {
    let usage = json!({"type": "object", "additionalProperties": true});
    json!({
        "Object": {"type": "object", "additionalProperties": true},
        "ChatCompletion": object(&["id", "object", "model", "choices"], json!({
            "id": {"type": "string"}, "object": {"const": "chat.completion"}, "model": {"type": "string"},
            "choices": {"type": "array"}, "usage": usage,
        })),
        "Completion": object(&["id", "object", "model", "choices"], json!({
            "id": {"type": "string"}, "object": {"const": "text_completion"}, "model": {"type": "string"},
            "choices": {"type": "array"}, "usage": usage,
        })),
        "Embeddings": list(&["embedding", "index"], json!({
            "embedding": {"type": ["array", "string"]}, "index": {"type": "integer"},
        })),
        "Message": object(&["id", "type", "role", "content", "usage"], json!({
            "id": {"type": "string"}, "type": {"const": "message"}, "role": {"const": "assistant"},
            "content": {"type": "array"}, "usage": usage,
        })),
        "TokenCount": object(&["input_tokens"], json!({"input_tokens": {"type": "integer", "minimum": 0}})),
        "ModelList": list(&["id", "object"], json!({"id": {"type": "string"}, "object": {"const": "model"}})),
        "ModelInfo": object(&["model_name", "model_type", "model_provider_name"], json!({
            "model_name": {"type": "string"}, "model_type": {"type": "string"}, "model_provider_name": {"type": "string"},
        })),
    })
}

fn kept() -> Value {
    json!({
        "Response": object(&["id", "object", "status", "output"], json!({
            "id": {"type": "string"}, "object": {"const": "response"}, "status": {"type": "string"}, "output": {"type": "array"},
        })),
        "DeletedResponse": object(&["id", "deleted"], json!({"id": {"type": "string"}, "deleted": {"const": true}})),
        "ItemList": list(&["type"], json!({"type": {"type": "string"}})),
    })
}

fn errors() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let coded = object(
        &["error"],
        json!({
            "error": object(&["message"], json!({"message": text, "code": {"type": ["string", "integer", "null"]}})),
        }),
    );
    let flat = object(&["statusCode", "message"], json!({"statusCode": {"type": "integer"}, "message": text}));
    let of_anthropic = object(
        &["type", "error"],
        json!({
            "type": {"const": "error"},
            "error": object(&["type", "message"], json!({"type": text, "message": text})),
        }),
    );
    json!({
        "Error": {"anyOf": [coded, flat]},
        "AnthropicError": of_anthropic,
    })
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": true})
}

fn list(required: &[&str], properties: Value) -> Value {
    object(
        &["object", "data"],
        json!({
            "object": {"const": "list"}, "data": {"type": "array", "items": object(required, properties)},
        }),
    )
}
