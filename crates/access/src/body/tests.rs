#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

mod beside;

fn refused(text: &str) -> String {
    Json::from_body(Bytes::copy_from_slice(text.as_bytes())).unwrap_err().to_string()
}

#[test]
fn an_object_is_accepted() {
    let json = Json::from_body(Bytes::from_static(b" {\"a\": [1, {\"b\": \"]}\"}]} ")).unwrap();
    assert_eq!(json.0["a"][1]["b"], "]}");
}

#[test]
fn anything_but_an_object_is_refused_with_the_reason() {
    assert!(refused("").contains("empty"));
    assert!(refused("[1]").contains("must be a JSON object"));
    assert!(refused("{\"a\":").contains("not valid JSON"));
    assert!(refused("{\"a\": 1e999}").contains("not valid JSON"));
}

#[test]
fn a_name_that_stands_twice_is_refused_at_any_level() {
    assert!(refused("{\"model\": \"a\", \"model\": \"b\"}").contains("twice"));
    assert!(refused("{\"a\": [{\"b\": 1, \"b\": 1}]}").contains("twice"));
    // The same name written in two ways is the same name.
    assert!(refused("{\"model\": 1, \"\\u006dodel\": 2}").contains("twice"));
    assert!(Json::from_body(Bytes::from_static(b"{\"a\": {\"b\": 1}, \"b\": {\"a\": 1}}")).is_ok());
}

#[test]
fn values_come_through_as_they_were_written() {
    let text = "{\"z\":1,\"a\":[true,null,-3,2.5,18446744073709551615,\"\\u00e9\"],\"m\":{}}";
    let json = Json::from_body(Bytes::from_static(text.as_bytes())).unwrap();
    assert_eq!(json.0, serde_json::from_str::<Value>(text).unwrap());
    assert_eq!(json.0.as_object().unwrap().keys().collect::<Vec<_>>(), ["z", "a", "m"]);
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(refused(&deep).contains("nested deeper"));
}

#[test]
fn an_object_of_too_many_names_is_refused_at_any_level() {
    let names = |count: usize| (0..count).map(|number| format!("\"{number}\":0")).collect::<Vec<_>>().join(",");
    assert!(Json::from_body(Bytes::from(format!("{{{}}}", names(10_000)))).is_ok());
    for text in [format!("{{{}}}", names(10_001)), format!("{{\"a\":[{{{}}}]}}", names(10_001))] {
        assert!(refused(&text).contains("more than 10000 names"));
    }
}

#[test]
fn brackets_inside_strings_do_not_nest() {
    let text = format!("{{\"a\": \"{}\\\"[[\"}}", "[".repeat(500));
    assert!(Json::from_body(Bytes::from(text)).is_ok());
}

#[tokio::test]
async fn a_body_over_its_limit_is_not_read_to_the_end() {
    let body = http_body_util::Full::new(Bytes::from(vec![b' '; 100])).map_err(|never| match never {}).boxed_unsync();
    assert_eq!(read(body, 99).await, Err(BodyError::TooLarge { limit_bytes: 99 }));
}
