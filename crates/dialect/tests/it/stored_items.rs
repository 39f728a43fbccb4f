//! What a request said, kept, listed and said again.

use dialect::openai::responses::{ItemIds, Outline, Page, input_items, read_request, texts, with_history};
use serde_json::{Value, json};

use crate::tape;

fn items(input: &Value) -> Vec<Value> {
    input_items(input, &mut ItemIds::of_input("resp_7f"), &mut |_| None).unwrap()
}

#[test]
fn a_text_is_kept_as_a_message() {
    let message = json!({"role": "user", "content": [{"type": "input_text", "text": "hi"}], "id": "msg_7fi000", "status": "completed", "type": "message"});
    assert_eq!(items(&json!("hi")), [message]);
}

#[test]
fn items_are_kept_with_names_and_types_of_their_own() {
    let kept = items(&json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Hello."},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "id": "fc_mine"},
        {"type": "function_call_output", "call_id": "c", "output": "sun"},
        {"type": "reasoning", "summary": []},
    ]));
    let names: Vec<&str> = kept.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(names, ["msg_7fi000", "msg_7fi001", "fc_mine", "fco_7fi002", "rs_7fi003"]);
    assert_eq!(kept[1]["content"][0]["type"], "output_text");
    assert!(kept.iter().all(|item| item["type"].is_string()));
    let said = json!({"input": kept});
    assert!(read_request(&said).is_ok(), "what is kept can be said again: {said}");
}

#[test]
fn the_names_of_input_and_output_differ() {
    assert_ne!(ItemIds::of_input("resp_1").next("message"), ItemIds::of_output("resp_1").next("message"));
    assert_ne!(ItemIds::of_output("resp_1").next("message"), ItemIds::of_output("resp_2").next("message"));
}

#[test]
fn a_reference_becomes_the_item_or_is_refused() {
    let stored =
        json!({"type": "message", "id": "msg_1", "role": "user", "content": [{"type": "input_text", "text": "hi"}]});
    for reference in [json!({"type": "item_reference", "id": "msg_1"}), json!({"id": "msg_1"})] {
        let mut find = |id: &str| (id == "msg_1").then(|| stored.clone());
        let found = input_items(&json!([reference]), &mut ItemIds::of_input("resp_1"), &mut find);
        assert_eq!(found, Ok(vec![stored.clone()]));
        let missing = input_items(&json!([reference]), &mut ItemIds::of_input("resp_1"), &mut |_| None).unwrap_err();
        assert_eq!(missing.field, "input[0].id");
    }
    for (wrong, field) in [(json!(5), "input"), (json!([5]), "input[0]")] {
        let error = input_items(&wrong, &mut ItemIds::of_input("resp_1"), &mut |_| None).unwrap_err();
        assert_eq!(error.field, field);
    }
}

#[test]
fn a_conversation_goes_on_from_what_is_stored() {
    let history = items(&json!("What is 2+2?"));
    let answer = json!({"id": "msg_2", "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": "4", "annotations": [], "logprobs": []}]});
    let body =
        json!({"model": "chat", "previous_response_id": "resp_1", "input": "And 3+3?", "instructions": "Be brief."});
    let whole = with_history(&body, &[history, vec![answer]].concat(), &items(&body["input"]));
    assert!(whole.get("previous_response_id").is_none());
    assert_eq!(whole["instructions"], "Be brief.");
    let roles: Vec<&str> =
        whole["input"].as_array().unwrap().iter().map(|item| item["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert!(whole["input"].as_array().unwrap().iter().all(|item| item.get("id").is_none()), "names are ours alone");
    assert_eq!(read_request(&whole).unwrap().exchange.turns.len(), 3);
}

fn page(after: Option<&str>, limit: &str, order: Option<&str>) -> Value {
    let all: Vec<Value> = (0..5).map(|number| json!({"id": format!("i{number}")})).collect();
    Page::of(after, Some(limit), order).unwrap().cut(&all).unwrap()
}

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_client_that_follows_the_last_name_reads_each_item_once() {
    for (order, expected) in [(Some("asc"), ["i0", "i1", "i2", "i3", "i4"]), (None, ["i4", "i3", "i2", "i1", "i0"])] {
        for limit in ["1", "2", "4", "5", "100"] {
            let (mut all, mut after) = (Vec::new(), None::<String>);
            loop {
                let page = page(after.as_deref(), limit, order);
                assert_eq!(page["has_more"], !page["last_id"].is_null(), "the last page has no last name");
                all.extend(names(&page));
                match page["last_id"].as_str() {
                    Some(last) => after = Some(last.to_owned()),
                    None => break,
                }
            }
            assert_eq!(all, expected, "{order:?} by {limit}");
        }
    }
}

#[test]
fn a_page_of_nothing_has_no_names() {
    let page = Page::of(None, None, None).unwrap();
    assert_eq!(
        page.cut(&[]).unwrap(),
        json!({"object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false})
    );
}

#[test]
fn a_page_that_cannot_be_is_refused() {
    for (limit, order, param) in [
        (Some("0"), None, "limit"),
        (Some("101"), None, "limit"),
        (Some("x"), None, "limit"),
        (None, Some("up"), "order"),
    ] {
        assert_eq!(Page::of(None, limit, order).unwrap_err().param.as_deref(), Some(param));
    }
    let unknown = Page::of(Some("i9"), None, None).unwrap().cut(&[json!({"id": "i1"})]).unwrap_err();
    assert_eq!(unknown.param.as_deref(), Some("after"));
}

#[test]
fn every_text_that_costs_is_visited() {
    let body = json!({
        "instructions": "A", "model": "not this",
        "input": [
            {"role": "user", "content": "B"}, {"role": "user", "content": [{"type": "input_text", "text": "C"}]},
            {"type": "function_call", "name": "D", "arguments": "E", "call_id": "not this"},
            {"type": "function_call_output", "output": "F"}, {"type": "reasoning", "summary": [{"text": "G"}]},
        ],
        "tools": [{"type": "function", "name": "H", "description": "I", "parameters": {"j": 1}}],
        "text": {"format": {"type": "json_schema", "name": "K", "schema": {"l": 2}}},
    });
    let mut seen = Vec::new();
    texts(tape(&body).root(), &mut |text| seen.push(text.to_owned()));
    assert_eq!(seen, ["A", "B", "C", "D", "E", "F", "G", "H", "I", r#"{"j":1}"#, "K", r#"{"l":2}"#]);
}

#[test]
fn the_outline_is_the_few_fields() {
    let outline = Outline::of(tape(&json!({"model": "m", "stream": true, "max_output_tokens": 9, "previous_response_id": "r", "store": false, "background": true})).root()).unwrap();
    assert_eq!((outline.model.as_deref(), outline.stream, outline.max_output_tokens), (Some("m"), true, Some(9)));
    assert_eq!((outline.previous_response_id.as_deref(), outline.store, outline.background), (Some("r"), false, true));
    assert!(Outline::of(tape(&json!({})).root()).unwrap().store, "an answer is kept unless the caller says no");
    for field in ["model", "stream", "previous_response_id", "store", "background"] {
        assert_eq!(Outline::of(tape(&json!({field: 5})).root()).unwrap_err().param.as_deref(), Some(field));
    }
}
