//! Deciding an expression, in three values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::Truth;
use super::ast::{Attribute, Comparison, Expression, Kind, Operand, Operator, Share, Source, Test};
use crate::attributes::Attributes;

/// Without attributes, everything that reads one is undecided: what is decided then holds for all attributes.
pub(super) fn evaluate(expression: &Expression, action_key: &str, attributes: Option<&Attributes>) -> Truth {
    match expression {
        Expression::Or(parts) => any(parts.iter().map(|part| evaluate(part, action_key, attributes))),
        Expression::And(parts) => all(parts.iter().map(|part| evaluate(part, action_key, attributes))),
        Expression::Not(inner) => evaluate(inner, action_key, attributes).negated(),
        Expression::ActionMatches(pattern) => pattern.matches_key(action_key).into(),
        Expression::SubOperationMatches => Truth::Unknown,
        Expression::Exists(attribute) => match attributes {
            Some(attributes) => values_of(attribute, attributes).is_some().into(),
            None => Truth::Unknown,
        },
        Expression::Compare(comparison) => compare(comparison, attributes),
    }
}

impl Truth {
    fn negated(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }

    /// Both hold.
    pub(crate) fn and(self, other: Truth) -> Truth {
        all([self, other])
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

/// True if one is, undecided if one could be.
pub(crate) fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let mut outcome = Truth::False;
    for part in parts {
        match part {
            Truth::True => return Truth::True,
            Truth::Unknown => outcome = Truth::Unknown,
            Truth::False => {}
        }
    }
    outcome
}

fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
    any(parts.into_iter().map(Truth::negated)).negated()
}

fn compare(comparison: &Comparison, attributes: Option<&Attributes>) -> Truth {
    let (Some(left), Some(right)) = (operand(&comparison.left, attributes), operand(&comparison.right, attributes))
    else {
        return Truth::Unknown;
    };
    let operator = comparison.operator;
    match (operator.quantifier, left, right) {
        (Some(quantifier), left, right) => share(
            quantifier.left,
            left.iter().map(|l| share(quantifier.right, right.iter().map(|r| test(operator, l, r)))),
        ),
        (None, [left], [right]) => test(operator, left, right),
        // Several values need a quantifier to mean anything.
        (None, _, _) => Truth::Unknown,
    }
}

fn share(share: Share, parts: impl Iterator<Item = Truth>) -> Truth {
    match share {
        Share::Any => any(parts),
        Share::All => all(parts),
    }
}

/// The values, none if there is nothing to compare.
fn operand<'a>(operand: &'a Operand, attributes: Option<&'a Attributes>) -> Option<&'a [String]> {
    match operand {
        Operand::Values(values) => Some(values.as_slice()).filter(|values| !values.is_empty()),
        Operand::Attribute(attribute) => values_of(attribute, attributes?),
    }
}

fn values_of<'a>(attribute: &Attribute, attributes: &'a Attributes) -> Option<&'a [String]> {
    let known: &BTreeMap<String, Vec<String>> = match attribute.source {
        Source::Request => &attributes.request,
        Source::Resource => &attributes.resource,
        Source::Principal => &attributes.principal,
        Source::Environment => &attributes.environment,
    };
    let (_, values) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&attribute.name))?;
    Some(values.as_slice()).filter(|values| !values.is_empty())
}

/// One value against one value; undecided where one is not of the operator's kind.
fn test(operator: Operator, left: &str, right: &str) -> Truth {
    let holds = match operator.kind {
        Kind::Text { ignore_case: false } => Some(test_text(operator.test, left, right)),
        Kind::Text { ignore_case: true } => Some(test_text(operator.test, &left.to_lowercase(), &right.to_lowercase())),
        Kind::Number => ordered(operator.test, left.parse::<i64>().ok(), right.parse::<i64>().ok()),
        Kind::Time => ordered(operator.test, left.parse::<Timestamp>().ok(), right.parse::<Timestamp>().ok()),
        Kind::Bool => ordered(operator.test, boolean(left), boolean(right)),
        Kind::Guid => ordered(operator.test, guid(left), guid(right)),
    };
    match holds {
        Some(holds) => Truth::from(holds != operator.negated),
        None => Truth::Unknown,
    }
}

fn test_text(test: Test, left: &str, right: &str) -> bool {
    match test {
        Test::StartsWith => left.starts_with(right),
        Test::Like => like(right, left),
        Test::Equals => left == right,
        // The parser lets no ordering of texts through.
        Test::Less | Test::LessEquals | Test::Greater | Test::GreaterEquals => false,
    }
}

fn ordered<T: Ord>(test: Test, left: Option<T>, right: Option<T>) -> Option<bool> {
    let order = left?.cmp(&right?);
    match test {
        Test::Equals => Some(order.is_eq()),
        Test::Less => Some(order.is_lt()),
        Test::LessEquals => Some(order.is_le()),
        Test::Greater => Some(order.is_gt()),
        Test::GreaterEquals => Some(order.is_ge()),
        Test::StartsWith | Test::Like => None,
    }
}

fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

/// A GUID with or without dashes, or the last segment of a path (a role definition's id stands for its GUID).
fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim_end_matches('/').rsplit('/').next()?).ok()
}

/// `*` is any text, `?` any character, `\*` and `\?` those two themselves.
fn like(pattern: &str, text: &str) -> bool {
    let pattern = wildcards(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(Piece::Many), _) => {
                p += 1;
                retry = Some((p, t));
            }
            (Some(Piece::One), Some(_)) => (p, t) = (p + 1, t + 1),
            (Some(Piece::Only(wanted)), Some(character)) if wanted == character => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((after, tried)) if tried < text.len() => {
                    (p, t) = (after, tried + 1);
                    retry = Some((after, tried + 1));
                }
                _ => return false,
            },
        }
    }
}

enum Piece {
    Many,
    One,
    Only(char),
}

fn wildcards(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        pieces.push(match character {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => Piece::Only(rest.next_if(|next| matches!(next, '*' | '?')).unwrap_or('\\')),
            other => Piece::Only(other),
        });
    }
    pieces
}
