//! OData's `$filter`, as far as the directory understands it: parsed, then asked of each object.
//!
//! ```text
//! filter  = and { "or" and }            and   = not { "and" not }          not = ["not"] term
//! term    = "(" filter ")" | startswith(property,'text') | property eq value | property ne value
//!         | property in ('text', …) | property "/any(" name ":" name eq 'text' ")"
//! ```

use serde_json::Value;

/// Longest filter read, bytes: a URL is not much longer.
const LENGTH_LIMIT: usize = 2048;
/// Deepest nesting of brackets and `not`: bounds the recursion.
const NESTING_LIMIT: usize = 16;

/// A filter that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// The property has this value; text is compared without case.
    Equal(&'static str, Literal),
    /// The text of the property starts so, without case.
    StartsWith(&'static str, String),
    /// One element of the list is this text.
    Any(&'static str, String),
    /// The property is one of these texts.
    In(&'static str, Vec<String>),
    Both(Box<Filter>, Box<Filter>),
    Either(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
}

/// A value in a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Flag(bool),
    Null,
}

/// A filter that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotUnderstood(pub(super) String);

impl Filter {
    /// Parses a filter over `properties`, whose names are compared without case.
    pub(super) fn parse(text: &str, properties: &[&'static str]) -> Result<Filter, NotUnderstood> {
        let explain = |reason: String| NotUnderstood(explanation(&reason, properties));
        if text.len() > LENGTH_LIMIT {
            return Err(explain(format!("it is longer than {LENGTH_LIMIT} bytes")));
        }
        let tokens = lex(text).map_err(explain)?;
        let mut parser = Parser { tokens: tokens.into_iter().peekable(), properties, depth: 0 };
        let filter = parser.either().map_err(explain)?;
        match parser.tokens.next() {
            None => Ok(filter),
            Some(token) => Err(explain(format!("`{}` is left over", token.shown()))),
        }
    }

    /// Whether an object, asked for its properties by name, passes.
    pub(super) fn holds(&self, property: &impl Fn(&str) -> Option<Value>) -> bool {
        match self {
            Filter::Equal(name, literal) => equals(property(name).as_ref(), literal),
            Filter::StartsWith(name, text) => {
                property(name).as_ref().and_then(Value::as_str).is_some_and(|value| starts_with(value, text))
            }
            Filter::Any(name, text) => {
                let list = property(name);
                let elements = list.as_ref().and_then(Value::as_array).into_iter().flatten();
                elements.filter_map(Value::as_str).any(|element| same(element, text))
            }
            Filter::In(name, texts) => property(name)
                .as_ref()
                .and_then(Value::as_str)
                .is_some_and(|value| texts.iter().any(|text| same(value, text))),
            Filter::Both(one, other) => one.holds(property) && other.holds(property),
            Filter::Either(one, other) => one.holds(property) || other.holds(property),
            Filter::Not(inner) => !inner.holds(property),
        }
    }

    /// The one text that `name` must have for any object to pass, which an index can answer.
    pub(super) fn demands(&self, name: &str) -> Option<&str> {
        match self {
            Filter::Equal(property, Literal::Text(text)) if *property == name => Some(text),
            Filter::Both(one, other) => one.demands(name).or_else(|| other.demands(name)),
            _ => None,
        }
    }
}

fn same(value: &str, text: &str) -> bool {
    value.eq_ignore_ascii_case(text) || value.to_lowercase() == text.to_lowercase()
}

fn starts_with(value: &str, text: &str) -> bool {
    value.to_lowercase().starts_with(&text.to_lowercase())
}

fn equals(value: Option<&Value>, literal: &Literal) -> bool {
    match (value, literal) {
        (None | Some(Value::Null), Literal::Null) => true,
        (Some(Value::String(value)), Literal::Text(text)) => same(value, text),
        (Some(Value::Bool(value)), Literal::Flag(flag)) => value == flag,
        _ => false,
    }
}

fn explanation(reason: &str, properties: &[&'static str]) -> String {
    format!(
        "The $filter is not understood: {reason}. Understood are `property eq 'value'`, `ne`, `in (…)`, `startswith(property,'text')`, `list/any(x:x eq 'value')`, `and`, `or`, `not` and brackets, over: {}.",
        properties.join(", ")
    )
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("'{text}'"),
            Token::Sign(sign) => sign.to_string(),
        }
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
    }
}

fn lex(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            ' ' | '\t' => {}
            '(' | ')' | ',' | ':' | '/' => tokens.push(Token::Sign(first)),
            '\'' => tokens.push(Token::Text(quoted(&mut rest)?)),
            _ if is_word_character(first) => {
                let mut word = String::from(first);
                while let Some(next) = rest.next_if(|next| is_word_character(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
            other => return Err(format!("`{other}` is not expected")),
        }
    }
    Ok(tokens)
}

fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '@')
}

/// The rest of a quoted text; two quotes stand for one.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        if next != '\'' {
            text.push(next);
        } else if rest.next_if_eq(&'\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err("a quote is not closed".to_owned())
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    properties: &'a [&'static str],
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Filter, String> {
        let mut filter = self.both()?;
        while self.tokens.next_if(|token| token.is_word("or")).is_some() {
            filter = Filter::Either(Box::new(filter), Box::new(self.both()?));
        }
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, String> {
        let mut filter = self.negated()?;
        while self.tokens.next_if(|token| token.is_word("and")).is_some() {
            filter = Filter::Both(Box::new(filter), Box::new(self.negated()?));
        }
        Ok(filter)
    }

    fn negated(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > NESTING_LIMIT {
            return Err(format!("it is nested deeper than {NESTING_LIMIT} levels"));
        }
        let filter = if self.tokens.next_if(|token| token.is_word("not")).is_some() {
            Filter::Not(Box::new(self.negated()?))
        } else if self.tokens.next_if_eq(&Token::Sign('(')).is_some() {
            let inner = self.either()?;
            self.sign(')')?;
            inner
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self) -> Result<Filter, String> {
        let word = self.word()?;
        if word.eq_ignore_ascii_case("startswith") {
            return self.starts_with();
        }
        let property = self.property(&word)?;
        match self.tokens.next() {
            Some(Token::Sign('/')) => self.any(property),
            Some(token) if token.is_word("eq") => Ok(Filter::Equal(property, self.literal()?)),
            Some(token) if token.is_word("ne") => Ok(Filter::Not(Box::new(Filter::Equal(property, self.literal()?)))),
            Some(token) if token.is_word("in") => self.one_of(property),
            Some(token) => Err(format!("`{}` is no comparison", token.shown())),
            None => Err(format!("a comparison is missing behind `{property}`")),
        }
    }

    fn starts_with(&mut self) -> Result<Filter, String> {
        self.sign('(')?;
        let word = self.word()?;
        let property = self.property(&word)?;
        self.sign(',')?;
        let text = self.text()?;
        self.sign(')')?;
        Ok(Filter::StartsWith(property, text))
    }

    fn any(&mut self, property: &'static str) -> Result<Filter, String> {
        let function = self.word()?;
        if !function.eq_ignore_ascii_case("any") {
            return Err(format!("`{property}/{function}` is not a test"));
        }
        self.sign('(')?;
        let (variable, _) = (self.word()?, self.sign(':')?);
        if self.word()? != variable || !self.word()?.eq_ignore_ascii_case("eq") {
            return Err(format!("`any` compares its own variable `{variable}` by `eq`"));
        }
        let text = self.text()?;
        self.sign(')')?;
        Ok(Filter::Any(property, text))
    }

    fn one_of(&mut self, property: &'static str) -> Result<Filter, String> {
        self.sign('(')?;
        let mut texts = vec![self.text()?];
        while self.tokens.next_if_eq(&Token::Sign(',')).is_some() {
            texts.push(self.text()?);
        }
        self.sign(')')?;
        Ok(Filter::In(property, texts))
    }

    fn literal(&mut self) -> Result<Literal, String> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(token) if token.is_word("true") => Ok(Literal::Flag(true)),
            Some(token) if token.is_word("false") => Ok(Literal::Flag(false)),
            Some(token) if token.is_word("null") => Ok(Literal::Null),
            Some(token) => Err(format!("`{}` is no value; texts are in single quotes", token.shown())),
            None => Err("a value is missing at the end".to_owned()),
        }
    }

    fn property(&self, word: &str) -> Result<&'static str, String> {
        let known = self.properties.iter().find(|known| known.eq_ignore_ascii_case(word));
        known.copied().ok_or_else(|| format!("`{word}` is not a property that can be filtered by"))
    }

    fn word(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(word),
            other => Err(expected("a name", other.as_ref())),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(text),
            other => Err(expected("a text in single quotes", other.as_ref())),
        }
    }

    fn sign(&mut self, wanted: char) -> Result<(), String> {
        match self.tokens.next() {
            Some(Token::Sign(sign)) if sign == wanted => Ok(()),
            other => Err(expected(&format!("`{wanted}`"), other.as_ref())),
        }
    }
}

fn expected(what: &str, found: Option<&Token>) -> String {
    match found {
        Some(token) => format!("{what} was expected instead of `{}`", token.shown()),
        None => format!("{what} was expected at the end"),
    }
}

#[cfg(test)]
mod tests;
