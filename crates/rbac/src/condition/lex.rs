//! From text to tokens.

use std::iter::Peekable;
use std::str::CharIndices;

use super::attribute::{Attribute, Source};
use super::error::{ConditionError, Hint, Position, shown};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    Colon,
    Not,
    And,
    Or,
    Attribute(Attribute),
    /// `'…'`
    Text(String),
    /// A name, number, boolean or GUID.
    Word(String),
    /// A character that the language does not have.
    Stray(char),
    /// What cannot be read at all; nothing follows. Reported when the parser gets there, so that the first error is.
    Broken(ConditionError),
}

/// A token and the bytes that it takes.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Characters that no name of an attribute holds; they mean that its `]` was forgotten.
const NOT_IN_NAMES: [char; 7] = ['@', '[', '\'', '{', '}', '(', ')'];

pub(super) fn lex(text: &str) -> Vec<Lexeme> {
    let mut lexer = Lexer { text, rest: text.char_indices().peekable() };
    let mut lexemes = Vec::new();
    while let Some((start, character)) = lexer.rest.next() {
        if character.is_whitespace() {
            continue;
        }
        let token = lexer.token(start, character).unwrap_or_else(Token::Broken);
        let broken = matches!(token, Token::Broken(_));
        lexemes.push(Lexeme { token, start, end: lexer.at() });
        if broken {
            break;
        }
    }
    lexemes
}

struct Lexer<'t> {
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
}

impl Lexer<'_> {
    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn token(&mut self, start: usize, first: char) -> Result<Token, ConditionError> {
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '{' => Token::OpenSet,
            '}' => Token::CloseSet,
            ',' => Token::Comma,
            ':' => Token::Colon,
            '!' => Token::Not,
            '&' | '|' => {
                let joint = if first == '&' { Token::And } else { Token::Or };
                let doubled = self.rest.next_if(|(_, next)| *next == first).is_some();
                if doubled { joint } else { Token::Stray(first) }
            }
            '\'' => self.quoted(start)?,
            '@' => self.attribute(start)?,
            c if in_word(c) => self.word(c),
            c => Token::Stray(c),
        })
    }

    fn word(&mut self, first: char) -> Token {
        let mut word = String::from(first);
        while let Some((_, character)) = self.rest.next_if(|(_, character)| in_word(*character)) {
            word.push(character);
        }
        match word.to_ascii_lowercase().as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            _ => Token::Word(word),
        }
    }

    /// The text up to the closing quote.
    fn quoted(&mut self, start: usize) -> Result<Token, ConditionError> {
        let mut quoted = String::new();
        for (_, character) in self.rest.by_ref() {
            if character == '\'' {
                return Ok(Token::Text(quoted));
            }
            quoted.push(character);
        }
        Err(ConditionError::Unexpected {
            expected: "a closing `'` for the text".into(),
            found: "the end".to_owned(),
            position: Position::of(self.text, start),
            hint: Hint::None,
        })
    }

    /// `@Source[name]`
    fn attribute(&mut self, start: usize) -> Result<Token, ConditionError> {
        let mut word = String::new();
        while let Some((_, letter)) = self.rest.next_if(|(_, character)| in_word(*character)) {
            word.push(letter);
        }
        let Some(source) = Source::named(&word) else {
            let hint = Source::nearest(&word).map_or(Hint::None, |name| Hint::Meant(format!("@{name}")));
            return Err(ConditionError::Unexpected {
                expected: "`@Request`, `@Resource`, `@Principal` or `@Environment`".into(),
                found: shown(&format!("@{word}")),
                position: Position::of(self.text, start),
                hint,
            });
        };
        while self.rest.next_if(|(_, character)| character.is_whitespace()).is_some() {}
        if self.rest.next_if(|(_, character)| *character == '[').is_none() {
            let at = self.at();
            return Err(self.refused("`[` and the name of an attribute", at));
        }
        let mut name = String::new();
        let in_name =
            |character: char| character != ']' && !character.is_control() && !NOT_IN_NAMES.contains(&character);
        while let Some((_, character)) = self.rest.next_if(|(_, character)| in_name(*character)) {
            name.push(character);
        }
        let at = self.at();
        if name.trim().is_empty() {
            return Err(self.refused("the name of an attribute", at));
        }
        match self.rest.next_if(|(_, character)| *character == ']') {
            Some(_) => Ok(Token::Attribute(Attribute::new(source, name.trim()))),
            None => Err(self.refused("`]` behind the name of an attribute", at)),
        }
    }

    /// Something else was expected than what stands at `at`.
    fn refused(&self, expected: &'static str, at: usize) -> ConditionError {
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let found = next.map_or_else(|| "the end".to_owned(), |character| shown(character.encode_utf8(&mut [0; 4])));
        ConditionError::Unexpected {
            expected: expected.into(),
            found,
            position: Position::of(self.text, at),
            hint: Hint::None,
        }
    }
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}
