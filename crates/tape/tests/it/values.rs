//! What is read of a tape.

use serde_json::json;
use tape::Tape;

const DEPTH: usize = 64;

fn is_sure(text: &str) -> Option<bool> {
    Tape::of(text, DEPTH).map(|tape| !tape.is_doubtful())
}

#[test]
fn members_are_found_by_name_and_place() {
    let text = r#" { "a" : [1, {"b":"x"}] , "\u0061b":null,"c":"\n\u00e9" } "#;
    let tape = Tape::of(text, DEPTH).unwrap();
    let root = tape.root();
    assert_eq!(root.get("a").unwrap().items().nth(1).unwrap().get("b").unwrap().as_str().as_deref(), Some("x"));
    assert_eq!(&text[root.get("a").unwrap().span()], r#"[1, {"b":"x"}]"#);
    assert!(root.get("ab").unwrap().is_null() && root.given("ab").is_none() && root.get("b").is_none());
    assert_eq!(root.get("c").unwrap().as_str().as_deref(), Some("\né"));
    assert_eq!(root.compact(), r#"{"a":[1,{"b":"x"}],"ab":null,"c":"\né"}"#);
    assert_eq!(root.members().count(), 3);
}

#[test]
fn a_value_of_one_kind_is_not_taken_for_another() {
    let tape = Tape::of_value(&json!({"n": 7, "s": "7", "t": true, "l": [], "o": {}, "z": -0.0, "f": 7.0})).unwrap();
    let of = |name: &str| tape.root().get(name).unwrap();
    assert_eq!([of("n").as_u64(), of("s").as_u64(), of("z").as_u64(), of("f").as_u64()], [Some(7), None, None, None]);
    assert_eq!((of("t").as_bool(), of("n").as_bool(), of("n").as_str()), (Some(true), None, None));
    assert_eq!((of("o").items().count(), of("l").members().count(), of("s").get("x").is_none()), (0, 0, true));
}

#[test]
fn what_only_a_parser_can_tell_is_a_doubt() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"x":[{"a":1,"b":{},"a":2}]}"#,
        r#"{"\u0061":1}"#,
        r#"{"a":1e5}"#,
        r#""\ud83d\ude00""#,
        r#""\uDc00""#,
    ] {
        assert_eq!(is_sure(text), Some(false), "{text}");
    }
    let names =
        |count: usize| (0..count).map(|name| format!("\"{name}\":[0,{{\"0\":1}}]")).collect::<Vec<_>>().join(",");
    assert_eq!(is_sure(&format!("{{{}}}", names(32))), Some(true));
    assert_eq!(is_sure(&format!("{{{}}}", names(34))), Some(false));
    assert!(!Tape::skim(r#"{"a":1,"a":2}"#).unwrap().is_doubtful());
}

#[test]
fn depth_is_counted_to_the_limit_and_not_beyond() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!((is_sure(&nested(DEPTH)), is_sure(&nested(DEPTH + 1))), (Some(true), None));
}
