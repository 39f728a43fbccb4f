//! A body that is gone over once is taken, refused and read as one that is parsed.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Bodies as people send them, and near it.
fn body() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("null"),
        Just("true"),
        Just("-0"),
        Just("7"),
        Just("2.50"),
        Just("1e3"),
        Just("1e999"),
        Just("18446744073709551616"),
        Just("\"a\\nb\""),
        Just("\"\\ud83d\\ude00\""),
        Just("\"\\ud83d\""),
        Just("\"]}\""),
        Just("nul"),
        Just("\"\t\""),
        Just("[]"),
        Just("{\"a\":{}}"),
    ];
    let deep = (60_usize..70).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let leaf = prop_oneof![20 => word.prop_map(str::to_owned), 1 => deep];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![8 => "[a-f]{1,2}".prop_map(String::from), 1 => Just("\\u0061".to_owned())];
        let members = vec((name, inner.clone()), 0..5);
        let object = members.prop_map(|members| {
            let members: Vec<String> =
                members.into_iter().map(|(name, value)| format!("\"{name}\" :{value}")).collect();
            format!(" {{{}}}\n", members.join(","))
        });
        prop_oneof![3 => object, 1 => vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(", ")))]
    })
}

fn agrees(text: &[u8]) {
    let bytes = Bytes::copy_from_slice(text);
    match (parse_json(text), InferenceJson::from_body(bytes.clone())) {
        (Ok(value), Ok(body)) => {
            assert_eq!(body.bytes(), &bytes);
            assert_eq!(body.root().to_value(), value);
            assert_eq!(body.into_value(), value);
        }
        (parsed, read) => assert_eq!(parsed.err(), read.err()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_gone_over_once_is_what_is_parsed(text in body(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        agrees(text.as_bytes());
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        agrees(&bytes);
        bytes.truncate(at);
        agrees(&bytes);
    }
}
