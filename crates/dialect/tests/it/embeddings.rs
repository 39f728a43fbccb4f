//! Embeddings.

use dialect::openai::Observed;
use dialect::openai::embeddings::{
    EmbeddingsReply, EmbeddingsRequest, Encoding, Input, InputType, MAX_INPUTS, given_tokens, texts,
};
use serde_json::{Value, json};

use crate::tape;

fn parse(body: &Value) -> EmbeddingsRequest {
    EmbeddingsRequest::parse(body).unwrap()
}

#[test]
fn inputs_may_be_texts_or_tokens_one_or_many() {
    let texts = |texts: &[&str]| Input::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    for (input, expected) in [
        (json!("a"), texts(&["a"])),
        (json!(["a", "b"]), texts(&["a", "b"])),
        (json!([1, 2]), Input::Tokens(vec![vec![1, 2]])),
        (json!([[1, 2], [3]]), Input::Tokens(vec![vec![1, 2], vec![3]])),
    ] {
        assert_eq!(parse(&json!({ "input": input })).input, expected);
    }
    let all = json!({"model": "embed", "input": "a", "encoding_format": "base64", "dimensions": 64, "user": "u", "input_type": "query"});
    let read = parse(&all);
    assert_eq!((read.encoding, read.dimensions, read.input_type), (Encoding::Base64, Some(64), Some(InputType::Query)));
    assert_eq!(parse(&json!({"input": "a"})).encoding, Encoding::Float);
}

#[test]
fn what_cannot_be_embedded_is_refused_by_name() {
    let many: Vec<&str> = vec!["a"; MAX_INPUTS + 1];
    let rows = [
        (json!({}), "input"),
        (json!({"input": ""}), "input[0]"),
        (json!({"input": []}), "input"),
        (json!({"input": {}}), "input"),
        (json!({"input": ["a", ""]}), "input[1]"),
        (json!({"input": ["a", 5]}), "input[1]"),
        (json!({"input": [1, "a"]}), "input[1]"),
        (json!({"input": [1, -2]}), "input[1]"),
        (json!({"input": [1, 4_294_967_296_u64]}), "input[1]"),
        (json!({"input": [[1], []]}), "input[1]"),
        (json!({"input": [[1], [1.5]]}), "input[1][0]"),
        (json!({"input": [[1], "a"]}), "input[1]"),
        (json!({ "input": many }), "input"),
        (json!({"input": "a", "encoding_format": "int8"}), "encoding_format"),
        (json!({"input": "a", "dimensions": 0}), "dimensions"),
        (json!({"input": "a", "input_type": "image"}), "input_type"),
        (json!({"input": "a", "truncate": true}), "truncate"),
    ];
    for (body, field) in rows {
        assert_eq!(EmbeddingsRequest::parse(&body).unwrap_err().field, field);
    }
    assert!(EmbeddingsRequest::parse(&json!({"input": vec!["a"; MAX_INPUTS]})).is_ok());
}

fn reply(id: Option<&str>) -> EmbeddingsReply {
    EmbeddingsReply {
        id: id.map(str::to_owned),
        model: "embed".to_owned(),
        vectors: vec![vec![0.1, -1.0, 0.0], vec![1.5, f32::MIN_POSITIVE, 3.0]],
        prompt_tokens: 5,
    }
}

#[test]
fn vectors_are_numbers_as_short_as_they_are_exact() {
    let body = String::from_utf8(reply(None).to_json(Encoding::Float).unwrap()).unwrap();
    assert!(body.contains("[0.1,-1.0,0.0]"), "{body}");
    assert!(body.contains(r#""usage":{"prompt_tokens":5,"total_tokens":5}"#) && !body.contains("\"id\""), "{body}");
}

#[test]
fn base64_holds_the_same_numbers_little_end_first() {
    let body: Value = serde_json::from_slice(&reply(Some("emb-1")).to_json(Encoding::Base64).unwrap()).unwrap();
    assert_eq!(body["id"], "emb-1");
    // 0.1, −1 and 0: cd cc cc 3d, 00 00 80 bf, 00 00 00 00.
    assert_eq!(body["data"][0]["embedding"], "zczMPQAAgL8AAAAA");
    assert_eq!(body["data"][1]["index"], 1);
}

#[test]
fn the_usage_of_an_answer_that_is_handed_on_is_seen() {
    let mut seen = Observed::default();
    seen.whole(&reply(None).to_json(Encoding::Base64).unwrap());
    let usage = seen.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (5, 0));
}

#[test]
fn texts_and_tokens_are_counted_apart() {
    let mut seen = Vec::new();
    for input in [json!("a"), json!(["b", "c"]), json!([1, 2]), json!([[1, 2], [3]])] {
        texts(tape(&json!({ "input": input })).root(), &mut |text| seen.push(text.to_owned()));
    }
    assert_eq!(seen, ["a", "b", "c"]);
    assert_eq!(given_tokens(tape(&json!({"input": [1, 2]})).root()), 2);
    assert_eq!(given_tokens(tape(&json!({"input": [[1, 2], [3]]})).root()), 3);
    assert_eq!(given_tokens(tape(&json!({"input": ["a"]})).root()), 0);
}
