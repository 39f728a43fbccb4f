//! Conditions of grants (ABAC), version 2.0 of the language.
//!
//! A condition filters a grant and never denies. It is decided in three values: what cannot be decided (a missing
//! attribute, a value of another type, a function of Azure's storage that this build lacks) stays undecided through
//! negations, and an undecided condition does not grant.

mod ast;
mod eval;
mod lex;
mod parse;

use crate::attributes::Attributes;

pub(crate) use eval::any;

/// Longest condition, in bytes: Azure's limit.
pub const MAX_CONDITION_BYTES: usize = 8192;
/// Deepest nesting of parentheses and negations; real conditions stay below ten, and the parser recurses.
pub const MAX_CONDITION_NESTING: usize = 64;

/// The outcome of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be decided.
    Unknown,
}

/// Why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// More bytes than [`MAX_CONDITION_BYTES`].
    #[error("the condition has {bytes} bytes, more than {MAX_CONDITION_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Deeper than [`MAX_CONDITION_NESTING`].
    #[error("the condition nests deeper than {MAX_CONDITION_NESTING}")]
    TooDeep,
    /// `and` and `or` side by side without parentheses: Azure calls it ambiguous, and so is it here.
    #[error("`AND` and `OR` stand side by side at position {at}: put parentheses around one of them")]
    Ambiguous {
        /// Where the second of them stands, in bytes.
        at: usize,
    },
    /// Something else was expected.
    #[error("expected {expected} at position {at}, found {found}")]
    Unexpected {
        /// What the grammar allows there.
        expected: &'static str,
        /// What stands there.
        found: String,
        /// Where, in bytes.
        at: usize,
    },
}

/// A parsed condition.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    expression: ast::Expression,
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Condition, ConditionError> {
        if text.len() > MAX_CONDITION_BYTES {
            return Err(ConditionError::TooLong { bytes: text.len() });
        }
        let expression = parse::parse(&lex::lex(text)?, text.len())?;
        Ok(Condition { text: text.to_owned(), expression })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Does it hold for this action and these attributes?
    pub fn evaluate(&self, action: &str, attributes: &Attributes) -> Truth {
        eval::evaluate(&self.expression, &action.to_ascii_lowercase(), Some(attributes))
    }

    /// What the action alone decides: `True` and `False` hold for all attributes.
    pub(crate) fn folded(&self, action_key: &str) -> Truth {
        eval::evaluate(&self.expression, action_key, None)
    }
}
