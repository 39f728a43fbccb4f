//! The document of the data plane against the routes that it describes.

use std::collections::BTreeSet;

use access::Plane;
use http::StatusCode;
use serde_json::Value;

use super::house::House;

const ACCOUNT: &str = "contoso-customer-service";
const PROJECT: &str = "support-assistant";

/// An operation of the document.
struct Described {
    verb: String,
    path: String,
    content: Value,
}

impl Described {
    fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }

    /// A request for it; with every query parameter that it wants.
    fn path(&self, query: &str) -> String {
        let path = self.path.replace("{account}", ACCOUNT).replace("{project}", PROJECT);
        let path = path.replace("{deployment}", "chat").replace("{response}", "resp_none");
        format!("{path}{query}")
    }

    fn wants(&self, parameter: &str) -> bool {
        self.content["parameters"].as_array().unwrap().iter().any(|known| known["name"] == parameter)
    }
}

async fn document(house: &House) -> Value {
    let (status, document) = house.send("GET", "/openapi.json", None, "").await;
    assert_eq!(status, StatusCode::OK);
    document
}

async fn described(house: &House) -> Vec<Described> {
    let mut all = Vec::new();
    for (path, operations) in document(house).await["paths"].as_object().unwrap() {
        for (verb, content) in operations.as_object().unwrap() {
            all.push(Described { verb: verb.to_uppercase(), path: path.clone(), content: content.clone() });
        }
    }
    all
}

/// A token of somebody who may do everything there.
async fn token(house: &House) -> String {
    let principal = house.principal().await;
    let everything = serde_json::json!({"actions": [], "notActions": [], "dataActions": ["*"], "notDataActions": []});
    house.grant_custom_role(principal, everything).await;
    house.token(principal, "https://ai.azure.com")
}

#[tokio::test]
async fn every_mounted_route_of_the_data_plane_is_described_and_no_other() {
    let house = House::demo().await;
    let of_data = |plane| matches!(plane, Plane::Inference | Plane::Project);
    let routes = house.app.routes().into_iter().filter(|(info, _)| of_data(info.plane));
    let mounted: BTreeSet<String> = routes.map(|(info, _)| format!("{} {}", info.verb, info.template)).collect();
    let described: BTreeSet<String> = described(&house).await.iter().map(Described::name).collect();
    assert!(mounted.len() > 30, "{mounted:?}");
    assert_eq!(mounted, described);
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_answers_something_known() {
    let house = House::demo().await;
    let mut names = BTreeSet::new();
    for operation in described(&house).await {
        let name = operation.content["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name), "{}", operation.name());
        if operation.content.pointer("/responses/204").is_some() {
            continue;
        }
        let answer = operation.content.pointer("/responses/200/content/application~1json/schema/$ref").unwrap();
        assert_ne!(answer, "#/components/schemas/Object", "{} has no shape", operation.name());
    }
}

#[tokio::test]
async fn a_version_is_asked_for_exactly_where_the_document_says_so() {
    let house = House::demo().await;
    let token = token(&house).await;
    for operation in described(&house).await {
        for query in ["", "?api-version=2024-10-21"] {
            let (_, body) = house.send(&operation.verb, &operation.path(query), Some(&token), "{}").await;
            let is_missed = body.to_string().contains("`api-version`");
            let is_wanted = query.is_empty() && operation.wants("api-version");
            assert_eq!(is_missed, is_wanted, "{}{query}: {body}", operation.name());
        }
    }
}

#[tokio::test]
async fn a_body_is_read_exactly_where_the_document_says_so() {
    let house = House::demo().await;
    let token = token(&house).await;
    for operation in described(&house).await {
        let path = operation.path("?api-version=2024-10-21");
        let (status, whole) = house.send(&operation.verb, &path, Some(&token), "{}").await;
        let (broken_status, broken) = house.send(&operation.verb, &path, Some(&token), "{").await;
        let is_read = (status, &whole) != (broken_status, &broken);
        assert_eq!(is_read, !operation.content["requestBody"].is_null(), "{}: {whole} {broken}", operation.name());
    }
}

#[tokio::test]
async fn what_is_refused_has_a_status_that_the_document_names() {
    let house = House::demo().await;
    let token = token(&house).await;
    for operation in described(&house).await {
        for who in [None, Some(token.as_str())] {
            let (status, body) = house.send(&operation.verb, &operation.path(""), who, "[]").await;
            let known = operation.content["responses"].as_object().unwrap();
            assert!(known.contains_key(status.as_str()), "{}: {status} {body}", operation.name());
        }
    }
}
