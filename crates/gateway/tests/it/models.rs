//! The list of models.

use serde_json::{Value, json};

use crate::house::{House, KEY, PROJECT_USER, json_of};

fn names(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_deployments_of_the_account_are_listed() {
    let house = House::new().await;
    let (status, _, list) = house.ask("GET", "/accounts/contoso-hr/openai/v1/models", &json!({})).await;
    assert_eq!((status.as_u16(), names(&list)), (200, vec!["absent", "chat", "retired"]));
    assert_eq!(list["data"][1]["owned_by"], "HuggingFaceTB");
    assert_eq!(list["data"][1]["created"], 1_763_800_000);
}

#[tokio::test]
async fn the_list_says_what_a_deployment_is_for() {
    let house = House::new().await;
    house.deploy("vectors", "Vectors").await;
    let (_, _, list) = house.ask("GET", "/accounts/contoso-hr/openai/v1/models", &json!({})).await;
    let of = |id: &str| {
        let entry = list["data"].as_array().unwrap().iter().find(|entry| entry["id"] == id).unwrap();
        (entry["capabilities"]["chat_completion"].clone(), entry["capabilities"]["embeddings"].clone())
    };
    assert_eq!((of("chat"), of("vectors")), ((json!(true), json!(false)), (json!(false), json!(true))));
}

#[tokio::test]
async fn the_dated_list_wants_its_version() {
    let house = House::new().await;
    let path = "/accounts/contoso-hr/openai/models";
    let dated = house.send("GET", &format!("{path}?api-version=2024-10-21"), KEY, "").await;
    assert_eq!(names(&json_of(dated.into_body()).await).len(), 3);
    assert_eq!(house.send("GET", path, KEY, "").await.status(), 404);
}

#[tokio::test]
async fn the_project_lists_the_deployments_of_its_account() {
    let house = House::new().await;
    let path = "/accounts/contoso-hr/api/projects/claims/openai/v1/models";
    let list = house.send("GET", path, &house.token(PROJECT_USER), "").await;
    assert_eq!(list.status(), 200);
    assert_eq!(names(&json_of(list.into_body()).await), ["absent", "chat", "retired"]);
    // Keys do not open projects.
    assert_eq!(house.send("GET", path, KEY, "").await.status(), 401);
}
