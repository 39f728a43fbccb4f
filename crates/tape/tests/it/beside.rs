//! A tape and `serde_json` agree on every text, whole or damaged.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use tape::{Node, Tape};

/// Texts of JSON as people write it, and near it.
fn text() -> impl Strategy<Value = String> {
    let blank = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\n\t\r ")];
    let word = prop_oneof![
        Just("null"),
        Just("true"),
        Just("false"),
        Just("0"),
        Just("-0"),
        Just("7"),
        Just("-12"),
        Just("2.50"),
        Just("1e3"),
        Just("1E-2"),
        Just("1e999"),
        Just("18446744073709551616"),
        Just("-9223372036854775809"),
        Just("01"),
        Just("1."),
        Just("nul"),
        Just("+1"),
        Just("-"),
        Just("0.1e+7"),
        Just("NaN"),
    ];
    let string = prop_oneof![
        4 => "[a-c]{0,2}".prop_map(|text| format!("\"{text}\"")),
        2 => r#"([ -~é€😀]|\\n|\\"|\\\\|\\u00e9|\\u0061){0,24}"#.prop_map(|text| format!("\"{}\"", text.replace('"', "\\\""))),
        1 => r#"(a|\\ud83d\\ude00|\\udead|\\x|\\u12|\t){1,3}"#.prop_map(|text| format!("\"{text}\"")),
    ];
    let leaf = prop_oneof![word.prop_map(str::to_owned), string.clone()];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let (blank, string) = (blank.clone(), string.clone());
        let item =
            (blank.clone(), inner, blank.clone()).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        let name = (blank.clone(), string, blank).prop_map(|(before, name, after)| format!("{before}{name}{after}"));
        prop_oneof![
            vec(item.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            vec((name, item).prop_map(|(name, value)| format!("{name}:{value}")), 0..6)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// The value as the tape tells it, member by member.
fn told(node: Node<'_>) -> Value {
    if node.is_object() {
        let member = |(name, value): (Node<'_>, Node<'_>)| (name.as_str().unwrap().into_owned(), told(value));
        return Value::Object(node.members().map(member).collect());
    }
    if node.is_list() {
        return Value::Array(node.items().map(told).collect());
    }
    match (node.as_str(), node.as_bool(), node.as_u64()) {
        (Some(text), _, _) => Value::String(text.into_owned()),
        (_, Some(flag), _) => Value::Bool(flag),
        (_, _, Some(number)) => Value::from(number),
        _ if node.is_null() => Value::Null,
        _ => node.to_value(),
    }
}

fn agrees(text: &[u8]) {
    let parsed = serde_json::from_slice::<Value>(text);
    let Some(tape) = Tape::of(text, 100) else {
        assert!(parsed.is_err(), "a tape refuses what a parser takes");
        return;
    };
    let Ok(parsed) = parsed else {
        assert!(tape.is_doubtful(), "a tape is sure of what a parser refuses");
        return;
    };
    assert_eq!(tape.root().to_value(), parsed);
    if !tape.is_doubtful() {
        assert_eq!(told(tape.root()), parsed);
        assert_eq!(tape.root().compact(), parsed.to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tape_takes_what_a_parser_takes(text in text()) {
        agrees(text.as_bytes());
    }

    #[test]
    fn a_damaged_text_is_no_other_text(text in text(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        agrees(&bytes);
        bytes.truncate(at);
        agrees(&bytes);
    }
}
