//! The routes `/models/*`.

use dialect::openai::foundry_models::{CHAT_FIELDS, EMBEDDINGS_FIELDS, ExtraParameters, ModelError, ModelType, info};
use serde_json::{Value, json};

use crate::tape;

fn applied(rule: ExtraParameters, body: Value) -> Result<Value, String> {
    let left = rule.apply(tape(&body).root(), &CHAT_FIELDS);
    left.map(|left| left.unwrap_or(body)).map_err(|error| error.param.unwrap_or_default())
}

#[test]
fn unknown_fields_go_by_the_word_of_the_header() {
    let (known, unknown) = (json!({"model": "m", "top_p": 1}), json!({"model": "m", "safe_mode": true, "top_p": 1}));
    assert_eq!(applied(ExtraParameters::Error, unknown.clone()), Err("safe_mode".to_owned()));
    assert_eq!(applied(ExtraParameters::Drop, unknown.clone()), Ok(known.clone()));
    assert_eq!(applied(ExtraParameters::PassThrough, unknown.clone()), Ok(unknown));
    assert_eq!(applied(ExtraParameters::Error, known.clone()), Ok(known));
}

#[test]
fn without_a_header_unknown_fields_are_refused() {
    for (header, rule) in [
        (None, ExtraParameters::Error),
        (Some(""), ExtraParameters::Error),
        (Some("error"), ExtraParameters::Error),
        (Some("Drop"), ExtraParameters::Drop),
        (Some(" pass-through "), ExtraParameters::PassThrough),
    ] {
        assert_eq!(ExtraParameters::of(header), Ok(rule), "{header:?}");
    }
    let error = ExtraParameters::of(Some("allow")).unwrap_err();
    assert_eq!((error.status, error.param.as_deref()), (400, Some("extra-parameters")));
}

#[test]
fn an_embedding_has_its_own_fields() {
    let mut body = json!({"input": ["a"], "input_type": "query"});
    assert!(ExtraParameters::Error.apply(tape(&body).root(), &EMBEDDINGS_FIELDS).is_ok());
    body["user"] = json!("u");
    assert_eq!(ExtraParameters::Error.apply(tape(&body).root(), &EMBEDDINGS_FIELDS).unwrap_err().status, 400);
}

#[test]
fn its_errors_and_its_info() {
    let unknown = ModelError::unknown_model("gpt-9");
    assert_eq!(unknown.status, 404);
    let body = json!({"error": {"code": "unknown_model", "message": "Unknown model: gpt-9", "details": "Unknown model: gpt-9"}});
    assert_eq!(unknown.to_json(), body);
    let nameless = ModelError::no_model_name();
    assert_eq!((nameless.status, &nameless.to_json()["error"]["code"]), (400, &json!("no_model_name")));
    assert!(nameless.message.contains("x-ms-model-mesh-model-name"));
    let expected = json!({"model_name": "m", "model_type": "chat_completion", "model_provider_name": "p"});
    assert_eq!(info("m", ModelType::ChatCompletion, "p"), expected);
}
