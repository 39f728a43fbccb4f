//! Random conditions, and attributes for them to read. Each attribute's name says of which kind its values are.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{ACTIONS, PATTERNS};
use crate::naive::condition::{Known, Values};

const ROLE: &str = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
const TYPE: &str = "Microsoft.Authorization/roleAssignments:PrincipalType";

/// A kind of value: its attributes, its operators, its values as they stand in a condition, and some that an attribute has.
#[derive(Debug)]
struct Kind {
    names: &'static [&'static str],
    operators: &'static [&'static str],
    quantified: bool,
    literals: &'static [&'static str],
    values: &'static [&'static str],
}

const TEXT: Kind = Kind {
    names: &[TYPE, "text", "Microsoft.X/things/tags:Key<$key_case_sensitive$>", "Text"],
    operators: &["Equals", "NotEquals", "Like", "NotLike"],
    quantified: true,
    literals: &["'ServicePrincipal'", "'x'", "'X*'", "'*'", "'?'", "''", "'a\\*b'", "'x y'", "1"],
    values: &["ServicePrincipal", "serviceprincipal", "x", "X", "xyz", "", "a*b", "x y", "1"],
};
const PREFIX: Kind = Kind { operators: &["StartsWith", "NotStartsWith"], quantified: false, ..TEXT };
const ORDER: &[&str] = &["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
const NUMBER: Kind = Kind {
    names: &["count"],
    operators: ORDER,
    quantified: true,
    literals: &["-1", "0", "5", "'5'", "9223372036854775807"],
    values: &["-1", "0", "5", "7", "five", "5.0"],
};
const TIME: Kind = Kind {
    names: &["UtcNow"],
    operators: ORDER,
    quantified: false,
    literals: &["'2026-01-31T12:00:00Z'", "'2026-01-31T13:00:00.5+01:00'", "'2024-02-29T00:00:00Z'"],
    values: &["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.500Z", "2027-12-31T23:59:59-11:30", "now"],
};
const BOOL: Kind = Kind {
    names: &["isPrivateLink", "HasObotoken"],
    operators: &["Equals", "NotEquals"],
    quantified: false,
    literals: &["true", "false", "'True'"],
    values: &["true", "False", "yes"],
};
const GUID: Kind = Kind {
    names: &[ROLE],
    operators: &["Equals", "NotEquals"],
    quantified: true,
    literals: &[
        "53ca6127-db72-4b80-b1b0-d745d6d5456d",
        "'eed3b665ab3a47b68f48c9382fb1dad6'",
        "8e3af6578a0d4f9f9d4f000000000001",
    ],
    values: &[
        "53CA6127DB724B80B1B0D745D6D5456D",
        "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/eed3b665-ab3a-47b6-8f48-c9382fb1dad6",
        "8e3af657-8a0d-4f9f-9d4f-000000000001",
        "Owner",
    ],
};
const KINDS: [(&str, &Kind); 6] = [
    ("String", &TEXT),
    ("String", &PREFIX),
    ("Numeric", &NUMBER),
    ("DateTime", &TIME),
    ("Bool", &BOOL),
    ("Guid", &GUID),
];
const SOURCES: [&str; 5] = ["Request", "Resource", "Principal", "Environment", "request"];
const QUANTIFIERS: [&str; 4] = ["ForAnyOfAnyValues:", "ForAllOfAnyValues:", "ForAnyOfAllValues:", "ForAllOfAllValues:"];

/// A condition that can be read.
pub(crate) fn condition_text() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 8, 3, |inner| {
        let joined = |joints: [&'static str; 2]| {
            let part = prop_oneof![leaf(), inner.clone().prop_map(|part| format!("({part})"))];
            (select(joints.to_vec()), vec(part, 2..4)).prop_map(|(joint, parts)| parts.join(joint))
        };
        let negated = (select(vec!["!", "NOT ", "! not "]), inner.clone());
        prop_oneof![
            joined([" AND ", "&&"]),
            joined([" or ", " || "]),
            negated.prop_map(|(not, part)| format!("{not}({part})")),
        ]
    })
}

fn leaf() -> BoxedStrategy<String> {
    let pattern = prop_oneof![select(&ACTIONS[..]), select(&PATTERNS[..])];
    prop_oneof![
        3 => pattern.prop_map(|pattern| format!("ActionMatches{{'{pattern}'}}")),
        1 => Just("SubOperationMatches{'Blob.List'}".to_owned()),
        1 => select(&KINDS[..]).prop_flat_map(|(_, kind)| attribute(kind)).prop_map(|name| format!("Exists {name}")),
        8 => select(&KINDS[..]).prop_flat_map(|(name, kind)| comparison(name, kind)),
    ]
    .boxed()
}

fn attribute(kind: &'static Kind) -> impl Strategy<Value = String> {
    (select(&SOURCES[..]), select(kind.names)).prop_map(|(source, name)| format!("@{source}[{name}]"))
}

fn comparison(name: &'static str, kind: &'static Kind) -> impl Strategy<Value = String> {
    let quantifier = if kind.quantified { select(QUANTIFIERS.to_vec()).boxed() } else { Just("").boxed() };
    let operator = (select(kind.operators), any::<bool>()).prop_map(move |(operator, ignore_case)| {
        format!("{name}{operator}{}", if ignore_case && name == "String" { "IgnoreCase" } else { "" })
    });
    let set = vec(select(kind.literals), 0..3).prop_map(|literals| format!("{{{}}}", literals.join(", ")));
    let single = select(kind.literals).prop_map(str::to_owned);
    let side = move || prop_oneof![3 => attribute(kind), 1 => single.clone(), 2 => set.clone()];
    (side(), option::of(quantifier), operator, side()).prop_map(|(left, quantifier, operator, right)| {
        format!("{left} {}{operator} {right}", quantifier.unwrap_or_default())
    })
}

/// Attributes, each of which may be missing.
pub(crate) fn known() -> impl Strategy<Value = Known> {
    (values(), values(), values(), values()).prop_map(|(request, resource, principal, environment)| Known {
        request,
        resource,
        principal,
        environment,
    })
}

fn values() -> impl Strategy<Value = Values> {
    let each: Vec<_> = KINDS.iter().flat_map(|(_, kind)| kind.names.iter().map(move |name| one(name, kind))).collect();
    each.prop_map(|each| each.into_iter().flatten().collect::<BTreeMap<_, _>>())
}

fn one(name: &'static str, kind: &'static Kind) -> impl Strategy<Value = Option<(String, Vec<String>)>> {
    let some = prop_oneof![3 => subsequence(kind.values, 1), 1 => subsequence(kind.values, 0..3)];
    option::of(some.prop_map(move |values| (name.to_owned(), values.into_iter().map(str::to_owned).collect())))
}
