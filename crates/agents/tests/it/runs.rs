//! Runs while somebody, or nobody, waits.

use serde_json::{Value, json};

use crate::house::{House, POWERLESS, json_of, records, texts, until};
use crate::model::Model;

/// A house, its model, and the folder that both need.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) model: Model,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) async fn scene() -> Scene {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::start().await);
    let house = House::open(folder.path(), &model.url).await;
    Scene { house, model, folder }
}

pub(crate) fn by(agent: &str, input: &str) -> Value {
    json!({"agent_reference": {"type": "agent_reference", "name": agent}, "input": input})
}

#[tokio::test]
async fn an_agent_answers_with_its_instructions_and_the_response_says_so() {
    let Scene { house, model, folder } = scene().await;
    let inputs = json!({"name": {"required": true}});
    house
        .agent("helper", json!({"instructions": "Help {{name}}.", "temperature": 0.2, "structured_inputs": inputs}))
        .await;
    let mut body = by("helper", "Hi");
    body["structured_inputs"] = json!({"name": "Ada"});
    let response = house.respond(&body).await;
    assert_eq!((&response["status"], &response["object"]), (&json!("completed"), &json!("response")));
    assert_eq!(texts(&response["output"]), ["You said: Hi"]);
    assert_eq!(response["agent_reference"], json!({"type": "agent_reference", "name": "helper", "version": "1"}));
    assert_eq!(response["usage"]["total_tokens"], 23);
    let asked = model.asked().pop().unwrap();
    assert_eq!(asked["messages"][0]["content"], "Help Ada.");
    assert_eq!((&asked["temperature"], &asked["stream"]), (&json!(0.2), &json!(true)));
    let id = response["id"].as_str().unwrap();
    assert_eq!(house.ask("GET", &format!("/openai/v1/responses/{id}"), &Value::Null).await, (200, response.clone()));
    let (_, input) = house.ask("GET", &format!("/openai/v1/responses/{id}/input_items"), &Value::Null).await;
    assert_eq!(texts(&input["data"]), ["Hi"]);
    let of_run: Vec<Value> = records(folder.path()).into_iter().filter(|record| record["run"] == id).collect();
    assert_eq!(of_run.len(), 2, "one record of the step and one of the request: {of_run:?}");
    assert!(of_run.iter().all(|record| record["agent"] == "helper:1"), "{of_run:?}");
    let used: Vec<&Value> = of_run.iter().filter(|record| !record["promptTokens"].is_null()).collect();
    assert_eq!(used.len(), 1, "what was used is written down once");
}

#[tokio::test]
async fn a_named_version_answers_and_the_newest_does_without_one() {
    let Scene { house, model, folder: _folder } = scene().await;
    house.agent("helper", json!({"instructions": "One."})).await;
    house.agent("helper", json!({"instructions": "Two."})).await;
    for (version, expected) in [(Value::Null, "Two."), (json!("1"), "One.")] {
        let mut body = by("helper", "Hi");
        body["agent_reference"]["version"] = version;
        house.respond(&body).await;
        assert_eq!(model.asked().pop().unwrap()["messages"][0]["content"], expected);
    }
    let older = house.respond(&json!({"agent": {"name": "helper"}, "input": "Hi"})).await;
    assert_eq!(older["agent_reference"]["version"], "2");
    let path = "/agents/helper/endpoint/protocols/openai/responses?api-version=v1";
    let (status, response) = house.ask("POST", path, &json!({"input": "Hi"})).await;
    assert_eq!((status, &response["agent_reference"]["name"]), (200, &json!("helper")), "{response}");
}

#[tokio::test]
async fn a_conversation_has_each_message_once_and_goes_on_from_all_of_them() {
    let Scene { house, model, folder: _folder } = scene().await;
    house.agent("helper", json!({})).await;
    let conversation = house.conversation().await;
    for turn in ["One.", "Two."] {
        let mut body = by("helper", turn);
        body["conversation"] = json!(conversation);
        assert_eq!(house.respond(&body).await["conversation"], json!({"id": conversation}));
    }
    let expected = ["One.", "You said: One.", "Two.", "You said: Two."];
    assert_eq!(house.said(&conversation).await, expected);
    let roles: Vec<String> =
        model.asked()[1]["messages"].as_array().unwrap().iter().map(|message| message["role"].to_string()).collect();
    assert_eq!(roles, ["\"user\"", "\"assistant\"", "\"user\""]);
    let mut nothing_new = by("helper", "");
    nothing_new["conversation"] = json!({"id": conversation});
    house.respond(&nothing_new).await;
    assert_eq!(house.said(&conversation).await.len(), 5, "an empty input says nothing");
}

