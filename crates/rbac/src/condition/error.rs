//! Why a text is not a condition, and where.

use std::borrow::Cow;
use std::fmt;

use super::{MAX_CONDITION_BYTES, MAX_CONDITION_NESTING};

/// A place in a text, as an editor counts: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in that line.
    pub column: usize,
}

impl Position {
    /// Where the byte `at` of a text stands.
    pub(super) fn of(text: &str, at: usize) -> Position {
        let before = text.get(..at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
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
    #[error("the condition nests deeper than {MAX_CONDITION_NESTING} at {position}")]
    TooDeep {
        /// Of the first parenthesis or negation that is too much.
        position: Position,
    },
    /// `and` and `or` side by side without parentheses: Azure calls it ambiguous, and so is it here.
    #[error("`AND` and `OR` stand side by side at {position}: put parentheses around one of them")]
    Ambiguous {
        /// Of the second of them.
        position: Position,
    },
    /// Something else was expected.
    #[error("expected {expected} at {position}, found {found}{hint}")]
    Unexpected {
        /// What the grammar allows there.
        expected: Cow<'static, str>,
        /// What stands there.
        found: String,
        /// Where.
        position: Position,
        /// What was probably meant, none if nothing is near.
        hint: Hint,
    },
}

/// What to write instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hint {
    /// Nothing is near.
    #[default]
    None,
    /// A name of the language.
    Meant(String),
    /// How such a thing is written.
    Rule(&'static str),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::None => Ok(()),
            Hint::Meant(name) => write!(f, "; did you mean `{name}`?"),
            Hint::Rule(rule) => write!(f, "; {rule}"),
        }
    }
}

/// Longest part of a condition that an error repeats, characters: enough to find it again.
const MAX_SHOWN: usize = 60;

/// A part of the text in back-ticks, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::from("`");
    for character in text.chars().take(MAX_SHOWN) {
        match character {
            control if control.is_control() => shown.extend(control.escape_default()),
            other => shown.push(other),
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}
