//! The language of conditions, from outside.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use rbac::{Attributes, Condition, ConditionError, MAX_CONDITION_BYTES, MAX_CONDITION_NESTING, Truth};
use serde::Deserialize;
use serde_json::Value;

use crate::generate::ACTIONS;
use crate::generate::condition::{condition_text, known};

use crate::second_opinion;
use crate::tenant::conformance;

/// One line of `conformance/conditions/operators.json`.
#[derive(Deserialize)]
struct Line {
    condition: String,
    expected: String,
    #[serde(default = "write_action")]
    action: String,
    #[serde(default)]
    request: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    resource: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    environment: BTreeMap<String, OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn write_action() -> String {
    WRITE.to_owned()
}

#[test]
fn every_operator_decides_as_the_table_says() {
    let text = std::fs::read_to_string(conformance("conditions/operators.json")).unwrap();
    let lines: Vec<Line> = serde_json::from_str(&text).unwrap();
    assert!(lines.len() > 60);
    for line in lines {
        let many = |value| match value {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        let attributes = Attributes {
            request: line.request,
            resource: line.resource,
            principal: None,
            environment: line
                .environment
                .into_iter()
                .map(|(name, value)| (name, many(value)))
                .collect::<rbac::Values>()
                .into(),
        };
        let condition = Condition::parse(&line.condition).unwrap_or_else(|error| panic!("{error}: {}", line.condition));
        let found = match condition.evaluate(&line.action, &attributes) {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Unknown => "undecided",
        };
        assert_eq!(found, line.expected, "{} {attributes:?}", line.condition);
    }
}

const ROLE: &str = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";

fn truth(text: &str, attributes: &Attributes) -> Truth {
    Condition::parse(text).unwrap_or_else(|error| panic!("{error}: {text}")).evaluate(WRITE, attributes)
}

#[test]
fn every_condition_of_the_public_role_data_can_be_read() {
    let text = std::fs::read_to_string(conformance("conditions/roles-with-conditions.json")).unwrap();
    let roles: Vec<Value> = serde_json::from_str(&text).unwrap();
    let objects = roles.iter().flat_map(|role| role["permissions"].as_array().unwrap());
    let conditions: Vec<&str> = objects.filter_map(|object| object["condition"].as_str()).collect();
    assert_eq!(conditions.len(), 31);
    for text in conditions {
        Condition::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}

#[test]
fn guids_compare_with_and_without_dashes_and_at_the_end_of_a_path() {
    let condition = format!(
        "@Request[{ROLE}] ForAnyOfAnyValues:GuidEquals{{53ca6127db724b80b1b0d745d6d5456d, eed3b665-ab3a-47b6-8f48-c9382fb1dad6}}"
    );
    for value in [
        "53ca6127-db72-4b80-b1b0-d745d6d5456d",
        "53CA6127DB724B80B1B0D745D6D5456D",
        "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/eed3b665-ab3a-47b6-8f48-c9382fb1dad6",
    ] {
        assert_eq!(truth(&condition, &Attributes::none().with_request(ROLE, value)), Truth::True, "{value}");
    }
    let owner = Attributes::none().with_request(ROLE, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
    assert_eq!(truth(&condition, &owner), Truth::False);
    let no_guid = Attributes::none().with_request(ROLE, "Owner");
    assert_eq!(truth(&condition, &no_guid), Truth::Unknown);
}

#[test]
fn a_missing_attribute_decides_nothing_even_negated() {
    let none = Attributes::none();
    for text in [
        "@Request[a] StringEquals 'x'",
        "@Request[a] StringNotEquals 'x'",
        "!(@Request[a] StringEquals 'x')",
        "NOT @Request[a] StringEquals 'x'",
        "@Request[a] StringEquals @Resource[a]",
        "@Request[a] ForAllOfAllValues:StringNotEquals {'x'}",
    ] {
        assert_eq!(truth(text, &none), Truth::Unknown, "{text}");
    }
    assert_eq!(truth("Exists @Request[a]", &none), Truth::False);
    assert_eq!(truth("NOT Exists @Request[a]", &none), Truth::True);
    assert_eq!(truth("(@Request[a] StringEquals 'x') OR (NOT Exists @Request[a])", &none), Truth::True);
    assert_eq!(truth("(@Request[a] StringEquals 'x') AND (Exists @Request[a])", &none), Truth::False);
}

#[test]
fn the_source_of_an_attribute_matters_and_the_case_of_its_name_does_not() {
    let attributes = Attributes::none().with_request(ROLE, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
    let compare =
        |source: &str, name: &str| format!("@{source}[{name}] GuidEquals 8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
    assert_eq!(truth(&compare("request", &ROLE.to_uppercase()), &attributes), Truth::True);
    assert_eq!(truth(&compare("Resource", ROLE), &attributes), Truth::Unknown);
}

fn refused(text: &str) -> String {
    Condition::parse(text).unwrap_err().to_string()
}

#[test]
fn a_condition_over_its_limits_is_refused_without_harm() {
    let padding = " ".repeat(MAX_CONDITION_BYTES);
    assert!(Condition::parse(&format!("true BoolEquals true{}", &padding[20..])).is_ok());
    let long = format!("true BoolEquals true{}", &padding[19..]);
    assert_eq!(refused(&long), "the condition has 8193 bytes, more than 8192");
    let deep = |depth: usize| format!("{}true BoolEquals true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Condition::parse(&deep(MAX_CONDITION_NESTING)).is_ok());
    for depth in [MAX_CONDITION_NESTING + 1, 1000, 4000] {
        assert_eq!(refused(&deep(depth)), "the condition nests deeper than 50 at line 1, column 51");
    }
    for sign in ["!", "(", "NOT(", "!\n"] {
        let error = Condition::parse(&sign.repeat(MAX_CONDITION_BYTES / sign.len())).unwrap_err();
        assert!(matches!(error, ConditionError::TooDeep { .. }), "{sign:?}: {error}");
    }
}

#[test]
fn the_deepest_condition_is_decided_and_traced_and_dropped() {
    let text = "!(".repeat(MAX_CONDITION_NESTING / 2) + "true BoolEquals true" + &")".repeat(MAX_CONDITION_NESTING / 2);
    let negations = "!".repeat(MAX_CONDITION_NESTING) + "true BoolEquals true";
    for text in [text, negations] {
        let condition = Condition::parse(&text).unwrap();
        let expected = Truth::from(text.matches('!').count() % 2 == 0);
        assert_eq!(condition.evaluate(WRITE, &Attributes::none()), expected);
        let trace = serde_json::to_string(&condition.trace(WRITE, &Attributes::none())).unwrap();
        assert!(serde_json::from_str::<Value>(&trace).is_ok(), "a reader of JSON takes it");
    }
}

#[test]
fn as_many_parts_as_fit_are_read() {
    let one = "1 NumericEquals 1";
    let many = vec![one; MAX_CONDITION_BYTES / (one.len() + 4)].join(" OR ");
    assert_eq!(truth(&many, &Attributes::none()), Truth::True);
    let set = vec!["0"; 2000].join(", ");
    assert_eq!(truth(&format!("1 ForAnyOfAnyValues:NumericEquals{{{set}}}"), &Attributes::none()), Truth::False);
}

#[test]
fn and_beside_or_is_ambiguous() {
    let (a, b, c) = ("1 NumericEquals 1", "2 NumericEquals 3", "4 NumericEquals 4");
    for text in [format!("{a} AND {b} OR {c}"), format!("{a} || {b} && {c}")] {
        assert!(matches!(Condition::parse(&text), Err(ConditionError::Ambiguous { .. })), "{text}");
    }
    assert_eq!(truth(&format!("({a} AND {b}) OR {c}"), &Attributes::none()), Truth::True);
    assert_eq!(truth(&format!("{a} AND ({b} OR {c})"), &Attributes::none()), Truth::True);
    assert_eq!(truth(&format!("{a} && {b} && {c}"), &Attributes::none()), Truth::False);
}

/// A text, and all that is said about it.
const REFUSED: [(&str, &str); 38] = [
    ("", "expected an expression at line 1, column 1, found the end"),
    ("(", "expected an expression at line 1, column 2, found the end"),
    ("()", "expected an expression at line 1, column 2, found `)`"),
    ("true", "expected an operator such as `StringEquals` at line 1, column 5, found the end"),
    ("(true BoolEquals true", "expected `AND`, `OR` or `)` at line 1, column 22, found the end"),
    ("true BoolEquals true)", "expected `AND`, `OR` or the end at line 1, column 21, found `)`"),
    ("true BoolEquals true AND", "expected an expression at line 1, column 25, found the end"),
    ("AND true BoolEquals true", "expected an expression at line 1, column 1, found `AND`"),
    ("@Request[a] StringEquals", "expected a value or an attribute at line 1, column 25, found the end"),
    (
        "@Request[a] StringSounds 'x'",
        "expected an operator such as `StringEquals` at line 1, column 13, found `StringSounds`; did you mean `StringEquals`?",
    ),
    (
        "@Request[a] StringEqual 'x'",
        "expected an operator such as `StringEquals` at line 1, column 13, found `StringEqual`; did you mean `StringEquals`?",
    ),
    ("@Request[a] == 'x'", "expected an operator such as `StringEquals` at line 1, column 13, found `=`"),
    ("@Request[a StringEquals 'x'", "expected `]` behind the name of an attribute at line 1, column 25, found `'`"),
    ("@Request a StringEquals 'x'", "expected `[` and the name of an attribute at line 1, column 10, found `a`"),
    (
        "@Requst[a] StringEquals 'x'",
        "expected `@Request`, `@Resource`, `@Principal` or `@Environment` at line 1, column 1, found `@Requst`; did you mean `@Request`?",
    ),
    (
        "@Somewhere[a] StringEquals 'x'",
        "expected `@Request`, `@Resource`, `@Principal` or `@Environment` at line 1, column 1, found `@Somewhere`",
    ),
    ("@Request[] StringEquals 'x'", "expected the name of an attribute at line 1, column 10, found `]`"),
    ("@Request[a] StringEquals 'x", "expected a closing `'` for the text at line 1, column 26, found the end"),
    (
        "@Request[a] StringEquals x",
        "expected a value or an attribute at line 1, column 26, found `x`; texts and times stand in single quotes",
    ),
    (
        "@Request[a] StringEquals \"x\"",
        "expected a value or an attribute at line 1, column 26, found `\"`; texts and times stand in single quotes",
    ),
    ("@Request[a] StringEquals {'x' 'y'}", "expected `,` or `}` at line 1, column 31, found `'y'`"),
    ("@Request[a] StringEquals {'x',}", "expected a value at line 1, column 31, found `}`"),
    (
        "@Request[a] ForAnyOfAnyValues:StringStartsWith {'x'}",
        "expected an operator that takes a quantifier at line 1, column 31, found `StringStartsWith`",
    ),
    (
        "@Request[a] ForAnyOfAnyValues:DateTimeEquals {'x'}",
        "expected an operator that takes a quantifier at line 1, column 31, found `DateTimeEquals`",
    ),
    (
        "@Request[a] ForAnyOfAnyValue:StringEquals {'x'}",
        "expected a quantifier such as `ForAnyOfAnyValues` at line 1, column 13, found `ForAnyOfAnyValue`; did you mean `ForAnyOfAnyValues`?",
    ),
    (
        "@Request[a] ForAnyOfAnyValues: {'x'}",
        "expected an operator behind the quantifier at line 1, column 32, found `{`",
    ),
    (
        "@Request[a] GuidLessThan 8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "expected an operator such as `StringEquals` at line 1, column 13, found `GuidLessThan`; did you mean `NumericLessThan`?",
    ),
    (
        "@Request[a] NumericEquals 1.5",
        "expected a value or an attribute at line 1, column 27, found `1.5`; texts and times stand in single quotes",
    ),
    ("@Request[a] NumericEquals '1.5'", "expected an integer at line 1, column 27, found `'1.5'`"),
    ("@Request[a] ForAnyOfAnyValues:NumericEquals {1, 'x'}", "expected an integer at line 1, column 49, found `'x'`"),
    ("@Request[a] BoolEquals 1", "expected `true` or `false` at line 1, column 24, found `1`"),
    ("@Request[a] GuidEquals 'Owner'", "expected a GUID at line 1, column 24, found `'Owner'`"),
    (
        "'tomorrow' DateTimeGreaterThan @Environment[UtcNow]",
        "expected a time such as `'2026-01-31T12:00:00Z'` at line 1, column 1, found `'tomorrow'`",
    ),
    ("ActionMatches{a}", "expected an action in single quotes at line 1, column 15, found `a`"),
    ("ActionMatches{'a'", "expected `}` at line 1, column 18, found the end"),
    (
        "ActionMatch{'a'}",
        "expected an expression at line 1, column 1, found `ActionMatch`; did you mean `ActionMatches`?",
    ),
    ("Exists 'a'", "expected an attribute such as `@Request[…]` at line 1, column 8, found `'a'`"),
    ("1 NumericEquals 1 & 1 NumericEquals 1", "expected `AND`, `OR` or the end at line 1, column 19, found `&`"),
];

#[test]
fn what_is_no_condition_is_refused_with_its_place_and_what_was_expected() {
    for (text, expected) in REFUSED {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn lines_and_columns_are_counted_as_an_editor_does() {
    let text = "(\n  @Request[a] StringEquals 'é€😀'\r\n  AND @Request[b] StringEquals 'é' Nonsense\n)";
    assert_eq!(refused(text), "expected `AND`, `OR` or `)` at line 3, column 36, found `Nonsense`");
    assert_eq!(refused("'é\né' ~"), "expected an operator such as `StringEquals` at line 2, column 4, found `~`");
    assert_eq!(
        refused("1 NumericEquals 1 OR\n1 NumericEquals 1 AND 1 NumericEquals 1"),
        "`AND` and `OR` stand side by side at line 2, column 19: put parentheses around one of them"
    );
    assert_eq!(refused("\u{0}"), "expected an expression at line 1, column 1, found `\\u{0}`");
}

#[test]
fn the_first_mistake_is_the_one_that_is_told() {
    let error = refused("@Request[a] StringEqual 'x' AND @Nowhere[b] StringEquals 'unended");
    assert!(error.contains("column 13") && error.contains("`StringEqual`"), "{error}");
}

#[test]
fn a_quantifier_may_stand_apart_and_a_set_close() {
    let attributes = Attributes::none().with_request("a", "x");
    for text in [
        "@Request[a]ForAnyOfAnyValues:StringEquals{'x','y'}",
        "@Request [ a ] foranyofanyvalues : stringequals { 'x' , 'y' }",
        "{'y','x'} ForAnyOfAllValues:StringEquals @request[A]",
    ] {
        assert_eq!(truth(text, &attributes), Truth::True, "{text}");
    }
}

#[test]
fn a_trace_shows_what_each_part_came_to_and_the_values_that_were_seen() {
    let text = "(!(ActionMatches{'x/write'})) OR (@Request[n] NumericLessThan 3 AND (Exists @Resource[a] AND \
                @Resource[a] ForAnyOfAnyValues:StringEquals {'x', 'y'}))";
    let attributes = Attributes::none().with_request("n", "7");
    let trace = Condition::parse(text).unwrap().trace("X/write", &attributes);
    let expected = serde_json::json!({
        "text": text, "truth": "false",
        "parts": [
            {"text": "!(ActionMatches{'x/write'})", "truth": "false", "parts": [
                {"text": "ActionMatches{'x/write'}", "truth": "true"},
            ]},
            {
                "text": text.split_once(" OR (").unwrap().1.strip_suffix(')').unwrap(), "truth": "false",
                "parts": [
                    {"text": "@Request[n] NumericLessThan 3", "truth": "false",
                     "seen": [{"values": ["7"]}, {"values": ["3"]}]},
                    {
                        "text": "Exists @Resource[a] AND @Resource[a] ForAnyOfAnyValues:StringEquals {'x', 'y'}",
                        "truth": "false",
                        "parts": [
                            {"text": "Exists @Resource[a]", "truth": "false", "seen": ["missing"]},
                            {"text": "@Resource[a] ForAnyOfAnyValues:StringEquals {'x', 'y'}", "truth": "undecided",
                             "seen": ["missing", {"values": ["x", "y"]}], "undecided": "an attribute is missing"},
                        ],
                    },
                ],
            },
        ],
    });
    assert_eq!(serde_json::to_value(trace).unwrap(), expected);
}

#[test]
fn a_trace_says_why_something_is_undecided() {
    let attributes =
        Attributes { request: [("a".to_owned(), vec!["x".to_owned(), "y".to_owned()])].into(), ..Attributes::none() };
    for (text, why) in [
        ("@Request[b] StringEquals 'x'", "an attribute is missing"),
        ("@Request[a] StringEquals 'x'", "several values need a quantifier such as `ForAnyOfAnyValues`"),
        ("@Request[a] ForAllOfAnyValues:NumericEquals {1}", "a value is not of the operator's kind"),
        ("'x' ForAnyOfAnyValues:StringEquals {}", "an empty set has nothing to compare"),
        ("SubOperationMatches{'Blob.List'}", "no operation here has sub-operations"),
    ] {
        let trace = Condition::parse(text).unwrap().trace(WRITE, &attributes);
        assert_eq!((trace.truth, trace.undecided), (Truth::Unknown, Some(why)), "{text}");
    }
}

#[test]
fn tags_may_be_named_with_the_case_of_their_key() {
    let tagged = Attributes::none().with_resource("Microsoft.X/things/tags:Key", "v");
    let of = |name: &str| truth(&format!("@Resource[{name}] StringEquals 'v'"), &tagged);
    assert_eq!(of("microsoft.x/THINGS/tags:Key<$key_case_sensitive$>"), Truth::True);
    assert_eq!(of("Microsoft.X/things/tags:key<$key_case_sensitive$>"), Truth::Unknown);
    assert_eq!(of("Microsoft.X/things/tags:key"), Truth::True);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn random_conditions_are_decided_as_the_rules_say(text in condition_text(), known in known(), at in select(&ACTIONS[..])) {
        second_opinion::agree(&text, at, &known);
        prop_assert!(Condition::parse(&text).is_ok(), "{}", text);
    }

    #[test]
    fn damaged_conditions_are_read_or_refused_as_the_rules_say(
        text in condition_text(),
        known in known(),
        place in any::<Index>(),
        cut in 0_usize..3,
        put in "[()!&|{}',:@\\[\\] a1-]{0,2}",
    ) {
        let mut letters: Vec<char> = text.chars().collect();
        let at = place.index(letters.len());
        letters.splice(at..(at + cut).min(letters.len()), put.chars());
        second_opinion::agree(&letters.into_iter().collect::<String>(), WRITE, &known);
    }
}
