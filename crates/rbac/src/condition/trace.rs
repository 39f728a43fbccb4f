//! What each part of a condition came to.

use serde::Serialize;

use super::Truth;
use super::ast::{Comparison, Expression, Operand, Says};
use super::eval::{all, any, compare};
use crate::attributes::Attributes;

/// A part of a condition, what it came to, and its own parts. Nests no deeper than
/// [`MAX_CONDITION_NESTING`](super::MAX_CONDITION_NESTING).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The part as it was written, without parentheses around the whole.
    pub text: String,
    /// What it came to.
    pub truth: Truth,
    /// Both sides of a comparison, or the attribute of `Exists`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// Why a part without parts is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<&'static str>,
    /// All of them, those too that did not matter for the outcome.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Trace>,
}

/// What stood on one side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Seen {
    /// The request has no such attribute, or an empty one.
    Missing,
    /// The values.
    Values(Vec<String>),
}

const MISSING: &str = "an attribute is missing";
const NO_SUB_OPERATIONS: &str = "no operation here has sub-operations";
const NEEDS_QUANTIFIER: &str = "several values need a quantifier such as `ForAnyOfAnyValues`";
const EMPTY_SET: &str = "an empty set has nothing to compare";
const OTHER_KIND: &str = "a value is not of the operator's kind";

/// The source is the text that the expression was read from.
pub(super) fn trace(source: &str, expression: &Expression, action_key: &str, attributes: &Attributes) -> Trace {
    let text = source.get(expression.span.clone()).unwrap_or_default().to_owned();
    let of = |part: &Expression| trace(source, part, action_key, attributes);
    let leaf = |truth, seen, undecided| Trace { text: text.clone(), truth, seen, undecided, parts: Vec::new() };
    let node = |truth, parts| Trace { text: text.clone(), truth, seen: Vec::new(), undecided: None, parts };
    match &expression.says {
        Says::Or(parts) => {
            let parts: Vec<Trace> = parts.iter().map(of).collect();
            node(any(parts.iter().map(|part| part.truth)), parts)
        }
        Says::And(parts) => {
            let parts: Vec<Trace> = parts.iter().map(of).collect();
            node(all(parts.iter().map(|part| part.truth)), parts)
        }
        Says::Not(inner) => {
            let inner = of(inner);
            node(inner.truth.negated(), vec![inner])
        }
        Says::ActionMatches(pattern) => leaf(pattern.matches_key(action_key).into(), Vec::new(), None),
        Says::SubOperationMatches => leaf(Truth::Unknown, Vec::new(), Some(NO_SUB_OPERATIONS)),
        Says::Exists(attribute) => {
            let values = attribute.values(attributes);
            leaf(values.is_some().into(), vec![Seen::of(values)], None)
        }
        Says::Compare(comparison) => {
            let truth = compare(comparison, Some(attributes));
            let seen = vec![seen(&comparison.left, attributes), seen(&comparison.right, attributes)];
            let undecided = (truth == Truth::Unknown).then(|| why(comparison, &seen));
            leaf(truth, seen, undecided)
        }
    }
}

fn seen(operand: &Operand, attributes: &Attributes) -> Seen {
    match operand {
        Operand::Attribute(attribute) => Seen::of(attribute.values(attributes)),
        Operand::Literals(literals) => Seen::Values(literals.iter().map(|literal| literal.text.clone()).collect()),
    }
}

impl Seen {
    fn of(values: Option<&[String]>) -> Seen {
        values.map_or(Seen::Missing, |values| Seen::Values(values.to_vec()))
    }
}

fn why(comparison: &Comparison, seen: &[Seen]) -> &'static str {
    let several = |seen: &Seen| matches!(seen, Seen::Values(values) if values.len() > 1);
    if seen.contains(&Seen::Missing) {
        MISSING
    } else if seen.contains(&Seen::Values(Vec::new())) {
        EMPTY_SET
    } else if comparison.operator.quantifier.is_none() && seen.iter().any(several) {
        NEEDS_QUANTIFIER
    } else {
        OTHER_KIND
    }
}
