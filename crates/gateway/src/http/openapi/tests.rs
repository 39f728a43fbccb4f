#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use super::*;

const ROUTES: [(Verb, &str, Plane); 4] = [
    (Verb::Post, "/accounts/{account}/openai/v1/chat/completions", Plane::Inference),
    (Verb::Post, "/accounts/{account}/openai/deployments/{deployment}/chat/completions", Plane::Inference),
    (Verb::Get, "/accounts/{account}/api/projects/{project}/openai/v1/responses/{response}", Plane::Project),
    (Verb::Get, "/metadata/endpoints", Plane::Protocol),
];

fn described() -> Value {
    document(&ROUTES.map(|(verb, template, plane)| Route::path(verb, template, plane)))
}

fn at(verb: &str, template: usize) -> Value {
    described()["paths"][ROUTES[template].1][verb].clone()
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn other_planes_are_not_described() {
    assert_eq!(described()["paths"].as_object().unwrap().len(), 3);
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document = described();
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    assert!(named.contains("#/components/schemas/Error"), "{named:?}");
    for name in named {
        assert!(document.pointer(name.strip_prefix('#').unwrap()).is_some(), "{name}");
    }
    for name in Shape::schemas().chain(["AnthropicError"]) {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn the_path_or_the_body_names_the_deployment() {
    let required =
        |template| at("post", template).pointer("/requestBody/content/application~1json/schema/allOf").cloned();
    assert_eq!(required(0).unwrap()[1]["required"], json!(["model"]));
    assert_eq!(required(1), None);
}

#[test]
fn only_dated_routes_ask_for_a_version() {
    let asks = |verb, template| {
        at(verb, template)["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == "api-version")
    };
    assert_eq!([asks("post", 0), asks("post", 1), asks("get", 2)], [false, true, false]);
}

#[test]
fn a_project_takes_no_key() {
    assert_eq!(at("get", 2)["security"], json!([{"token": []}]));
    assert_eq!(at("post", 0)["security"], json!([{"key": []}, {"token": []}]));
}

#[test]
fn an_operation_is_named_by_its_verb_and_path() {
    assert_eq!(at("post", 1)["operationId"], "post_openai_deployments_deployment_chat_completions");
}

#[test]
fn a_route_that_nothing_is_known_of_answers_some_object() {
    assert!(Shape::of(Verb::Put, "/accounts/{account}/new").is_plain());
    assert_eq!(Shape::of(Verb::Post, "/accounts/{account}/openai/v1/completions").answer, Some("Completion"));
}