#[tokio::test]
async fn a_failed_answer_is_told_as_it_is_and_leaves_nothing_behind() {
    let Scene { house, folder: _folder, .. } = scene().await;
    house.agent("helper", json!({})).await;
    let conversation = house.conversation().await;
    let mut body = by("helper", "please fail");
    body["conversation"] = json!(conversation);
    let (status, told) = house.ask("POST", "/openai/v1/responses", &body).await;
    assert_eq!((status, &told["error"]["code"]), (400, &json!("upset")), "{told}");
    assert!(house.said(&conversation).await.is_empty());
    body["input"] = json!("Hi");
    house.respond(&body).await;
    body["background"] = json!(true);
    body["input"] = json!("please fail");
    let queued = house.respond(&body).await;
    let failed = house.ended(queued["id"].as_str().unwrap()).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("upset")), "{failed}");
}

#[tokio::test]
async fn functions_are_the_callers_to_run_and_their_results_go_on() {
    let Scene { house, model, folder: _folder } = scene().await;
    let function = json!({"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}});
    house.agent("helper", json!({"tools": [function]})).await;
    for in_conversation in [false, true] {
        let mut body = by("helper", "call weather");
        if in_conversation {
            body["conversation"] = json!(house.conversation().await);
        }
        let asked = house.respond(&body).await;
        assert_eq!(
            (&asked["status"], &asked["output"][0]["name"]),
            (&json!("completed"), &json!("weather")),
            "{asked}"
        );
        let result =
            json!({"type": "function_call_output", "call_id": asked["output"][0]["call_id"], "output": "rain"});
        body["input"] = json!([result]);
        if !in_conversation {
            body["previous_response_id"] = asked["id"].clone();
        }
        let answered = house.respond(&body).await;
        assert_eq!(texts(&answered["output"]), ["I read 1: rain"], "{answered}");
        let told = model.asked().pop().unwrap();
        assert_eq!(told["tools"][0]["function"]["name"], "weather");
    }
}

#[tokio::test]
async fn tools_of_the_server_are_called_at_once_and_shown() {
    let Scene { house, model, folder } = scene().await;
    house.agent("helper", json!({"tools": [model.tool()]})).await;
    let conversation = house.conversation().await;
    let mut body = by("helper", "look slow-a slow-b c");
    body["conversation"] = json!(conversation);
    let (response, ()) = tokio::join!(house.respond(&body), async {
        until(|| model.called().len() == 3).await;
        model.go_on();
    });
    let kinds = ["openapi_call", "openapi_call", "openapi_call"];
    let output = texts(&response["output"]);
    assert_eq!(output[..3], kinds, "{response}");
    let last = output.last().unwrap();
    assert!(
        last.starts_with("I read 3: ") && last.contains("all about c"),
        "the model reads its calls in its own order: {last}"
    );
    assert_eq!(response["usage"]["total_tokens"], 46, "both answers");
    assert_eq!(house.said(&conversation).await.len(), 1 + output.len());
    body["input"] = json!("And?");
    house.respond(&body).await;
    let told = model.asked().pop().unwrap().to_string();
    assert!(told.contains("all about slow-a") && told.contains("And?"), "what was found stays known: {told}");
    let tools = records(folder.path()).into_iter().filter(|record| record["upstreamHost"].is_string()).count();
    assert_eq!(tools, 3, "each call has its record");
    // The model alone can go on from it too.
    let plain = json!({"model": "far", "input": "Again", "previous_response_id": response["id"]});
    assert_eq!(texts(&house.respond(&plain).await["output"]), ["You said: Again"]);
}

#[tokio::test]
async fn an_agent_that_was_disabled_meanwhile_does_not_go_on() {
    let Scene { house, model, folder: _folder } = scene().await;
    house.agent("helper", json!({"tools": [model.tool()]})).await;
    let mut body = by("helper", "look slow-a");
    body["background"] = json!(true);
    let conversation = house.conversation().await;
    body["conversation"] = json!(conversation);
    let queued = house.respond(&body).await;
    until(|| model.called().len() == 1).await;
    assert_eq!(house.ask("POST", "/agents/helper:disable?api-version=v1", &json!({})).await.0, 204);
    model.go_on();
    let failed = house.ended(queued["id"].as_str().unwrap()).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].to_string().contains(":enable"), "{failed}");
    assert_eq!(model.asked().len(), 1, "the model is not asked again");
    // What was called stays known, and is not called again in silence.
    assert_eq!(house.said(&conversation).await[1..], ["openapi_call", "openapi_call_output"]);
    let plain = json!({"model": "far", "input": "And?", "conversation": conversation});
    house.respond(&plain).await;
    assert!(model.asked().pop().unwrap().to_string().contains("all about slow-a"));
}

