//! Responses of an account that are kept; those of a project are kept by who runs agents, on the same shelf.

use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::far::Far;
use super::kinds::{Kind, Speaks};
use crate::house::KEY;

/// A place where responses are asked for, with who may.
struct Place<'a> {
    far: &'a Far,
    path: &'static str,
    credential: String,
}

impl Far {
    fn at_account(&self) -> Place<'_> {
        Place { far: self, path: "/accounts/contoso-hr/openai/v1/responses", credential: KEY.to_owned() }
    }
}

impl Place<'_> {
    async fn send(&self, verb: &str, rest: &str, body: &str) -> (u16, String) {
        let path = format!("{}{rest}", self.path);
        let (head, answer) = self.far.house.send(verb, &path, &self.credential, body).await.into_parts();
        let bytes = answer.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// Asks, whole or as a stream; the response, and what the provider was asked.
    async fn say(&self, speaks: Speaks, body: &Value) -> (Value, Value) {
        let is_stream = body["stream"] == true;
        speaks.will(self.far, is_stream);
        let (status, text) = self.send("POST", "", &body.to_string()).await;
        assert_eq!(status, 200, "{text}");
        let last = || text.trim_end().rsplit("data: ").next().unwrap();
        let told: Value = serde_json::from_str(if is_stream { last() } else { &text }).unwrap();
        let seen = self.far.mock.seen().pop().unwrap();
        (if is_stream { told["response"].clone() } else { told }, serde_json::from_slice(&seen.body).unwrap())
    }

    async fn get(&self, rest: &str) -> (u16, Value) {
        let (status, text) = self.send("GET", rest, "").await;
        (status, serde_json::from_str(&text).unwrap())
    }
}

fn ask(text: &str) -> Value {
    json!({"model": "far", "input": text})
}

fn after(previous: &Value, text: &str, is_stream: bool) -> Value {
    json!({"model": "far", "input": text, "previous_response_id": previous["id"], "stream": is_stream})
}

/// The texts of items, in order.
fn texts(items: &Value) -> Vec<String> {
    let text = |item: &Value| {
        let content = &item["content"];
        let text = content.as_str().or_else(|| content[0]["text"].as_str()).or_else(|| item["name"].as_str());
        text.unwrap().to_owned()
    };
    items.as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_response_is_made_read_listed_and_deleted_where_it_was_asked_for() {
    let far = Kind::OpenAi.house().await;
    let place = far.at_account();
    let (made, _) = place.say(Speaks::Chat, &ask("The secret word is zephyr.")).await;
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("resp_"), "{made}");
    assert_eq!(place.get(&format!("/{id}")).await, (200, made.clone()));
    let (status, list) = place.get(&format!("/{id}/input_items")).await;
    assert_eq!((status, list["object"].as_str()), (200, Some("list")), "{list}");
    assert_eq!(texts(&list["data"]), ["The secret word is zephyr."]);
    let (status, text) = place.send("POST", &format!("/{id}/cancel"), "").await;
    assert!(status == 400 && text.contains("`completed`"), "{text}");
    let (status, text) = place.send("DELETE", &format!("/{id}"), "").await;
    assert_eq!((status, text), (200, json!({"id": id, "object": "response", "deleted": true}).to_string()));
    for rest in [format!("/{id}"), format!("/{id}/input_items")] {
        assert_eq!(place.get(&rest).await.0, 404, "{rest}");
    }
    assert_eq!(place.send("DELETE", &format!("/{id}"), "").await.0, 404);
    let (status, text) = place.send("POST", "", &after(&made, "Again?", false).to_string()).await;
    assert!(status == 404 && text.contains(id), "{text}");
}

