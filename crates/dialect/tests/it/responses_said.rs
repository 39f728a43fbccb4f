//! Requests of other protocols said in the Responses protocol, and answers that are not at their end.

use dialect::exchange::{Effort, Event, Finish, Image, ImageSource, Part, Reasoning, Request, Role, Turn};
use dialect::openai::responses::{EventWriter, ResponseContext, State, write_request};
use serde_json::{Value, json};

fn asked() -> Request {
    Request { turns: vec![turn(Role::User, vec![text("hi")])], ..Request::default() }
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn said(turns: Vec<Turn>) -> Value {
    write_request(&Request { turns, ..Request::default() }).unwrap()["input"].clone()
}

#[test]
fn what_this_protocol_has_no_word_for_is_refused_by_name() {
    let picture =
        || Part::Image(Image { source: ImageSource::Url("https://example.com/a.png".to_owned()), detail: None });
    let rows = [
        (Request { stop: vec!["END".to_owned()], ..asked() }, "stop"),
        (Request { seed: Some(5), ..asked() }, "seed"),
        (Request { top_k: Some(5), ..asked() }, "top_k"),
        (Request { presence_penalty: Some(0.5), ..asked() }, "presence_penalty"),
        (Request { frequency_penalty: Some(-0.5), ..asked() }, "frequency_penalty"),
        (Request { instructions: vec![text("a"), picture()], ..asked() }, "system[1]"),
        (Request { turns: vec![turn(Role::Assistant, vec![text("a"), picture()])], ..asked() }, "messages[0]"),
        (Request { turns: vec![turn(Role::User, vec![Part::Refusal("no".to_owned())])], ..asked() }, "messages[0]"),
    ];
    for (request, field) in rows {
        assert_eq!(write_request(&request).unwrap_err().field, field);
    }
    let nothing = Request { presence_penalty: Some(0.0), frequency_penalty: Some(0.0), ..asked() };
    assert!(write_request(&nothing).is_ok(), "what asks for nothing needs no word");
}

#[test]
fn the_provider_is_asked_to_keep_nothing() {
    assert_eq!(write_request(&asked()).unwrap()["store"], false);
}

#[test]
fn a_budget_of_thinking_is_said_as_an_effort() {
    for (budget_tokens, word) in [(1024, "low"), (2048, "low"), (2049, "medium"), (8192, "medium"), (8193, "high")] {
        let reasoning = Reasoning { budget_tokens: Some(budget_tokens), ..Reasoning::default() };
        let body = write_request(&Request { reasoning: Some(reasoning), ..asked() }).unwrap();
        assert_eq!(body["reasoning"]["effort"], word, "{budget_tokens}");
    }
    let both = Reasoning { effort: Some(Effort::Minimal), budget_tokens: Some(9000), summary: None };
    let body = write_request(&Request { reasoning: Some(both), ..asked() }).unwrap();
    assert_eq!(body["reasoning"]["effort"], "minimal", "a degree that is said goes first");
}

#[test]
fn that_a_function_failed_is_said_in_words() {
    let result = |content: Vec<Part>| Part::ToolResult { call_id: "c".to_owned(), content, is_error: true };
    let input =
        said(vec![turn(Role::User, vec![result(vec![text("no such city")]), text("Try again."), result(vec![])])]);
    assert_eq!(input[0]["output"], "Error: no such city");
    assert_eq!(input[1]["content"][0]["text"], "Try again.", "what stands beside it is a message");
    assert_eq!(input[2]["output"], "Error:");
}

#[test]
fn only_a_seal_of_this_protocol_goes_to_its_model() {
    let thought = |text: &str, signature: Option<&str>, encrypted: Option<&str>| Part::Reasoning {
        text: text.to_owned(),
        signature: signature.map(str::to_owned),
        encrypted: encrypted.map(str::to_owned),
    };
    let parts =
        vec![thought("Hm.", Some("c2ln"), None), thought("", None, Some("gAA")), thought("", Some("c2ln"), None)];
    let expected = json!([{"type": "reasoning", "summary": [], "encrypted_content": "gAA"}]);
    assert_eq!(said(vec![turn(Role::Assistant, parts)]), expected);
}

#[test]
fn a_turn_that_says_nothing_stays_a_turn() {
    assert_eq!(said(vec![turn(Role::User, vec![])]), json!([{"type": "message", "role": "user", "content": []}]));
}

#[test]
fn an_answer_that_is_stopped_keeps_what_was_said() {
    let context = ResponseContext::new("resp_1".to_owned(), 5, "chat".to_owned(), &Value::Null);
    let queued = context.response(&State::Queued, vec![], None);
    assert_eq!((&queued["status"], &queued["output"], &queued["usage"]), (&json!("queued"), &json!([]), &Value::Null));
    let mut writer = EventWriter::new(context);
    writer.write(&Event::Text { part: 0, delta: "Hel".to_owned() }).unwrap();
    for (state, word, item) in
        [(State::InProgress, "in_progress", "in_progress"), (State::Cancelled, "cancelled", "incomplete")]
    {
        let response = writer.so_far(&state);
        assert_eq!((&response["status"], &response["output"][0]["status"]), (&json!(word), &json!(item)));
        assert_eq!(response["output"][0]["content"][0]["text"], "Hel");
    }
    assert_eq!(writer.response(), None, "it has not ended");
}

#[test]
fn a_refusal_without_words_is_a_filter() {
    let mut writer = EventWriter::new(ResponseContext::new("resp_1".to_owned(), 5, "chat".to_owned(), &Value::Null));
    writer.write(&Event::Finished { finish: Finish::Refusal, stop_sequence: None }).unwrap();
    writer.write(&Event::End).unwrap();
    let response = writer.response().unwrap();
    assert_eq!(
        (&response["status"], &response["incomplete_details"]),
        (&json!("incomplete"), &json!({"reason": "content_filter"}))
    );
}
