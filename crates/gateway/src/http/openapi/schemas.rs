//! The bodies, as far as every client and every model has them in common. All of them may have more fields.

use serde_json::{Value, json};

/// All schemas by name.
pub(super) fn all() -> Value {
    let mut all = requests();
    for more in [answers(), kept(), of_projects(), agents(), conversations(), errors()] {
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
        "Model": object(&["id", "object"], json!({"id": {"type": "string"}, "object": {"const": "model"}})),
        "ModelInfo": object(&["model_name", "model_type", "model_provider_name"], json!({
            "model_name": {"type": "string"}, "model_type": {"type": "string"}, "model_provider_name": {"type": "string"},
        })),
    })
}

fn of_projects() -> Value {
    let connection = object(
        &["name", "id", "type", "target", "isDefault", "credentials", "metadata"],
        json!({
            "name": {"type": "string"}, "id": {"type": "string"}, "type": {"type": "string"}, "target": {"type": "string"},
            "isDefault": {"type": "boolean"}, "credentials": object(&["type"], json!({"type": {"type": "string"}})),
            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        }),
    );
    let deployment = object(
        &["type", "name", "modelName", "modelVersion", "modelPublisher", "capabilities"],
        json!({
            "type": {"const": "ModelDeployment"}, "name": {"type": "string"}, "modelName": {"type": "string"},
            "modelVersion": {"type": "string"}, "modelPublisher": {"type": "string"}, "capabilities": {"type": "object"},
            "sku": {"type": "object"}, "connectionName": {"type": "string"},
        }),
    );
    let page = |item: &Value| {
        object(&["value"], json!({"value": {"type": "array", "items": item}, "nextLink": {"type": "string"}}))
    };
    json!({
        "ConnectionList": page(&connection),
        "Connection": connection,
        "ModelDeploymentList": page(&deployment),
        "ModelDeployment": deployment,
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

fn agents() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let labels = json!({"type": ["object", "null"], "maxProperties": 16, "additionalProperties": {"type": "string", "maxLength": 512}});
    let definition = object(
        &["kind", "model"],
        json!({"kind": {"const": "prompt"}, "model": text, "tools": {"type": "array", "maxItems": 128}}),
    );
    let name = json!({"type": "string", "pattern": "^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$"});
    let described = json!({"type": ["string", "null"], "maxLength": 512});
    let version = object(
        &["object", "id", "name", "version", "created_at", "metadata", "definition"],
        json!({
            "object": {"const": "agent.version"}, "id": text, "name": text, "version": text,
            "created_at": {"type": "integer"}, "metadata": {"type": "object"}, "definition": {"type": "object"},
        }),
    );
    let agent = object(
        &["object", "id", "name", "state", "configuration_state", "versions", "instance_identity"],
        json!({
            "object": {"const": "agent"}, "id": text, "name": text,
            "state": {"enum": ["enabled", "disabled"]}, "configuration_state": {"enum": ["enabled", "disabled"]},
            "versions": object(&["latest"], json!({"latest": version})),
            "instance_identity": object(&["principal_id", "client_id"], json!({"principal_id": text, "client_id": text})),
        }),
    );
    json!({
        "NewAgent": object(&["name", "definition"], json!({
            "name": name, "definition": definition, "metadata": labels, "description": described,
        })),
        "NewAgentVersion": object(&["definition"], json!({
            "definition": definition, "metadata": labels, "description": described,
        })),
        "AgentChange": object(&[], json!({"agent_card": {"type": ["object", "null"]}})),
        "AgentList": page_of(&agent),
        "Agent": agent,
        "AgentVersionList": page_of(&version),
        "AgentVersion": version,
        "DeletedAgent": object(&["object", "name", "deleted"], json!({"object": text, "name": text, "deleted": {"const": true}})),
    })
}

fn conversations() -> Value {
    let labels = json!({"type": ["object", "null"], "maxProperties": 16, "additionalProperties": {"type": "string", "maxLength": 512}});
    let items = json!({"type": "array", "maxItems": 20, "items": {"type": "object"}});
    json!({
        "NewConversation": object(&[], json!({"items": items, "metadata": labels})),
        "ConversationChange": object(&["metadata"], json!({"metadata": labels})),
        "NewItems": object(&["items"], json!({"items": items})),
        "Conversation": object(&["id", "object", "created_at", "metadata"], json!({
            "id": {"type": "string"}, "object": {"const": "conversation"}, "created_at": {"type": "integer"},
            "metadata": {"type": "object"},
        })),
        "DeletedConversation": object(&["id", "deleted"], json!({"id": {"type": "string"}, "deleted": {"const": true}})),
        "Item": object(&["id", "type"], json!({"id": {"type": "string"}, "type": {"type": "string"}})),
    })
}

/// A list whose `last_id` is null where nothing follows.
fn page_of(item: &Value) -> Value {
    object(
        &["object", "data", "first_id", "last_id", "has_more"],
        json!({
            "object": {"const": "list"}, "data": {"type": "array", "items": item}, "first_id": {"type": ["string", "null"]},
            "last_id": {"type": ["string", "null"]}, "has_more": {"type": "boolean"},
        }),
    )
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
