//! From tokens to an expression, by recursive descent.
//!
//! ```text
//! condition  := unary ( ("AND" unary)* | ("OR" unary)* )        mixed without parentheses: refused as ambiguous
//! unary      := "NOT" unary | "(" condition ")" | function | operand operator operand
//! function   := ("ActionMatches" | "SubOperationMatches") "{" text "}" | "Exists" attribute
//! operand    := attribute | literal | "{" [ literal ("," literal)* ] "}"
//! operator   := [ quantifier ":" ] base
//! ```

use std::borrow::Cow;
use std::ops::Range;

use arm::nearest;

use super::ast::{Comparison, Expression, Literal, Operand, Says};
use super::attribute::Attribute;
use super::error::{ConditionError, Hint, Position, shown};
use super::lex::{Lexeme, Token};
use super::operator::{Kind, Operator, Quantifier};
use super::value::Value;
use super::{MAX_CONDITION_NESTING, lex};
use crate::action_pattern::ActionPattern;

const FUNCTIONS: [&str; 3] = ["ActionMatches", "SubOperationMatches", "Exists"];
/// Said where a bare word stands in place of a value.
const QUOTE_TEXTS: Hint = Hint::Rule("texts and times stand in single quotes");

pub(super) fn parse(text: &str) -> Result<Expression, ConditionError> {
    let lexemes = lex::lex(text);
    let mut parser = Parser { text, rest: lexemes.iter(), end: 0 };
    let expression = parser.condition(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.unexpected("`AND`, `OR` or the end", Hint::None)),
    }
}

struct Parser<'t> {
    text: &'t str,
    rest: std::slice::Iter<'t, Lexeme>,
    /// Behind the last token taken.
    end: usize,
}