#[tokio::test]
async fn what_nobody_waits_for_is_queued_read_and_cancelled() {
    let Scene { house, model, folder: _folder } = scene().await;
    let body = json!({"model": "far", "input": "wait", "background": true});
    let queued = house.respond(&body).await;
    assert_eq!((&queued["status"], &queued["background"]), (&json!("queued"), &json!(true)), "{queued}");
    let path = format!("/openai/v1/responses/{}", queued["id"].as_str().unwrap());
    until(|| model.asked().len() == 1).await;
    assert_eq!(house.ask("GET", &path, &Value::Null).await.1["status"], "in_progress");
    let (status, cancelled) = house.ask("POST", &format!("{path}/cancel"), &Value::Null).await;
    assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")), "{cancelled}");
    assert_eq!(house.ask("POST", &format!("{path}/cancel"), &Value::Null).await.1["status"], "cancelled");
    model.go_on();
    let done = house.respond(&json!({"model": "far", "input": "Hi", "background": true})).await;
    let done = house.ended(done["id"].as_str().unwrap()).await;
    assert_eq!((&done["status"], texts(&done["output"])), (&json!("completed"), vec!["You said: Hi".to_owned()]));
    let path = format!("/openai/v1/responses/{}", done["id"].as_str().unwrap());
    let (status, told) = house.ask("POST", &format!("{path}/cancel"), &Value::Null).await;
    assert!(status == 400 && told.to_string().contains("`completed`"), "{told}");
    assert_eq!(house.ask("DELETE", &path, &Value::Null).await.0, 200);
    assert_eq!(house.ask("GET", &path, &Value::Null).await.0, 404);
}

#[tokio::test]
async fn one_conversation_is_answered_by_one_run_at_a_time() {
    let Scene { house, model, folder: _folder } = scene().await;
    let conversation = house.conversation().await;
    let body = json!({"model": "far", "input": "wait", "background": true, "conversation": conversation});
    let first = house.respond(&body).await;
    let (status, told) = house.ask("POST", "/openai/v1/responses", &body).await;
    assert_eq!((status, &told["error"]["code"]), (400, &json!("conversation_locked")), "{told}");
    model.go_on();
    house.ended(first["id"].as_str().unwrap()).await;
    assert_eq!(house.said(&conversation).await, ["wait", "You said: wait"]);
}

#[tokio::test]
async fn whoever_is_not_there_is_said_to_be_not_there() {
    let Scene { house, folder: _folder, .. } = scene().await;
    house.agent("helper", json!({})).await;
    let told = async |body: Value| {
        let (status, told) = house.ask("POST", "/openai/v1/responses", &body).await;
        (status, told["error"]["message"].as_str().unwrap().to_owned())
    };
    let (status, message) = told(by("helpr", "Hi")).await;
    assert!(status == 404 && message.contains("helpr") && message.contains("`helper`"), "{message}");
    let mut body = by("helper", "Hi");
    body["agent_reference"]["version"] = json!("7");
    let (status, message) = told(body.clone()).await;
    assert!(status == 404 && message.contains('7'), "{message}");
    body["agent_reference"]["version"] = Value::Null;
    body["conversation"] = json!("conv_nowhere");
    let (status, message) = told(body).await;
    assert!(status == 404 && message.contains("conv_nowhere"), "{message}");
    assert_eq!(house.ask("POST", "/agents/helper:disable?api-version=v1", &json!({})).await.0, 204);
    let (status, message) = told(by("helper", "Hi")).await;
    assert!(status == 409 && message.contains(":enable"), "{message}");
    let (head, answer) = house.send(POWERLESS, "POST", "/openai/v1/responses", &by("helper", "Hi")).await.into_parts();
    assert_eq!(head.status, 401, "{}", json_of(answer).await);
}

#[tokio::test]
async fn runs_of_one_project_are_none_of_another() {
    let Scene { house, folder: _folder, .. } = scene().await;
    house.agent("helper", json!({})).await;
    let conversation = house.conversation().await;
    let there = "/accounts/contoso-hr/api/projects/other/openai/v1/responses";
    assert_eq!(house.ask("POST", there, &by("helper", "Hi")).await.0, 404);
    let body = json!({"model": "far", "input": "Hi", "conversation": conversation});
    assert_eq!(house.ask("POST", there, &body).await.0, 404);
    let here = house.respond(&body).await;
    let id = here["id"].as_str().unwrap();
    for (verb, rest) in [("GET", ""), ("POST", "/cancel"), ("DELETE", "")] {
        assert_eq!(house.ask(verb, &format!("{there}/{id}{rest}"), &Value::Null).await.0, 404, "{verb}{rest}");
    }
    assert_eq!(house.ask("GET", &format!("/openai/v1/responses/{id}"), &Value::Null).await.0, 200);
}
