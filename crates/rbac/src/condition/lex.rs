//! From text to tokens.

use std::iter::Peekable;
use std::str::CharIndices;

use super::ConditionError;
use super::ast::{Attribute, Source};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    Not,
    And,
    Or,
    Attribute(Attribute),
    /// `'…'`
    Text(String),
    /// A name, number, boolean or GUID.
    Word(String),
}

/// Tokens, each with the byte that it starts at.
pub(super) fn lex(text: &str) -> Result<Vec<(usize, Token)>, ConditionError> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let token = match character {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '{' => Token::OpenSet,
            '}' => Token::CloseSet,
            ',' => Token::Comma,
            '!' => Token::Not,
            '&' => doubled(&mut rest, at, '&', Token::And)?,
            '|' => doubled(&mut rest, at, '|', Token::Or)?,
            '\'' => Token::Text(until(&mut rest, '\'').ok_or_else(|| ends(text, "a closing `'`"))?),
            '@' => attribute(&mut rest, text, at)?,
            c if in_word(c) => word(c, &mut rest),
            c => {
                return Err(ConditionError::Unexpected { expected: "an expression", found: format!("`{c}`"), at });
            }
        };
        tokens.push((at, token));
    }
    Ok(tokens)
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | ':')
}

fn word(first: char, rest: &mut Peekable<CharIndices<'_>>) -> Token {
    let mut word = String::from(first);
    while let Some((_, character)) = rest.next_if(|(_, character)| in_word(*character)) {
        word.push(character);
    }
    match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Word(word),
    }
}

fn doubled(
    rest: &mut Peekable<CharIndices<'_>>,
    at: usize,
    character: char,
    token: Token,
) -> Result<Token, ConditionError> {
    match rest.next_if(|(_, next)| *next == character) {
        Some(_) => Ok(token),
        None => {
            Err(ConditionError::Unexpected { expected: "`&&` or `||`", found: format!("a single `{character}`"), at })
        }
    }
}

fn until(rest: &mut Peekable<CharIndices<'_>>, end: char) -> Option<String> {
    let mut text = String::new();
    for (_, character) in rest.by_ref() {
        if character == end {
            return Some(text);
        }
        text.push(character);
    }
    None
}

/// `@Source[name]`
fn attribute(rest: &mut Peekable<CharIndices<'_>>, text: &str, at: usize) -> Result<Token, ConditionError> {
    let word = until(rest, '[').ok_or_else(|| ends(text, "`[` and the name of an attribute"))?;
    let source = Source::named(word.trim()).ok_or_else(|| ConditionError::Unexpected {
        expected: "`@Request`, `@Resource`, `@Principal` or `@Environment`",
        found: format!("`@{}`", word.chars().take(32).collect::<String>()),
        at,
    })?;
    let name = until(rest, ']').ok_or_else(|| ends(text, "`]`"))?.trim().to_owned();
    if name.is_empty() {
        return Err(ConditionError::Unexpected { expected: "the name of an attribute", found: "`[]`".to_owned(), at });
    }
    Ok(Token::Attribute(Attribute { source, name }))
}

fn ends(text: &str, expected: &'static str) -> ConditionError {
    ConditionError::Unexpected { expected, found: "the end".to_owned(), at: text.len() }
}