#[tokio::test]
async fn each_response_goes_on_from_all_before_it_in_every_form() {
    for (kind, speaks) in
        [(Kind::OpenAi, Speaks::Chat), (Kind::Azure, Speaks::Responses), (Kind::Anthropic, Speaks::Messages)]
    {
        for is_stream in [false, true] {
            let far = kind.house().await;
            let place = far.at_account();
            let story = format!("{kind:?}, stream {is_stream}");
            let plain = |body: Value| {
                let mut body = body;
                body["stream"] = json!(is_stream);
                body
            };
            let (first, _) = place.say(speaks, &plain(ask("One."))).await;
            let result = json!({"type": "function_call_output", "call_id": "call_1", "output": "rain"});
            let mut second = after(&first, "", is_stream);
            second["input"] = json!([result, {"role": "user", "content": "Two."}]);
            let (second, _) = place.say(speaks, &second).await;
            let kept = place.get(&format!("/{}", second["id"].as_str().unwrap())).await.1;
            assert_eq!(kept["previous_response_id"], first["id"], "{story}: {kept}");
            let third = json!({"model": "far", "previous_response_id": second["id"], "stream": is_stream,
                "input": [result, {"role": "user", "content": "Three."}]});
            let (third, asked) = place.say(speaks, &third).await;
            let asked = asked.to_string();
            for said in ["One.", "Two.", "Three.", "rain", "Berlin"] {
                assert!(asked.contains(said), "{story}: `{said}` is not in {asked}");
            }
            let at = |text: &str| asked.find(text).unwrap();
            assert!(
                at("One.") < at("rain") && at("rain") < at("Two.") && at("Two.") < at("Three."),
                "{story}: {asked}"
            );
            for name in [&first["id"], &second["id"]] {
                assert!(!asked.contains(name.as_str().unwrap()), "{story}: names of ours say nothing there: {asked}");
            }
            let (status, list) = place.get(&format!("/{}/input_items?order=asc", third["id"].as_str().unwrap())).await;
            assert_eq!(status, 200, "{list}");
            let told = list["data"].to_string();
            assert!(told.contains("One.") && told.contains("Three.") && told.contains("Berlin"), "{story}: {told}");
        }
    }
}

#[tokio::test]
async fn what_is_not_to_be_stored_is_not() {
    for (kind, speaks) in [(Kind::OpenAi, Speaks::Chat), (Kind::Azure, Speaks::Responses)] {
        for is_stream in [false, true] {
            let far = kind.house().await;
            let place = far.at_account();
            let body = json!({"model": "far", "input": "Hi", "store": false, "stream": is_stream});
            let (made, _) = place.say(speaks, &body).await;
            assert_eq!(place.get(&format!("/{}", made["id"].as_str().unwrap())).await.0, 404, "{kind:?} {is_stream}");
        }
    }
}

#[tokio::test]
async fn what_was_said_is_neither_in_the_journal_nor_readable_on_disk() {
    let far = Kind::OpenAi.house().await;
    let place = far.at_account();
    let word = "xylophone-zephyr-quartz";
    let (made, asked) = place.say(Speaks::Chat, &ask(&format!("The word is {word}."))).await;
    assert!(asked.to_string().contains(word));
    let kept = place.get(&format!("/{}/input_items", made["id"].as_str().unwrap())).await.1;
    assert!(kept.to_string().contains(word), "it is kept: {kept}");
    assert!(!far.house.has_on_disk(word));
    assert!(!far.house.has_on_disk("Berlin"), "nor is what was answered");
    assert!(far.house.has_on_disk("contoso-hr"), "this search finds what is there");
}

#[tokio::test]
async fn a_response_that_broke_off_or_was_refused_is_not_kept() {
    let far = Kind::Azure.house().await;
    let place = far.at_account();
    let (feed, act) = crate::mock::stream();
    far.mock.will(act);
    let all = Speaks::Responses.events();
    feed.send(Ok(all.split("event: response.completed").next().unwrap().to_owned().into())).unwrap();
    drop(feed);
    let (_, text) = place.send("POST", "", &json!({"model": "far", "input": "Hi", "stream": true}).to_string()).await;
    let begun = text.split("\n\n").next().unwrap().split("data: ").nth(1).unwrap();
    let id = serde_json::from_str::<Value>(begun).unwrap()["response"]["id"].as_str().unwrap().to_owned();
    assert_eq!(place.get(&format!("/{id}")).await.0, 404);
    far.mock.will(crate::mock::json(400, "{\"error\":{\"message\":\"m\",\"code\":\"c\"}}"));
    assert_eq!(place.send("POST", "", &ask("Hi").to_string()).await.0, 400);
    assert_eq!(far.house.records_when(3).await[2]["status"], 400);
}
