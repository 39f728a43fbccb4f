//! The server stops in the middle of runs and starts again over the same folder.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::house::{House, texts, until};
use crate::model::Model;
use crate::runs::by;

/// One life of a server: when it ends, everything in it stops where it is.
struct Life {
    runtime: Runtime,
    house: Option<Arc<House>>,
}

impl Life {
    fn begin(folder: &Path, url: &str) -> Life {
        let runtime = Runtime::new().unwrap();
        let house = Some(Arc::new(runtime.block_on(House::open(folder, url))));
        Life { runtime, house }
    }

    fn live<T>(&self, story: impl AsyncFnOnce(&Arc<House>) -> T) -> T {
        self.runtime.block_on(story(self.house.as_ref().unwrap()))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        drop(self.house.take());
    }
}

/// A model that outlives the servers.
fn world() -> (Runtime, Model, tempfile::TempDir) {
    let runtime = Runtime::new().unwrap();
    let model = runtime.block_on(Model::start());
    (runtime, model, tempfile::tempdir().unwrap())
}

fn in_background(mut body: Value) -> Value {
    body["background"] = json!(true);
    body
}

#[test]
fn fifty_runs_go_on_and_no_message_is_lost_or_doubled() {
    const RUNS: usize = 50;
    let (_outside, model, folder) = world();
    let first = Life::begin(folder.path(), &model.url);
    let begun: Vec<(String, String)> = first.live(async |house| {
        house.agent("helper", json!({})).await;
        let mut begun = Vec::new();
        for number in 0..RUNS {
            let conversation = house.conversation().await;
            let mut body = in_background(by("helper", &format!("wait {number}")));
            body["conversation"] = json!(conversation);
            begun.push((house.respond(&body).await["id"].as_str().unwrap().to_owned(), conversation));
        }
        until(|| model.asked().len() > 1).await;
        begun
    });
    drop(first);
    model.go_on();
    let second = Life::begin(folder.path(), &model.url);
    second.live(async |house| {
        for (number, (id, conversation)) in begun.iter().enumerate() {
            let response = house.ended(id).await;
            assert_eq!(response["status"], "completed", "{response}");
            let said = [format!("wait {number}"), format!("You said: wait {number}")];
            assert_eq!(house.said(conversation).await, said);
            assert_eq!(texts(&response["output"]), said[1..]);
        }
    });
}

#[test]
fn a_call_that_was_begun_is_not_made_again_and_the_model_is_told() {
    let (_outside, model, folder) = world();
    let first = Life::begin(folder.path(), &model.url);
    let id = first.live(async |house| {
        house.agent("helper", json!({"tools": [model.tool()]})).await;
        let queued = house.respond(&in_background(by("helper", "look quick slow-one"))).await;
        until(|| model.called().len() == 2).await;
        // The quick one is kept when its outcome is; a run shows no more than that it goes on.
        queued["id"].as_str().unwrap().to_owned()
    });
    drop(first);
    model.go_on();
    let second = Life::begin(folder.path(), &model.url);
    let response = second.live(async |house| house.ended(&id).await);
    assert_eq!(response["status"], "completed", "{response}");
    assert_eq!(model.called().len(), 2, "nothing was called again: {:?}", model.called());
    let outcome = response["output"].to_string();
    assert!(outcome.contains("may or may not have been carried out"), "{outcome}");
    assert!(texts(&response["output"]).last().unwrap().starts_with("I read 2"), "{response}");
}

#[test]
fn a_run_whose_reader_has_gone_with_the_server_is_completed_for_its_conversation() {
    let (_outside, model, folder) = world();
    let first = Life::begin(folder.path(), &model.url);
    let conversation = first.live(async |house| {
        let conversation = house.conversation().await;
        let body = json!({"model": "far", "input": "wait", "conversation": conversation});
        let reader = Arc::clone(house);
        tokio::spawn(async move { reader.respond(&body).await });
        until(|| model.asked().len() == 1).await;
        conversation
    });
    drop(first);
    model.go_on();
    let second = Life::begin(folder.path(), &model.url);
    second.live(async |house| {
        let body = json!({"model": "far", "input": "Hi", "conversation": conversation});
        // While the first is answered, the next has to wait.
        while house.ask("POST", "/openai/v1/responses", &body).await.0 == 400 {
            tokio::task::yield_now().await;
        }
        assert_eq!(house.said(&conversation).await, ["wait", "You said: wait", "Hi", "You said: Hi"]);
    });
}

#[test]
fn a_run_whose_caller_lost_its_role_meanwhile_fails_with_the_reason() {
    let (_outside, model, folder) = world();
    let first = Life::begin(folder.path(), &model.url);
    let id = first.live(async |house| {
        let queued = house.respond(&json!({"model": "far", "input": "wait", "background": true})).await;
        until(|| model.asked().len() == 1).await;
        house.forbid().await;
        queued["id"].as_str().unwrap().to_owned()
    });
    drop(first);
    model.go_on();
    let second = Life::begin(folder.path(), &model.url);
    second.live(async |house| {
        let response = house.ended(&id).await;
        assert_eq!(response["status"], "failed", "{response}");
        assert!(response["error"].to_string().contains("agents/write"), "{response}");
        assert_eq!(model.asked().len(), 1);
    });
}
