//! Reading an object strictly: every field is read, or may be left out, or is refused by name.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::NotSupported;
use super::left_out::{self, Protocol};

/// Names less alike than this are not the same name misspelt.
const LEAST_LIKENESS: f64 = 0.84;
/// Characters of a caller's own name that an error repeats: enough to recognise it, whatever was sent.
const LONGEST_ECHO: usize = 60;

/// `field` should have been `expected` and is not.
pub(crate) fn wrong_type(field: impl Into<String>, expected: &str, got: &Value) -> NotSupported {
    let kind = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    NotSupported::new(field, format!("expected {expected}, but got {kind}"))
}

/// A caller's or provider's own word, as an error repeats it: cut, and on one line.
pub(crate) fn echo(word: &str) -> String {
    if word.is_empty() {
        return "\"\"".to_owned();
    }
    word.chars().take(LONGEST_ECHO).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// One object of a body. `null` counts as absent.
pub(crate) struct Fields<'a> {
    protocol: Protocol,
    path: String,
    map: &'a Map<String, Value>,
    read: Vec<&'static str>,
    /// Whether what is not known is refused, as in a request; an answer may hold news.
    is_strict: bool,
}

impl<'a> Fields<'a> {
    /// Gives each of `messages`, of which there must be one, to `read` with its path.
    pub(crate) fn messages(
        &mut self,
        mut read: impl FnMut(&str, &Value) -> Result<(), NotSupported>,
    ) -> Result<(), NotSupported> {
        let list = self.list("messages")?;
        if list.is_empty() {
            return Err(NotSupported::new("messages", "expected at least one message"));
        }
        list.iter().enumerate().try_for_each(|(index, message)| read(&format!("messages[{index}]"), message))
    }

    /// The object at `path`; the body itself has the path ``.
    pub(crate) fn of(protocol: Protocol, path: &str, value: &'a Value) -> Result<Fields<'a>, NotSupported> {
        let Value::Object(map) = value else {
            return Err(wrong_type(if path.is_empty() { "body" } else { path }, "an object", value));
        };
        Ok(Fields { protocol, path: path.to_owned(), map, read: Vec::with_capacity(8), is_strict: true })
    }

    /// The same of an answer: what is not known in it is no reason to refuse it.
    pub(crate) fn of_answer(protocol: Protocol, value: &'a Value) -> Result<Fields<'a>, NotSupported> {
        Ok(Fields { is_strict: false, ..Fields::of(protocol, "", value)? })
    }

    /// An object inside this one.
    fn child(&self, path: &str, value: &'a Value) -> Result<Fields<'a>, NotSupported> {
        Ok(Fields { is_strict: self.is_strict, ..Fields::of(self.protocol, path, value)? })
    }

    /// Its own path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The object in the field `name`.
    pub(crate) fn inner(&mut self, name: &'static str) -> Result<Option<Fields<'a>>, NotSupported> {
        let path = self.at(name);
        self.get(name).map(|value| self.child(&path, value)).transpose()
    }

    /// The path of one of its fields.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A field as it is.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.read.push(name);
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<&'a str>, NotSupported> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(self.at(name), "a string", other)),
        }
    }

    pub(crate) fn required_text(&mut self, name: &'static str) -> Result<&'a str, NotSupported> {
        self.text(name)?.ok_or_else(|| self.missing(name, "a string"))
    }

    pub(crate) fn missing(&self, name: &str, expected: &str) -> NotSupported {
        NotSupported::new(self.at(name), format!("expected {expected}, but it is missing"))
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, NotSupported> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong_type(self.at(name), "a boolean", other)),
        }
    }

    /// A whole number from `least`.
    pub(crate) fn count(&mut self, name: &'static str, least: u64) -> Result<Option<u64>, NotSupported> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_u64().filter(|number| *number >= least) {
            Some(number) => Ok(Some(number)),
            None if value.is_number() => {
                Err(NotSupported::new(self.at(name), format!("expected a whole number from {least}, but got {value}")))
            }
            None => Err(wrong_type(self.at(name), "a whole number", value)),
        }
    }

    /// A number in a range.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, NotSupported> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_f64() {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            Some(number) => {
                let (start, end) = range.into_inner();
                Err(NotSupported::new(self.at(name), format!("expected {start} to {end}, but got {number}")))
            }
            None => Err(wrong_type(self.at(name), "a number", value)),
        }
    }

    pub(crate) fn list(&mut self, name: &'static str) -> Result<&'a [Value], NotSupported> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(wrong_type(self.at(name), "an array", other)),
        }
    }

    /// A list of objects, each to be read strictly; absent is empty.
    pub(crate) fn objects(&mut self, name: &'static str) -> Result<Vec<Fields<'a>>, NotSupported> {
        let (path, list) = (self.at(name), self.list(name)?);
        list.iter().enumerate().map(|(index, value)| self.child(&format!("{path}[{index}]"), value)).collect()
    }

    /// One of the words of a table.
    pub(crate) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Result<Option<T>, NotSupported> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*meaning));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.refuse_word(name, text, &known)
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, NotSupported> {
        let path = self.at(name);
        let one = |(index, item): (usize, &Value)| match item {
            Value::String(text) => Ok(text.clone()),
            other => Err(wrong_type(format!("{path}[{index}]"), "a string", other)),
        };
        self.list(name)?.iter().enumerate().map(one).collect()
    }

    /// A word that the form has no place for, in a field it has a place for.
    pub(crate) fn refuse_word<T>(&self, name: &str, got: &str, known: &[&str]) -> Result<T, NotSupported> {
        let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        Err(NotSupported::new(self.at(name), format!("expected {}, but got `{}`", known.join(" or "), echo(got))))
    }

    /// What was not read may be left out, or is refused.
    pub(crate) fn done(self) -> Result<(), NotSupported> {
        for (name, value) in self.map.iter().filter(|(_, value)| self.is_strict && !value.is_null()) {
            if self.read.iter().any(|read| read == name) {
                continue;
            }
            let shown = echo(name);
            let field = self.at(&shown);
            match left_out::find(self.protocol, &self.at(name)) {
                Some(entry) if entry.accepted.holds(value) => {}
                Some(entry) => return Err(NotSupported::new(field, entry.refusal())),
                None => return Err(NotSupported::new(field, self.unknown(&shown))),
            }
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let likeness = |known: &&'static str| strsim::jaro_winkler(name, known);
        let nearest = self.read.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        match nearest.filter(|known| likeness(known) >= LEAST_LIKENESS) {
            Some(known) => format!("no such field is known here: is it `{known}`?"),
            None => "no such field is known here: leave it out".to_owned(),
        }
    }
}
