//! Each step is decided anew, as if its caller asked at that moment.

use serde_json::json;

use crate::house::{records, until};
use crate::runs::{Scene, by, scene};

#[tokio::test]
async fn a_role_that_is_taken_away_between_two_steps_ends_the_run_with_the_reason() {
    let Scene { house, model, folder } = scene().await;
    house.agent("helper", json!({"tools": [model.tool()]})).await;
    let body = by("helper", "look slow-a");
    let (response, ()) = tokio::join!(house.respond(&body), async {
        until(|| model.called().len() == 1).await;
        house.forbid().await;
        model.go_on();
    });
    assert_eq!(response["status"], "failed", "{response}");
    let why = response["error"].to_string();
    assert!(why.contains("PermissionDenied") && why.contains("agents/write"), "{why}");
    assert_eq!(model.asked().len(), 1, "the model is not asked again");
    let refused = records(folder.path()).into_iter().filter(|record| record["outcome"] == "refused").count();
    assert_eq!(refused, 1, "the refusal has its record");
}
