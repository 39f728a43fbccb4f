//! Deciding an expression, in three values.

use super::Truth;
use super::ast::{Comparison, Expression, Literal, Operand, Says};
use super::operator::{Operator, Share};
use super::value::Value;
use crate::attributes::Attributes;

/// Without attributes, everything that reads one is undecided: what is decided then holds for all attributes.
pub(super) fn evaluate(expression: &Expression, action_key: &str, attributes: Option<&Attributes>) -> Truth {
    match &expression.says {
        Says::Or(parts) => any(parts.iter().map(|part| evaluate(part, action_key, attributes))),
        Says::And(parts) => all(parts.iter().map(|part| evaluate(part, action_key, attributes))),
        Says::Not(inner) => evaluate(inner, action_key, attributes).negated(),
        Says::ActionMatches(pattern) => pattern.matches_key(action_key).into(),
        Says::SubOperationMatches => Truth::Unknown,
        Says::Exists(attribute) => match attributes {
            Some(attributes) => attribute.values(attributes).is_some().into(),
            None => Truth::Unknown,
        },
        Says::Compare(comparison) => compare(comparison, attributes),
    }
}

impl Truth {
    pub(super) fn negated(self) -> Truth {
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

pub(super) fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
    any(parts.into_iter().map(Truth::negated)).negated()
}

/// What one side brings to a comparison; never empty.
#[derive(Clone, Copy)]
enum Values<'a> {
    Literals(&'a [Literal]),
    OfAttribute(&'a [String]),
}

pub(super) fn compare(comparison: &Comparison, attributes: Option<&Attributes>) -> Truth {
    let Some(left) = values(&comparison.left, attributes) else {
        return Truth::Unknown;
    };
    let Some(right) = values(&comparison.right, attributes) else {
        return Truth::Unknown;
    };
    let operator = comparison.operator;
    let Some(quantifier) = operator.quantifier else {
        // Several values need a quantifier to mean anything.
        let single = left.len() == 1 && right.len() == 1;
        return if single {
            left.share(operator, Share::Any, |left| test_right(operator, Share::Any, left, right))
        } else {
            Truth::Unknown
        };
    };
    left.share(operator, quantifier.left, |left| test_right(operator, quantifier.right, left, right))
}

fn test_right(operator: Operator, share: Share, left: &Value<'_>, right: Values<'_>) -> Truth {
    right.share(operator, share, |right| left.test(operator, right).map_or(Truth::Unknown, Truth::from))
}

impl<'a> Values<'a> {
    fn len(self) -> usize {
        match self {
            Values::Literals(literals) => literals.len(),
            Values::OfAttribute(texts) => texts.len(),
        }
    }

    /// Does it hold for any, or for all of the values? Undecided for a value that is not of the operator's kind.
    fn share(self, operator: Operator, share: Share, holds: impl Fn(&Value<'a>) -> Truth) -> Truth {
        let of_text = |text: &'a String| Value::read(operator.kind, text).map_or(Truth::Unknown, |value| holds(&value));
        match (self, share) {
            (Values::Literals(literals), Share::Any) => any(literals.iter().map(|literal| holds(&literal.value))),
            (Values::Literals(literals), Share::All) => all(literals.iter().map(|literal| holds(&literal.value))),
            (Values::OfAttribute(texts), Share::Any) => any(texts.iter().map(of_text)),
            (Values::OfAttribute(texts), Share::All) => all(texts.iter().map(of_text)),
        }
    }
}

/// None if there is nothing to compare.
fn values<'a>(operand: &'a Operand, attributes: Option<&'a Attributes>) -> Option<Values<'a>> {
    match operand {
        Operand::Literals(literals) => Some(Values::Literals(literals)).filter(|_| !literals.is_empty()),
        Operand::Attribute(attribute) => attribute.values(attributes?).map(Values::OfAttribute),
    }
}
