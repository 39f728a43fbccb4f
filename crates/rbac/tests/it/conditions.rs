//! The language of conditions, from outside.

use std::collections::BTreeMap;

use rbac::{Attributes, Condition, ConditionError, MAX_CONDITION_BYTES, Truth};
use serde::Deserialize;
use serde_json::Value;

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
            principal: BTreeMap::new(),
            environment: line.environment.into_iter().map(|(name, value)| (name, many(value))).collect(),
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

#[test]
fn a_condition_over_its_limits_is_refused_without_harm() {
    let padding = " ".repeat(MAX_CONDITION_BYTES);
    assert!(Condition::parse(&format!("true BoolEquals true{}", &padding[20..])).is_ok());
    let long = format!("true BoolEquals true{}", &padding[19..]);
    assert_eq!(Condition::parse(&long).unwrap_err(), ConditionError::TooLong { bytes: 8193 });
    let deep = |depth: usize| format!("{}true BoolEquals true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Condition::parse(&deep(60)).is_ok());
    assert_eq!(Condition::parse(&deep(1000)).unwrap_err(), ConditionError::TooDeep);
    assert_eq!(Condition::parse(&"!".repeat(1000)).unwrap_err(), ConditionError::TooDeep);
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

#[test]
fn texts_that_are_no_conditions_are_refused_with_a_place() {
    for text in [
        "",
        "(",
        "true",
        "@Request[a] StringEquals",
        "@Request[a] StringSounds 'x'",
        "@Request[a StringEquals 'x'",
        "@Somewhere[a] StringEquals 'x'",
        "@Request[] StringEquals 'x'",
        "@Request[a] StringEquals 'x",
        "@Request[a] StringEquals x",
        "@Request[a] StringEquals {'x' 'y'}",
        "@Request[a] ForAnyOfAnyValues:StringStartsWith {'x'}",
        "@Request[a] ForAnyOfAnyValues:DateTimeEquals {'x'}",
        "@Request[a] ForSomeOfAnyValues:StringEquals {'x'}",
        "@Request[a] GuidLessThan 8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "@Request[a] StringEquals 'x' 'y'",
        "ActionMatches{a}",
        "ActionMatches{'a'",
        "a & b",
        "\u{0}",
    ] {
        let error = Condition::parse(text).unwrap_err();
        assert!(matches!(error, ConditionError::Unexpected { .. }), "{text}: {error}");
    }
}
