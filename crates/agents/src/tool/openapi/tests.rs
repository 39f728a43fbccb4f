#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
//! Which request an operation and arguments make (`conformance/agents/openapi.json`), and what the model is told.

use serde_json::{Value, json};

use super::super::fields::Fields;
use super::super::tests::tables::{check_cases, read};
use super::OpenApi;

/// The request that arguments make, as the table has it.
fn planned(api: &OpenApi, operation: &str, arguments: &str) -> Value {
    match api.operation(operation).unwrap().request(arguments) {
        Err(message) => json!({ "error": message }),
        Ok(call) => {
            let body = call.body.map(|body| serde_json::from_str::<Value>(&body).unwrap());
            json!({
                "method": call.method.as_str(), "path": call.path, "query": call.query, "headers": call.headers,
                "body": body,
            })
        }
    }
}

#[test]
fn an_operation_and_arguments_make_one_request() {
    let mut table = read("openapi.json");
    let tool = json!({"type": "openapi", "openapi": {
        "name": "pets", "spec": table["document"], "auth": {"type": "anonymous"}, "default_params": table["default_params"],
    }});
    let api = OpenApi::read(&Fields::of("tools[0]", &tool).unwrap()).unwrap();
    assert!(table["cases"].as_array().unwrap().len() >= 16, "the table lost its cases");
    let answer = |case: &Value| {
        let arguments = match &case["arguments"] {
            Value::String(text) => text.clone(),
            object => object.to_string(),
        };
        planned(&api, case["operation"].as_str().unwrap(), &arguments)
    };
    check_cases("openapi.json", &mut table, |table| table["cases"].as_array_mut().unwrap(), answer);
}

#[test]
fn the_model_is_told_of_each_operation_without_references() {
    let table = read("openapi.json");
    let tool = json!({"type": "openapi", "openapi": {
        "name": "pets", "spec": table["document"], "auth": {"type": "anonymous"}, "default_params": ["api-version"],
    }});
    let api = OpenApi::read(&Fields::of("tools[0]", &tool).unwrap()).unwrap();
    let schema = |id: &str| api.operations.iter().find(|operation| operation.id == id).unwrap().schema();
    let list = schema("list");
    let names: Vec<&String> = list["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["limit", "tags", "ids", "near", "x-trace"]);
    assert_eq!(list["properties"]["limit"], json!({"type": "integer", "maximum": 100}));
    assert_eq!(list["required"], json!([]));
    let pet = json!({"type": "object", "properties": {"name": {"type": "string"}, "parent": {}}});
    assert_eq!(schema("add")["properties"]["body"], pet);
    assert_eq!(schema("add")["required"], json!(["body"]));
    assert_eq!(schema("photo")["properties"]["id"], json!({"type": "string", "description": "Which."}));
}

#[test]
fn a_schema_that_grows_without_end_is_refused() {
    let twice = |next: &str| json!({"type": "object", "properties": {"a": {"$ref": next}, "b": {"$ref": next}}});
    let schemas: serde_json::Map<String, Value> =
        (0..30).map(|level| (format!("S{level}"), twice(&format!("#/components/schemas/S{}", level + 1)))).collect();
    let mut spec = json!({
        "openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "components": {"schemas": schemas},
        "paths": {"/a": {"post": {"operationId": "a", "requestBody": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/S0"}
        }}}}}},
    });
    spec["components"]["schemas"]["S30"] = json!({"type": "string"});
    let tool = json!({"type": "openapi", "openapi": {"name": "a", "spec": spec, "auth": {"type": "anonymous"}}});
    let error = OpenApi::read(&Fields::of("tools[0]", &tool).unwrap()).unwrap_err();
    assert!(error.message.contains("too large"), "{error}");
}

fn refusal(spec: &Value) -> String {
    let tool = json!({"type": "openapi", "openapi": {"name": "a", "spec": spec, "auth": {"type": "anonymous"}}});
    OpenApi::read(&Fields::of("tools[0]", &tool).unwrap()).unwrap_err().message
}

/// A document whose `count` operations each have a body of `schema`.
fn document(count: usize, schema: &Value) -> Value {
    let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}});
    let path = |at: usize| {
        (format!("/a{at}"), json!({"post": {"operationId": format!("a{at}"), "requestBody": body.clone()}}))
    };
    let paths: serde_json::Map<String, Value> = (0..count).map(path).collect();
    json!({
        "openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "components": {"schemas": {"S": schema}},
        "paths": paths,
    })
}

#[test]
fn all_schemas_of_a_document_have_one_limit() {
    let long = json!({"type": "string", "description": "x".repeat(500_000)});
    assert!(refusal(&document(128, &long)).contains("the document is too large"));
    let tool = |spec| json!({"type": "openapi", "openapi": {"name": "a", "spec": spec, "auth": {"type": "anonymous"}}});
    let few = tool(document(16, &long));
    assert_eq!(OpenApi::read(&Fields::of("tools[0]", &few).unwrap()).unwrap().operations.len(), 16);
    let most = tool(document(128, &json!({"type": "string"})));
    assert_eq!(OpenApi::read(&Fields::of("tools[0]", &most).unwrap()).unwrap().operations.len(), 128);
    assert!(refusal(&document(129, &json!({"type": "string"}))).contains("more than 128 operations"));
}

#[test]
fn an_address_does_not_grow_without_end() {
    let mut spec = document(1, &json!({}));
    for (times, default) in [(2_000, "x".to_owned()), (1_000, "x".repeat(1_000)), (1, "x".repeat(5_000))] {
        let variables = json!({"a": {"default": default}});
        spec["servers"] =
            json!([{"url": format!("https://a.example/{}", "{a}".repeat(times)), "variables": variables}]);
        assert!(refusal(&spec).contains("is longer than"), "{times}");
    }
}
