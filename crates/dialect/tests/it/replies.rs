//! Events and the list of models on the wire.

use dialect::openai::{ModelEntry, models_list};
use dialect::sse;
use serde_json::Value;

use crate::golden;

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn no_text_can_break_out_of_its_event() {
    let event = sse::data(&serde_json::json!({"content": "a\n\ndata: [DONE]\r\n\r\nb\u{2028}"})).unwrap();
    let text = std::str::from_utf8(&event).unwrap();
    assert_eq!(text.matches('\n').count(), 2, "{text:?}");
    assert!(text.ends_with("\n\n") && !text.contains('\r'));
}

#[test]
fn a_named_event_has_its_name_in_front() {
    let event = sse::event(Some("response.created"), &serde_json::json!({"a": 1})).unwrap();
    assert_eq!(event.as_ref(), b"event: response.created\ndata: {\"a\":1}\n\n");
}

#[test]
fn the_list_of_models() {
    let entry = ModelEntry {
        id: "chat".to_owned(),
        created: 1_763_800_000,
        owned_by: "HuggingFaceTB".to_owned(),
        model: "SmolLM2-135M-Instruct".to_owned(),
        version: "1".to_owned(),
        is_embedding: false,
    };
    golden::check("openai/models.json", &pretty(&models_list(&[entry])));
}