/// Literals are read when their operator is known.
enum Side<'t> {
    Attribute(&'t Attribute),
    Literals(Vec<&'t Lexeme>),
}

impl<'t> Parser<'t> {
    fn peek_lexeme(&self) -> Option<&'t Lexeme> {
        self.rest.as_slice().first()
    }

    fn peek(&self) -> Option<&'t Token> {
        self.peek_lexeme().map(|lexeme| &lexeme.token)
    }

    fn at(&self) -> usize {
        self.peek_lexeme().map_or(self.text.len(), |lexeme| lexeme.start)
    }

    fn take(&mut self) {
        if let Some(lexeme) = self.rest.next() {
            self.end = lexeme.end;
        }
    }

    fn take_if(&mut self, wanted: &Token) -> bool {
        let taken = self.peek() == Some(wanted);
        if taken {
            self.take();
        }
        taken
    }

    fn expect(&mut self, wanted: &Token, expected: &'static str) -> Result<(), ConditionError> {
        if self.take_if(wanted) { Ok(()) } else { Err(self.unexpected(expected, Hint::None)) }
    }

    fn condition(&mut self, depth: usize) -> Result<Expression, ConditionError> {
        let start = self.at();
        let first = self.unary(depth)?;
        let joint = match self.peek() {
            Some(token @ (Token::And | Token::Or)) => token,
            _ => return Ok(first),
        };
        let mut parts = vec![first];
        while self.take_if(joint) {
            parts.push(self.unary(depth)?);
        }
        if matches!(self.peek(), Some(Token::And | Token::Or)) {
            return Err(ConditionError::Ambiguous { position: Position::of(self.text, self.at()) });
        }
        let says = if *joint == Token::And { Says::And(parts) } else { Says::Or(parts) };
        Ok(Expression { span: self.since(start), says })
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, ConditionError> {
        let start = self.at();
        let deeper = matches!(self.peek(), Some(Token::Not | Token::Open));
        if deeper && depth >= MAX_CONDITION_NESTING {
            return Err(ConditionError::TooDeep { position: Position::of(self.text, start) });
        }
        if self.take_if(&Token::Not) {
            let inner = self.unary(depth + 1)?;
            return Ok(Expression { span: self.since(start), says: Says::Not(Box::new(inner)) });
        }
        if self.take_if(&Token::Open) {
            let inner = self.condition(depth + 1)?;
            self.expect(&Token::Close, "`AND`, `OR` or `)`")?;
            return Ok(inner);
        }
        let says = match self.peek() {
            Some(Token::Word(word)) if !is_literal(word) => self.function(word)?,
            _ => Says::Compare(self.comparison()?),
        };
        Ok(Expression { span: self.since(start), says })
    }

    fn function(&mut self, word: &str) -> Result<Says, ConditionError> {
        let Some(name) = FUNCTIONS.into_iter().find(|name| name.eq_ignore_ascii_case(word)) else {
            let hint = nearest(word, FUNCTIONS).map_or(Hint::None, |name| Hint::Meant(name.to_owned()));
            return Err(self.unexpected("an expression", hint));
        };
        self.take();
        if name == "Exists" {
            let Some(Token::Attribute(attribute)) = self.peek() else {
                return Err(self.unexpected("an attribute such as `@Request[…]`", Hint::None));
            };
            self.take();
            return Ok(Says::Exists(attribute.clone()));
        }
        self.expect(&Token::OpenSet, "`{`")?;
        let Some(Token::Text(pattern)) = self.peek() else {
            return Err(self.unexpected("an action in single quotes", Hint::None));
        };
        self.take();
        self.expect(&Token::CloseSet, "`}`")?;
        Ok(match name {
            "ActionMatches" => Says::ActionMatches(ActionPattern::new(pattern.trim())),
            _ => Says::SubOperationMatches,
        })
    }

    fn comparison(&mut self) -> Result<Comparison, ConditionError> {
        let left = self.side("an expression")?;
        let operator = self.operator()?;
        let right = self.side("a value or an attribute")?;
        Ok(Comparison {
            left: self.operand(left, operator.kind)?,
            operator,
            right: self.operand(right, operator.kind)?,
        })
    }

    fn operator(&mut self) -> Result<Operator, ConditionError> {
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self.unexpected("an operator such as `StringEquals`", Hint::None));
        };
        let quantified = matches!(self.rest.as_slice().get(1), Some(Lexeme { token: Token::Colon, .. }));
        if !quantified {
            return self.base(word);
        }
        let Some(quantifier) = Quantifier::named(word) else {
            let hint = Quantifier::nearest(word).map_or(Hint::None, |name| Hint::Meant(name.to_owned()));
            return Err(self.unexpected("a quantifier such as `ForAnyOfAnyValues`", hint));
        };
        self.take();
        self.take();
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self.unexpected("an operator behind the quantifier", Hint::None));
        };
        if Operator::named(word).is_some_and(|operator| !operator.takes_quantifier()) {
            return Err(self.unexpected("an operator that takes a quantifier", Hint::None));
        }
        Ok(Operator { quantifier: Some(quantifier), ..self.base(word)? })
    }

    fn base(&mut self, word: &str) -> Result<Operator, ConditionError> {
        let Some(operator) = Operator::named(word) else {
            let hint = Operator::nearest(word).map_or(Hint::None, |name| Hint::Meant(name.to_owned()));
            return Err(self.unexpected("an operator such as `StringEquals`", hint));
        };
        self.take();
        Ok(operator)
    }

    fn side(&mut self, expected: &'static str) -> Result<Side<'t>, ConditionError> {
        if let Some(Token::Attribute(attribute)) = self.peek() {
            self.take();
            return Ok(Side::Attribute(attribute));
        }
        if !self.take_if(&Token::OpenSet) {
            return Ok(Side::Literals(vec![self.literal(expected)?]));
        }
        let mut literals = Vec::new();
        if self.take_if(&Token::CloseSet) {
            return Ok(Side::Literals(literals));
        }
        loop {
            literals.push(self.literal("a value")?);
            if self.take_if(&Token::CloseSet) {
                return Ok(Side::Literals(literals));
            }
            self.expect(&Token::Comma, "`,` or `}`")?;
        }
    }

    fn literal(&mut self, expected: &'static str) -> Result<&'t Lexeme, ConditionError> {
        match self.peek_lexeme() {
            Some(lexeme) if lexeme.literal().is_some() => {
                self.take();
                Ok(lexeme)
            }
            Some(Lexeme {
                token: Token::Word(_) | Token::Stray('"' | '‘' | '’' | '“' | '”' | '`'), ..
            }) => Err(self.unexpected(expected, QUOTE_TEXTS)),
            _ => Err(self.unexpected(expected, Hint::None)),
        }
    }

    /// The values of one side, which must be of the operator's kind: others could never be compared.
    fn operand(&self, side: Side<'_>, kind: Kind) -> Result<Operand, ConditionError> {
        let literals = match side {
            Side::Attribute(attribute) => return Ok(Operand::Attribute(attribute.clone())),
            Side::Literals(literals) => literals,
        };
        let read = literals.into_iter().map(|lexeme| {
            let text = lexeme.literal().unwrap_or_default();
            match Value::read(kind, text) {
                Some(value) => Ok(Literal { text: text.to_owned(), value: value.into_owned() }),
                None => Err(self.unexpected_lexeme(kind.described().into(), Some(lexeme), Hint::None)),
            }
        });
        read.collect::<Result<_, _>>().map(Operand::Literals)
    }

    fn since(&self, start: usize) -> Range<usize> {
        start..self.end
    }

    fn unexpected(&self, expected: &'static str, hint: Hint) -> ConditionError {
        self.unexpected_lexeme(expected.into(), self.peek_lexeme(), hint)
    }

    fn unexpected_lexeme(&self, expected: Cow<'static, str>, lexeme: Option<&Lexeme>, hint: Hint) -> ConditionError {
        if let Some(Lexeme { token: Token::Broken(error), .. }) = lexeme {
            return error.clone();
        }
        let (at, found) = match lexeme {
            None => (self.text.len(), "the end".to_owned()),
            Some(lexeme) => (lexeme.start, shown(self.text.get(lexeme.start..lexeme.end).unwrap_or_default())),
        };
        ConditionError::Unexpected { expected, found, position: Position::of(self.text, at), hint }
    }
}

impl Lexeme {
    /// The text of a literal: quoted, or a word that is one.
    fn literal(&self) -> Option<&str> {
        match &self.token {
            Token::Text(text) => Some(text),
            Token::Word(word) if is_literal(word) => Some(word),
            _ => None,
        }
    }
}

/// A GUID (32 digits or with dashes), an integer, `true` or `false`.
fn is_literal(word: &str) -> bool {
    uuid::Uuid::try_parse(word).is_ok()
        || word.parse::<i64>().is_ok()
        || word.eq_ignore_ascii_case("true")
        || word.eq_ignore_ascii_case("false")
}
