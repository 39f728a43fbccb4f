//! The part of OData's `$filter` that ARM's lists understand: terms joined by `and`.

use arm::{ArmError, ErrorCode};

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// `name eq 'value'`
    Equals {
        /// The field.
        name: String,
        /// The value, quotes undone.
        value: String,
    },
    /// `name ge value`
    AtLeast {
        /// The field.
        name: String,
        /// The value, quotes undone.
        value: String,
    },
    /// `name le value`
    AtMost {
        /// The field.
        name: String,
        /// The value, quotes undone.
        value: String,
    },
    /// `name()` or `name('value')`
    Call {
        /// The function.
        name: String,
        /// Its argument, quotes undone.
        argument: Option<String>,
    },
}

/// Longest filter read, bytes; ours are far shorter.
const FILTER_LIMIT_BYTES: usize = 4096;

/// The terms of a filter; none for an absent or empty one.
pub(crate) fn parse(text: Option<&str>) -> Result<Vec<Term>, ArmError> {
    terms(text, term)
}

/// The terms of a filter of the activity log: values may stand without quotes, and fields are compared with `ge` and `le` too.
pub(crate) fn parse_comparisons(text: Option<&str>) -> Result<Vec<Term>, ArmError> {
    terms(text, comparison)
}

fn terms(text: Option<&str>, term: fn(&str) -> Option<(Term, &str)>) -> Result<Vec<Term>, ArmError> {
    let text = text.unwrap_or_default().trim();
    if text.len() > FILTER_LIMIT_BYTES {
        return Err(ArmError::new(
            ErrorCode::InvalidFilter,
            format!("`$filter` is longer than {FILTER_LIMIT_BYTES} bytes"),
        ));
    }
    let mut terms = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (term, after) = term(rest).ok_or_else(|| unsupported(text))?;
        terms.push(term);
        rest = match after.trim_start() {
            "" => "",
            more => joined(more).ok_or_else(|| unsupported(text))?,
        };
    }
    Ok(terms)
}

/// The error of a filter that is not understood here.
pub(crate) fn unsupported(text: &str) -> ArmError {
    let short: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    ArmError::new(ErrorCode::InvalidFilter, format!("the filter `{short}` is not supported")).with_target("$filter")
}

/// What follows `and`.
fn joined(text: &str) -> Option<&str> {
    let (word, after) = text.split_at_checked(3)?;
    let after = after.strip_prefix(char::is_whitespace)?.trim_start();
    (word.eq_ignore_ascii_case("and") && !after.is_empty()).then_some(after)
}

/// The field or function that a term begins with, and what follows it.
fn named(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '/' || c == '_'))?;
    let (name, after) = text.split_at_checked(end)?;
    (!name.is_empty()).then(|| (name.to_owned(), after.trim_start()))
}

fn comparison(text: &str) -> Option<(Term, &str)> {
    let (name, after) = named(text)?;
    let (word, after) = after.split_at_checked(2)?;
    let after = after.strip_prefix(char::is_whitespace)?.trim_start();
    let (value, after) = quoted(after).or_else(|| bare(after))?;
    let term = match word.to_ascii_lowercase().as_str() {
        "eq" => Term::Equals { name, value },
        "ge" => Term::AtLeast { name, value },
        "le" => Term::AtMost { name, value },
        _ => return None,
    };
    Some((term, after))
}

/// A value without quotes: up to the next space.
fn bare(text: &str) -> Option<(String, &str)> {
    let (value, after) = text.split_at_checked(text.find(char::is_whitespace).unwrap_or(text.len()))?;
    (!value.is_empty() && !value.contains('\'')).then(|| (value.to_owned(), after))
}

fn term(text: &str) -> Option<(Term, &str)> {
    let (name, after) = named(text)?;
    if let Some(inside) = after.strip_prefix('(') {
        let inside = inside.trim_start();
        if let Some(after) = inside.strip_prefix(')') {
            return Some((Term::Call { name, argument: None }, after));
        }
        let (value, after) = quoted(inside)?;
        return Some((Term::Call { name, argument: Some(value) }, after.trim_start().strip_prefix(')')?));
    }
    let (word, after) = after.split_at_checked(2)?;
    let (value, after) = quoted(after.strip_prefix(char::is_whitespace)?.trim_start())?;
    word.eq_ignore_ascii_case("eq").then_some((Term::Equals { name, value }, after))
}

/// A text in single quotes, in which two quotes stand for one; and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests;
