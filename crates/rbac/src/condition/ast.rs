//! What a condition says, and where in the text it says it.

use std::ops::Range;

use super::attribute::Attribute;
use super::operator::Operator;
use super::value::Value;
use crate::action_pattern::ActionPattern;

#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// The bytes of the text that say it, without parentheses around the whole.
    pub(super) span: Range<usize>,
    pub(super) says: Says,
}

#[derive(Clone, Debug)]
pub(super) enum Says {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    ActionMatches(ActionPattern),
    /// Sub-operations belong to Azure's storage; no operation here has one.
    SubOperationMatches,
    Exists(Attribute),
    Compare(Comparison),
}

#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) left: Operand,
    pub(super) operator: Operator,
    pub(super) right: Operand,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Attribute(Attribute),
    Literals(Vec<Literal>),
}

/// A value in the text, read once as its operator's kind.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) text: String,
    pub(super) value: Value<'static>,
}
