//! Conditions of grants and denials (ABAC), version 2.0 of the language.
//!
//! A condition filters a grant or a denial. It is decided in three values: what cannot be decided (a missing attribute, a
//! value of another type, a function of Azure's storage that this build lacks) stays undecided through negations. An
//! undecided condition does not grant, and does deny.

mod ast;
mod attribute;
mod error;
mod eval;
mod lex;
mod operator;
mod parse;
mod trace;
mod value;

use serde::Serialize;

use crate::attributes::Attributes;

pub use error::{ConditionError, Hint, Position};
pub(crate) use eval::any;
pub use trace::{Seen, Trace};

/// Longest condition, in bytes: Azure's limit.
pub const MAX_CONDITION_BYTES: usize = 8192;
/// Deepest nesting of parentheses and negations: real conditions stay below ten, the parser recurses, and a [`Trace`] as
/// JSON (two levels each) stays below the 128 levels that readers commonly take.
pub const MAX_CONDITION_NESTING: usize = 50;

/// The outcome of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be decided.
    #[serde(rename = "undecided")]
    Unknown,
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
        Ok(Condition { text: text.to_owned(), expression: parse::parse(text)? })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Does it hold for this action and these attributes?
    pub fn evaluate(&self, action: &str, attributes: &Attributes) -> Truth {
        eval::evaluate(&self.expression, &action.to_ascii_lowercase(), Some(attributes))
    }

    /// As `evaluate`, with what each part came to and the values that were seen.
    pub fn trace(&self, action: &str, attributes: &Attributes) -> Trace {
        trace::trace(&self.text, &self.expression, &action.to_ascii_lowercase(), attributes)
    }

    /// As `evaluate`, for an action in lower case; without attributes, as `folded`.
    pub(crate) fn decided(&self, action_key: &str, attributes: Option<&Attributes>) -> Truth {
        eval::evaluate(&self.expression, action_key, attributes)
    }

    /// What the action alone decides: `True` and `False` hold for all attributes.
    pub(crate) fn folded(&self, action_key: &str) -> Truth {
        self.decided(action_key, None)
    }
}
