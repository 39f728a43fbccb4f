//! `?validate=true`: what does not work is not written.

use control::{Attempt, ConnectionTest, NotWorking, Testing};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Bench};

/// Finds fault with every secret but one.
pub(crate) struct KeyIsGood;

impl ConnectionTest for KeyIsGood {
    fn test<'a>(&'a self, attempt: Attempt<'a>) -> Testing<'a> {
        let shown: Vec<(&str, &str)> =
            attempt.given.iter().map(|(member, secret)| (*member, secret.expose())).collect();
        let is_good = shown == [("key", "good")];
        let report = json!({"connection": attempt.resource.id.as_str(), "steps": []});
        Box::pin(async move {
            if is_good { Ok(()) } else { Err(NotWorking { message: "the key is not accepted".to_owned(), report }) }
        })
    }
}

fn body(key: &str) -> Value {
    json!({"properties": {
        "category": "ModelGateway", "target": "https://gateway.example/v1", "authType": "ApiKey", "credentials": {"key": key},
        "metadata": {"models": "[{\"name\":\"m\",\"properties\":{\"model\":{\"name\":\"m\",\"format\":\"OpenAI\"}}}]"},
    }})
}

#[tokio::test]
async fn a_connection_that_does_not_work_is_not_written_when_it_is_tried_first() {
    let bench = Bench::with_account().await;
    let at = format!("{ACCOUNT}/connections/gate");
    let tried = format!("{at}?validate=true");
    let refused = bench.put("admin", &tried, body("bad")).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    assert_eq!(refused.body["error"]["message"], "the key is not accepted");
    assert_eq!(
        refused.body["error"]["additionalInfo"][0]["connection"].as_str().map(str::to_lowercase),
        Some(at.to_lowercase())
    );
    assert_eq!(bench.get("admin", &at).await.status, 404);
    assert_eq!(bench.put("admin", &tried, body("good")).await.status, 200);
    assert_eq!(bench.get("admin", &at).await.status, 200);
}

#[tokio::test]
async fn nobody_is_asked_unless_it_is_said_so_or_for_other_types() {
    let bench = Bench::with_account().await;
    for query in ["", "?validate=false"] {
        let at = format!("{ACCOUNT}/connections/gate{query}");
        assert_eq!(bench.put("admin", &at, body("bad")).await.status, 200, "{query}");
    }
    let project = json!({"location": "local", "properties": {}});
    assert_eq!(bench.put("admin", &format!("{ACCOUNT}/projects/p1?validate=true"), project).await.status, 201);
}
