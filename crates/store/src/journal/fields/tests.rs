#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::write;
use crate::journal::{ConditionInputs, Record};

/// What no record has more of, of one kind.
const ENOUGH: usize = 40;

fn written(record: &Record) -> String {
    let mut line = b"before ".to_vec();
    write(&mut line, record).unwrap();
    String::from_utf8(line).unwrap().strip_prefix("before ").unwrap().to_owned()
}

/// Plain ones of all lengths, ones with a single odd character anywhere, and ones of odd characters alone.
fn text() -> impl Strategy<Value = String> {
    let odd = "[\\x00-\\x1f\"\\\\/\\x7fé\u{2028}\u{1f600}]";
    prop_oneof![
        "[a-zA-Z0-9/@. -]{0,80}",
        (any::<[u8; 2]>(), odd).prop_map(|([before, after], odd)| {
            format!("{}{odd}{}", "b".repeat(usize::from(before % 40)), "a".repeat(usize::from(after % 40)))
        }),
        "[\\x00-\\x1f\"\\\\\\x7fé\u{2028}\u{1f600}]{0,20}",
        ".{0,40}",
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..100_000_u64, Just(0), Just(u64::MAX)]
}

fn time() -> impl Strategy<Value = Timestamp> {
    let seconds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    let nanoseconds = prop_oneof![Just(0), 0..1_000_000_000, (0..1000).prop_map(|millis| millis * 1_000_000)];
    let at = |(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds).ok();
    (prop_oneof![seconds, 0..4_000_000_000_i64], nanoseconds).prop_filter_map("there is such a time", at)
}

fn inputs() -> impl Strategy<Value = ConditionInputs> {
    let some = || btree_map(text(), vec(text(), 0..3), 0..3).prop_map(BTreeMap::from_iter);
    (some(), some()).prop_map(|(request, resource)| ConditionInputs { request, resource })
}

/// Records with anything in any field, or nothing where that may be.
fn record() -> impl Strategy<Value = Record> {
    let texts = vec(option::weighted(0.8, text()), ENOUGH);
    let numbers = vec(option::weighted(0.8, number()), ENOUGH);
    let ids = vec(option::weighted(0.8, any::<u128>()), ENOUGH);
    let answers = vec(any::<Option<bool>>(), ENOUGH);
    (time(), texts, numbers, ids, answers, option::of(inputs()), any::<u16>()).prop_map(
        |(time, texts, numbers, ids, answers, condition_inputs, status)| {
            let (mut texts, mut numbers) = (texts.into_iter(), numbers.into_iter());
            let (mut ids, mut answers) = (ids.into_iter(), answers.into_iter());
            let mut text = || texts.next().unwrap();
            let mut number = || numbers.next().unwrap();
            let mut id = || ids.next().unwrap().map(Uuid::from_u128);
            let mut answer = || answers.next().unwrap();
            Record {
                time,
                decision_id: id().unwrap_or_default(),
                request_id: id().unwrap_or_default(),
                plane: text().unwrap_or_default().into(),
                method: text().unwrap_or_default().into(),
                route: text().unwrap_or_default().into(),
                target: text().map(Into::into),
                principal_id: id(),
                principal_type: text().map(Into::into),
                principal_label: text().map(Into::into),
                credential: text().unwrap_or_default().into(),
                action: text().map(Into::into),
                is_data_action: answer(),
                asked: text().map(Into::into),
                outcome: text().unwrap_or_default().into(),
                step: text().unwrap_or_default().into(),
                reason: text(),
                assignment: text().map(Into::into),
                role: id(),
                role_name: text().map(Into::into),
                via_group: answer(),
                deny_assignment: text(),
                condition_inputs,
                status,
                snapshot_version: number().unwrap_or_default(),
                account: text(),
                project: text(),
                deployment: text().map(Into::into),
                model: text().map(Into::into),
                upstream: text().map(Into::into),
                agent: text(),
                run: text(),
                on_behalf_of: id(),
                connection: text(),
                connection_identity: id(),
                credential_kind: text().map(Into::into),
                upstream_host: text(),
                prompt_tokens: number(),
                completion_tokens: number(),
                cached_input_tokens: number(),
                cache_write_tokens: number(),
                reasoning_tokens: number(),
                usage_estimated: answer(),
                first_byte_us: number(),
                duration_us: number().unwrap_or_default(),
                finish: text().map(Into::into),
                sampled_of: number(),
            }
        },
    )
}

proptest! {
    #[test]
    fn a_record_is_written_as_serde_json_writes_it_and_is_read_back(record in record()) {
        let written = written(&record);
        prop_assert_eq!(&written, &serde_json::to_string(&record).unwrap());
        prop_assert_eq!(serde_json::from_str::<Record>(&written).unwrap(), record);
    }
}

#[test]
fn a_character_is_written_the_same_wherever_it_stands() {
    let characters: Vec<char> = ('\0'..='\u{ff}').chain(['\u{2028}', '\u{fffd}', '\u{1f600}']).collect();
    for length in 0..20 {
        for at in 0..=length {
            for odd in &characters {
                let text = format!("{}{odd}{}", "b".repeat(at), "a".repeat(length - at));
                let mut line = Vec::new();
                super::Json::write(text.as_str(), &mut line).unwrap();
                assert_eq!(String::from_utf8(line).unwrap(), serde_json::to_string(&text).unwrap(), "{text:?}");
            }
        }
    }
}

#[test]
fn a_record_of_nothing_leaves_out_what_may_be_left_out() {
    let nothing = written(&Record::default());
    assert_eq!(nothing, serde_json::to_string(&Record::default()).unwrap());
    assert!(!nothing.contains("step") && nothing.contains("\"outcome\":\"\""), "{nothing}");
}
