//! From tokens to an expression, by recursive descent.
//!
//! ```text
//! condition  := unary ( ("AND" unary)* | ("OR" unary)* )        mixed without parentheses: refused as ambiguous
//! unary      := "NOT" unary | "(" condition ")" | function | operand operator operand
//! function   := ("ActionMatches" | "SubOperationMatches") "{" literal "}" | "Exists" attribute
//! operand    := attribute | literal | "{" [ literal ("," literal)* ] "}"
//! ```

use super::ast::{Attribute, Comparison, Expression, Operand, Operator};
use super::lex::Token;
use super::{ConditionError, MAX_CONDITION_NESTING};
use crate::action_pattern::ActionPattern;

pub(super) fn parse(tokens: &[(usize, Token)], end: usize) -> Result<Expression, ConditionError> {
    let mut parser = Parser { rest: tokens.iter(), end };
    let expression = parser.condition(0)?;
    match parser.rest.next() {
        None => Ok(expression),
        Some((at, token)) => Err(unexpected("`AND`, `OR` or the end", Some(token), *at)),
    }
}

struct Parser<'t> {
    rest: std::slice::Iter<'t, (usize, Token)>,
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.rest.as_slice().first().map(|(_, token)| token)
    }

    fn at(&self) -> usize {
        self.rest.as_slice().first().map_or(self.end, |(at, _)| *at)
    }

    fn take_if(&mut self, wanted: &Token) -> bool {
        let taken = self.peek() == Some(wanted);
        if taken {
            self.rest.next();
        }
        taken
    }

    fn expect(&mut self, wanted: &Token, expected: &'static str) -> Result<(), ConditionError> {
        let at = self.at();
        if self.take_if(wanted) { Ok(()) } else { Err(unexpected(expected, self.peek(), at)) }
    }

    fn condition(&mut self, depth: usize) -> Result<Expression, ConditionError> {
        let mut parts = vec![self.unary(depth)?];
        let joint = match self.peek() {
            Some(token @ (Token::And | Token::Or)) => token,
            _ => {
                return parts.pop().ok_or_else(|| unexpected("an expression", None, self.end));
            }
        };
        while self.take_if(joint) {
            parts.push(self.unary(depth)?);
        }
        if matches!(self.peek(), Some(Token::And | Token::Or)) {
            return Err(ConditionError::Ambiguous { at: self.at() });
        }
        Ok(if *joint == Token::And { Expression::And(parts) } else { Expression::Or(parts) })
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, ConditionError> {
        if depth >= MAX_CONDITION_NESTING {
            return Err(ConditionError::TooDeep);
        }
        if self.take_if(&Token::Not) {
            return Ok(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.take_if(&Token::Open) {
            let inner = self.condition(depth + 1)?;
            self.expect(&Token::Close, "`)`")?;
            return Ok(inner);
        }
        match self.peek() {
            Some(Token::Word(word)) if is_function(word) => self.function(word),
            _ => self.comparison(),
        }
    }

    fn function(&mut self, word: &str) -> Result<Expression, ConditionError> {
        self.rest.next();
        if word.eq_ignore_ascii_case("Exists") {
            let at = self.at();
            return match self.rest.next() {
                Some((_, Token::Attribute(attribute))) => Ok(Expression::Exists(attribute.clone())),
                other => Err(unexpected("an attribute", other.map(|(_, token)| token), at)),
            };
        }
        self.expect(&Token::OpenSet, "`{`")?;
        let at = self.at();
        let pattern = match self.rest.next() {
            Some((_, Token::Text(text))) => ActionPattern::new(text.trim()),
            other => {
                return Err(unexpected("an action in quotes", other.map(|(_, token)| token), at));
            }
        };
        self.expect(&Token::CloseSet, "`}`")?;
        if word.eq_ignore_ascii_case("ActionMatches") {
            return Ok(Expression::ActionMatches(pattern));
        }
        Ok(Expression::SubOperationMatches)
    }

    fn comparison(&mut self) -> Result<Expression, ConditionError> {
        let left = self.operand()?;
        let at = self.at();
        let operator = match self.rest.next() {
            Some((_, token @ Token::Word(word))) => {
                Operator::named(word).ok_or_else(|| unexpected("an operator", Some(token), at))?
            }
            other => return Err(unexpected("an operator", other.map(|(_, token)| token), at)),
        };
        let right = self.operand()?;
        Ok(Expression::Compare(Comparison { left, operator, right }))
    }

    fn operand(&mut self) -> Result<Operand, ConditionError> {
        if let Some(Token::Attribute(attribute)) = self.peek() {
            self.rest.next();
            return Ok(Operand::Attribute(Attribute::clone(attribute)));
        }
        if !self.take_if(&Token::OpenSet) {
            return Ok(Operand::Values(vec![self.literal()?]));
        }
        let mut values = Vec::new();
        if !self.take_if(&Token::CloseSet) {
            loop {
                values.push(self.literal()?);
                if self.take_if(&Token::CloseSet) {
                    break;
                }
                self.expect(&Token::Comma, "`,` or `}`")?;
            }
        }
        Ok(Operand::Values(values))
    }

    fn literal(&mut self) -> Result<String, ConditionError> {
        let at = self.at();
        match self.rest.next() {
            Some((_, Token::Text(text))) => Ok(text.clone()),
            Some((_, Token::Word(word))) if is_literal(word) => Ok(word.clone()),
            other => Err(unexpected("a value", other.map(|(_, token)| token), at)),
        }
    }
}

fn is_function(word: &str) -> bool {
    ["ActionMatches", "SubOperationMatches", "Exists"].iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// A GUID (32 digits or with dashes), an integer, `true` or `false`.
fn is_literal(word: &str) -> bool {
    uuid::Uuid::try_parse(word).is_ok()
        || word.parse::<i64>().is_ok()
        || word.eq_ignore_ascii_case("true")
        || word.eq_ignore_ascii_case("false")
}

fn unexpected(expected: &'static str, found: Option<&Token>, at: usize) -> ConditionError {
    let found = match found {
        None => "the end".to_owned(),
        Some(Token::Word(word)) => format!("`{word}`"),
        Some(Token::Text(_)) => "a text".to_owned(),
        Some(Token::Attribute(_)) => "an attribute".to_owned(),
        Some(Token::And) => "`AND`".to_owned(),
        Some(Token::Or) => "`OR`".to_owned(),
        Some(Token::Not) => "`NOT`".to_owned(),
        Some(Token::Open) => "`(`".to_owned(),
        Some(Token::Close) => "`)`".to_owned(),
        Some(Token::OpenSet) => "`{`".to_owned(),
        Some(Token::CloseSet) => "`}`".to_owned(),
        Some(Token::Comma) => "`,`".to_owned(),
    };
    ConditionError::Unexpected { expected, found, at }
}
