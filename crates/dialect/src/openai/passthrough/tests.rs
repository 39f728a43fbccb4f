#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value, json};

use super::*;

fn tape(body: &str) -> Tape<&str> {
    Tape::skim(body).unwrap()
}

fn rewritten(body: &str, ask_usage: bool) -> String {
    String::from_utf8(rewrite(&tape(body), &to_model("theirs", ask_usage)).unwrap()).unwrap()
}

fn to_model(model: &str, ask_usage: bool) -> Edits<'static> {
    Edits { put: vec![("model", Value::from(model).to_string())], ask_usage, ..Edits::default() }
}

#[test]
fn only_the_model_changes_and_every_other_byte_stays() {
    let body = "\n{ \"z\" : 1.0e2,\t\"model\":  \"ours\" ,\"new_field\":{\"model\":\"x\", \"n\":[ 1,2.50 ]}, \"t\":\"\\u00e9\\/\" }\n";
    assert_eq!(rewritten(body, false), body.replace("\"ours\"", "\"theirs\""));
}

#[test]
fn a_model_under_an_escaped_name_is_the_model_too() {
    assert_eq!(rewritten(r#"{"\u006dodel":"ours","a":1}"#, false), r#"{"\u006dodel":"theirs","a":1}"#);
}

#[test]
fn a_body_without_a_model_gets_one() {
    assert_eq!(rewritten(r#" {"a":1}"#, false), r#" {"model":"theirs","a":1}"#);
    assert_eq!(rewritten("{}", false), r#"{"model":"theirs"}"#);
}

#[test]
fn a_name_with_quotes_stays_one_string() {
    let out = rewrite(&tape(r#"{"model":"a"}"#), &to_model("x\",\"stream\":true,\"y\":\"", false)).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), json!({"model": "x\",\"stream\":true,\"y\":\""}));
}

#[test]
fn usage_is_asked_for_wherever_the_caller_left_it_open() {
    for (body, expected) in [
        (
            r#"{"model":"a","stream":true}"#,
            r#"{"stream_options":{"include_usage":true},"model":"theirs","stream":true}"#,
        ),
        (r#"{"stream_options":null,"model":"a"}"#, r#"{"stream_options":{"include_usage":true},"model":"theirs"}"#),
        (r#"{"model":"a","stream_options":{}}"#, r#"{"model":"theirs","stream_options":{"include_usage":true}}"#),
        (
            r#"{"model":"a","stream_options":{ "include_usage" : false, "x": 1 }}"#,
            r#"{"model":"theirs","stream_options":{ "include_usage" : true, "x": 1 }}"#,
        ),
        (
            r#"{"stream_options":{"x":1},"model":"a"}"#,
            r#"{"stream_options":{"include_usage":true,"x":1},"model":"theirs"}"#,
        ),
    ] {
        let out = rewritten(body, true);
        assert_eq!(
            serde_json::from_str::<Value>(&out).unwrap(),
            serde_json::from_str::<Value>(expected).unwrap(),
            "{body} → {out}"
        );
        assert!(out.len() <= expected.len(), "{body} → {out}");
    }
}

#[test]
fn several_members_are_put_and_taken_away_in_one_reading() {
    let put = vec![("model", "1".to_owned()), ("input", "[2]".to_owned()), ("store", "false".to_owned())];
    let edits = Edits { put, without: vec!["previous_response_id", "absent"], ask_usage: false };
    for (body, expected) in [
        ("{}", r#"{"model":1,"input":[2],"store":false}"#),
        (
            r#"{"input":"x","previous_response_id":"resp_1", "z":1}"#,
            r#"{"model":1,"store":false,"input":[2],"previous_response_id":null, "z":1}"#,
        ),
    ] {
        assert_eq!(String::from_utf8(rewrite(&tape(body), &edits).unwrap()).unwrap(), expected);
    }
}

#[test]
fn what_is_no_object_is_not_rewritten() {
    for body in ["[]", "1"] {
        assert_eq!(rewrite(&tape(body), &to_model("m", true)), Err(NotAnObject), "{body}");
    }
    for chunk in ["", "[]", "1", "{", "{\"model\":\"a\""] {
        assert_eq!(without_usage(chunk.as_bytes()), Err(NotAnObject), "{chunk}");
    }
}

#[test]
fn the_outline_reads_what_decides_and_names_what_is_wrong() {
    let body =
        json!({"model": "m", "stream": true, "stream_options": {"include_usage": true}, "n": 3, "temperature": 9});
    let outline = Outline::of(Tape::of_value(&body).unwrap().root());
    assert_eq!(outline, Ok(Outline { model: Some("m".to_owned()), stream: true, include_usage: true, choices: 3 }));
    for (body, param) in [
        (json!({"model": 1}), "model"),
        (json!({"stream": "yes"}), "stream"),
        (json!({"stream_options": true}), "stream_options"),
        (json!({"stream_options": {"include_usage": 1}}), "stream_options.include_usage"),
    ] {
        assert_eq!(
            Outline::of(Tape::of_value(&body).unwrap().root()).unwrap_err().param.as_deref(),
            Some(param),
            "{body}"
        );
    }
}

#[test]
fn a_member_goes_with_its_name_and_its_comma_wherever_it_stands() {
    for (body, expected) in [
        (r#"{"model":"a"}"#, "{}"),
        (r#"{ "model" : "a,b" , "n": 1.50 }"#, r#"{ "n": 1.50 }"#),
        (r#"{"n":1.50, "model":"a"}"#, r#"{"n":1.50}"#),
        (r#"{"n":1, "model":{"x":[1,2]} ,"z":2}"#, r#"{"n":1 ,"z":2}"#),
        (r#"{"\u006dodel":"a","z":2}"#, r#"{"z":2}"#),
        (r#"{"n":{"model":1}}"#, r#"{"n":{"model":1}}"#),
    ] {
        let out = without_member(&tape(body), "model").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
    assert_eq!(without_member(&tape("[1]"), "model"), Err(NotAnObject));
}
