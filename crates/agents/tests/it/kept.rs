//! Responses of a project by a model alone: made, kept, read, listed and deleted there, and nowhere else.

use serde_json::{Value, json};

use crate::house::{KEY, json_of, records, texts};
use crate::runs::{Scene, scene};

const ACCOUNT: &str = "/accounts/contoso-hr/openai/v1/responses";
const PROJECT: &str = "/accounts/contoso-hr/api/projects/claims/openai/v1/responses";

#[tokio::test]
async fn a_response_is_made_read_listed_and_deleted_at_its_project() {
    let Scene { house, folder, .. } = scene().await;
    for (path, query) in [("/openai/v1/responses", ""), ("/openai/responses", "?api-version=2025-11-15-preview")] {
        let (status, made) =
            house.ask("POST", &format!("{path}{query}"), &json!({"model": "far", "input": "Hi"})).await;
        assert_eq!((status, texts(&made["output"])), (200, vec!["You said: Hi".to_owned()]), "{made}");
        let here = format!("{path}/{}", made["id"].as_str().unwrap());
        assert_eq!(house.ask("GET", &format!("{here}{query}"), &Value::Null).await, (200, made.clone()));
        let (status, list) = house.ask("GET", &format!("{here}/input_items{query}"), &Value::Null).await;
        assert_eq!((status, texts(&list["data"])), (200, vec!["Hi".to_owned()]));
        let (status, told) = house.ask("POST", &format!("{here}/cancel{query}"), &Value::Null).await;
        assert!(status == 400 && told.to_string().contains("`completed`"), "{told}");
        let gone = json!({"id": made["id"], "object": "response", "deleted": true});
        assert_eq!(house.ask("DELETE", &format!("{here}{query}"), &Value::Null).await, (200, gone));
        for (verb, rest) in [("GET", ""), ("GET", "/input_items"), ("DELETE", ""), ("POST", "/cancel")] {
            assert_eq!(house.ask(verb, &format!("{here}{rest}{query}"), &Value::Null).await.0, 404, "{verb} {rest}");
        }
    }
    let made = records(folder.path()).into_iter().filter(|record| !record["promptTokens"].is_null());
    assert_eq!(
        made.map(|record| record["run"].clone()).collect::<Vec<_>>(),
        [Value::Null, Value::Null],
        "one record each, and no run"
    );
}

#[tokio::test]
async fn a_response_of_the_account_is_none_of_the_projects_and_the_other_way_round() {
    let Scene { house, folder: _folder, .. } = scene().await;
    let token = house.token(crate::house::USER);
    for ((here, credential), (there, other)) in
        [((ACCOUNT, KEY), (PROJECT, token.as_str())), ((PROJECT, token.as_str()), (ACCOUNT, KEY))]
    {
        let ask = json!({"model": "far", "input": "Hi"});
        let made = json_of(house.send_with(credential, "POST", here, &ask).await.into_body()).await;
        let id = made["id"].as_str().unwrap();
        for (verb, rest) in [("GET", ""), ("GET", "/input_items"), ("DELETE", ""), ("POST", "/cancel")] {
            let answer = house.send_with(other, verb, &format!("{there}/{id}{rest}"), &Value::Null).await;
            assert_eq!(answer.status(), 404, "{verb} {rest}");
        }
        let next = json!({"model": "far", "input": "And?", "previous_response_id": id});
        assert_eq!(house.send_with(other, "POST", there, &next).await.status(), 404);
        assert_eq!(house.send_with(credential, "GET", &format!("{here}/{id}"), &Value::Null).await.status(), 200);
    }
}

#[tokio::test]
async fn dated_routes_want_a_version() {
    let Scene { house, folder: _folder, .. } = scene().await;
    let (status, told) = house.ask("POST", "/openai/responses", &json!({"model": "far", "input": "Hi"})).await;
    assert!(status == 404 && told.to_string().contains("api-version"), "{told}");
}
