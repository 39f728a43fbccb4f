//! The list of models.

use serde_json::{Value, json};

/// One line of the list: a deployment that a caller may name in `model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEntry {
    /// The name to use in requests (the deployment's).
    pub id: String,
    /// Seconds since 1970 when it was made.
    pub created: i64,
    /// Who publishes the model behind it.
    pub owned_by: String,
    /// The model behind it.
    pub model: String,
    /// The version of that model.
    pub version: String,
    /// Whether it makes embeddings; otherwise it is for chat.
    pub is_embedding: bool,
}

/// `GET …/models`: `{"object": "list", "data": […]}`.
pub fn models_list(entries: &[ModelEntry]) -> Value {
    let data: Vec<Value> = entries.iter().map(model).collect();
    json!({"object": "list", "data": data})
}

/// `GET …/models/{model}`: one entry of the list.
pub fn model(entry: &ModelEntry) -> Value {
    json!({
        "id": entry.id,
        "object": "model",
        "created": entry.created,
        "created_at": entry.created,
        "owned_by": entry.owned_by,
        "model": entry.model,
        "version": entry.version,
        "status": "succeeded",
        "lifecycle_status": "generally-available",
        "capabilities": {
            "inference": true,
            "chat_completion": !entry.is_embedding,
            "completion": false,
            "embeddings": entry.is_embedding,
            "fine_tune": false,
        },
    })
}
