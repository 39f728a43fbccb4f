//! `/openapi.json`: the data plane as OpenAPI 3.1 describes it, made from the routes as they are mounted.

mod schemas;
mod shape;

use std::sync::{Arc, OnceLock};

use access::{HandlerResult, Plane, PublicRequest, Reply, Route, Routes, Verb};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use shape::Shape;

/// Where it is read.
const TEMPLATE: &str = "/openapi.json";
/// Why anybody may read it.
const WHY: &str = "the shape of the API, the same on every server of this version; it names nothing of a tenant";
/// What a request may be answered when it is not served; 502 to 504 where a model answers.
const REFUSALS: [(&str, &str); 7] = [
    ("400", "The request cannot be read, or asks for what its model cannot do."),
    ("401", "The caller is not recognised, or may not do this."),
    ("403", "The account takes no keys, or nobody from this address."),
    ("404", "The path, the deployment or the response is not there, or a dated route was asked without its version."),
    ("408", "The body did not arrive in time."),
    ("413", "The body is larger than the limit."),
    ("503", "The request cannot be served now."),
];
const REFUSALS_OF_MODELS: [(&str, &str); 4] = [
    ("429", "A limit is used up; `retry-after` says when to come again."),
    ("500", "The model broke down."),
    ("502", "The provider of the model cannot be reached, or gave no answer that can be handed on."),
    ("504", "The provider of the model did not answer in time."),
];
const REFUSALS_OF_AGENTS: [(&str, &str); 1] = [("409", "There is an agent of that name, or it was changed meanwhile.")];

/// The document. It is written when it is first asked for: few ask, and writing it takes more memory than all else at a start.
pub struct Description {
    described: Vec<Route>,
    text: OnceLock<Bytes>,
}

/// The route of the document that describes these routes. Those of other planes have descriptions of their own elsewhere.
pub fn description(described: impl Iterator<Item = Route>) -> Routes<Description> {
    let description = Description { described: described.collect(), text: OnceLock::new() };
    Routes::new(Arc::new(description)).public(Verb::Get, TEMPLATE, show, WHY)
}

async fn show(description: Arc<Description>, _request: PublicRequest) -> HandlerResult {
    let text = description.text.get_or_init(|| Bytes::from(document(&description.described).to_string()));
    Ok(Reply::bytes(StatusCode::OK, "application/json", text.clone()))
}

fn document(described: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in described {
        if let Route::Path { verb, template, plane: plane @ (Plane::Inference | Plane::Project) } = *route
            && let Some(here) = paths.entry(template).or_insert_with(|| json!({})).as_object_mut()
        {
            here.insert(verb.as_str().to_ascii_lowercase(), operation(verb, template, plane));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Cupola data plane", "version": env!("CARGO_PKG_VERSION")},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "api-key"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    })
}

fn operation(verb: Verb, template: &str, plane: Plane) -> Value {
    let shape = Shape::of(verb, template);
    // A project takes tokens alone.
    let security = if plane == Plane::Project { json!([{"token": []}]) } else { json!([{"key": []}, {"token": []}]) };
    let mut operation = json!({
        "operationId": operation_id(verb, template),
        "tags": [plane.as_str()],
        "security": security,
        "parameters": parameters(template, &shape),
        "responses": responses(template, &shape),
    });
    if let (Some(request), Some(operation)) = (shape.request, operation.as_object_mut()) {
        let schema = if shape.asks_model { asked(template, request) } else { reference(request) };
        let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

/// `post_openai_v1_chat_completions`: the verb, and the path without the account that all of them have.
fn operation_id(verb: Verb, template: &str) -> String {
    let path = template.strip_prefix("/accounts/{account}").unwrap_or(template);
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let words = path.replace(['{', '}'], "");
    format!("{}{}", verb.as_str().to_ascii_lowercase(), words.chars().map(plain).collect::<String>())
}

/// The body names the deployment where neither the path nor a header does.
fn asked(template: &str, request: &str) -> Value {
    if template.contains("/{deployment}/") || is_of_foundry(template) {
        return reference(request);
    }
    json!({"allOf": [reference(request), {"required": ["model"]}]})
}

fn is_of_foundry(template: &str) -> bool {
    template.contains("}/models/")
}

/// A route without a version in its path is asked in one by its query; a project's own routes have but one.
fn is_dated(template: &str) -> bool {
    let is_of_endpoint = template.contains("/endpoint/protocols/");
    let is_of_project =
        template.contains("/api/projects/{project}/") && (is_of_endpoint || !template.contains("/openai/"));
    !template.contains("/v1/") && !is_of_project
}

fn parameters(template: &str, shape: &Shape) -> Vec<Value> {
    let named = template.split('/').filter_map(|part| Some(part.strip_prefix('{')?.split_once('}')?.0));
    let mut all: Vec<Value> = named
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
        .collect();
    if is_dated(template) {
        let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$";
        let schema = json!({"type": "string", "pattern": pattern, "examples": ["2024-10-21"]});
        all.push(json!({"name": "api-version", "in": "query", "required": true, "schema": schema}));
    }
    if is_of_foundry(template) {
        all.push(json!({"name": "x-ms-model-mesh-model-name", "in": "header", "schema": {"type": "string"}}));
        let schema = json!({"type": "string", "enum": ["error", "drop", "pass-through"]});
        all.push(json!({"name": "extra-parameters", "in": "header", "schema": schema}));
    }
    if shape.is_paged {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": 100});
        all.push(json!({"name": "limit", "in": "query", "schema": limit}));
        all.push(json!({"name": "order", "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}}));
        all.push(json!({"name": "after", "in": "query", "schema": {"type": "string"}}));
    }
    all
}

fn responses(template: &str, shape: &Shape) -> Value {
    let mut all = Map::new();
    match shape.answer {
        Some(answer) => {
            let mut content = json!({"application/json": {"schema": reference(answer)}});
            if let (true, Some(content)) = (shape.streams, content.as_object_mut()) {
                content.insert("text/event-stream".to_owned(), json!({}));
            }
            all.insert("200".to_owned(), json!({"description": "The answer.", "content": content}));
        }
        None => {
            all.insert("204".to_owned(), json!({"description": "It is done."}));
        }
    }
    let error = if template.contains("/anthropic/") { "AnthropicError" } else { "Error" };
    let of_models: &[(&str, &str)] = if shape.asks_model { &REFUSALS_OF_MODELS } else { &[] };
    let of_agents: &[(&str, &str)] = if template.contains("/agents") { &REFUSALS_OF_AGENTS } else { &[] };
    for (status, description) in REFUSALS.iter().chain(of_models).chain(of_agents) {
        let content = json!({"application/json": {"schema": reference(error)}});
        all.insert((*status).to_owned(), json!({"description": description, "content": content}));
    }
    Value::Object(all)
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

#[cfg(test)]
mod tests;
