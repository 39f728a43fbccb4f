//! A request handed on in its own bytes: what must change is changed in place, everything else stays as it was written.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::chat::MAX_CHOICES;
use super::error::OpenAiError;
use super::field::wrong_type;

/// What a body says that decides its way; the provider judges the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The deployment, where the path does not name it.
    pub model: Option<String>,
    /// Whether the answer is wanted as a stream of events.
    pub stream: bool,
    /// Whether the stream shall close with a chunk that carries the usage.
    pub include_usage: bool,
    /// How many answers are asked for, as far as that can be told.
    pub choices: u64,
}

impl Outline {
    /// Reads the few fields. Errors are 400 `invalid_request_error` and name the field.
    pub fn of(body: &Value) -> Result<Outline, OpenAiError> {
        let given = |name: &str| body.get(name).filter(|value| !value.is_null());
        let model = match given("model") {
            None => None,
            Some(Value::String(model)) => Some(model.clone()),
            Some(other) => return Err(wrong_type("model", "a string", other)),
        };
        let flag = |param: &str, value: Option<&Value>| match value {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong_type(param, "a boolean", other)),
        };
        let options = match given("stream_options") {
            None => None,
            Some(Value::Object(options)) => options.get("include_usage"),
            Some(other) => return Err(wrong_type("stream_options", "an object", other)),
        };
        let choices = given("n").and_then(Value::as_u64).unwrap_or(1).clamp(1, MAX_CHOICES.unsigned_abs());
        Ok(Outline {
            model,
            stream: flag("stream", given("stream"))?,
            include_usage: flag("stream_options.include_usage", options)?,
            choices,
        })
    }
}

/// Why a body could not be rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a JSON object")]
pub struct NotAnObject;

/// What a body shall say instead; everything else stays as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits<'a> {
    /// Members to be put, each with its JSON text.
    pub put: Vec<(&'a str, String)>,
    /// Members to be left out.
    pub without: Vec<&'a str>,
    /// Whether a stream's usage shall be asked for (`stream_options.include_usage`).
    pub ask_usage: bool,
}

/// The body with these edits, made in one reading of it.
pub fn rewrite(body: &[u8], edits: &Edits<'_>) -> Result<Vec<u8>, NotAnObject> {
    let members = Members::of(body)?;
    let mut made: Vec<Edit> = edits.without.iter().filter_map(|name| members.leave_out(name)).collect();
    let mut put: Vec<(&str, &str)> = edits.put.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if edits.ask_usage {
        match members.span("stream_options").zip(members.value("stream_options")) {
            Some((span, options)) if options.starts_with('{') => {
                let inner = Members::of(options.as_bytes())?;
                made.extend(inner.put(&[("include_usage", "true")]).into_iter().map(|edit| edit.moved(span.start)));
            }
            _ => put.push(("stream_options", r#"{"include_usage":true}"#)),
        }
    }
    made.extend(members.put(&put));
    edited(body, made)
}

/// A chunk with `null` for its usage, as who did not ask for it gets it.
pub fn without_usage(chunk: &[u8]) -> Result<Vec<u8>, NotAnObject> {
    let members = Members::of(chunk)?;
    edited(chunk, members.put(&[("usage", "null")]))
}

/// The body without a member: neither its name stays nor its value, for who takes even `null` for something said.
pub fn without_member(body: &[u8], name: &str) -> Result<Vec<u8>, NotAnObject> {
    let members = Members::of(body)?;
    let Some(at) = members.list.iter().position(|(known, _)| known == name) else { return Ok(body.to_vec()) };
    let end = |index: usize| members.list.get(index).and_then(|(_, value)| Some(members.span_of(value.get())?.end));
    let own_end = end(at).ok_or(NotAnObject)?;
    // With the comma in front of it; the first has one behind it, unless it is the only one.
    let gone = match at.checked_sub(1) {
        Some(before) => end(before).ok_or(NotAnObject)?..own_end,
        None => {
            let comma = body.iter().skip(own_end).position(|byte| *byte == b',');
            members.behind_brace()..comma.map_or(own_end, |comma| own_end + comma + 1)
        }
    };
    edited(body, vec![Edit { at: gone, text: String::new() }])
}

fn edited(body: &[u8], mut edits: Vec<Edit>) -> Result<Vec<u8>, NotAnObject> {
    edits.sort_by_key(|edit| edit.at.start);
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut from = 0;
    for Edit { at, text } in edits {
        out.extend_from_slice(body.get(from..at.start).ok_or(NotAnObject)?);
        out.extend_from_slice(text.as_bytes());
        from = at.end;
    }
    out.extend_from_slice(body.get(from..).ok_or(NotAnObject)?);
    Ok(out)
}

/// Bytes to be replaced, and by what.
struct Edit {
    at: Range<usize>,
    text: String,
}

impl Edit {
    fn moved(self, by: usize) -> Edit {
        Edit { at: self.at.start + by..self.at.end + by, text: self.text }
    }
}

/// The members of an object, with the place of each value in the object's text.
struct Members<'a> {
    text: &'a [u8],
    list: Vec<(String, &'a RawValue)>,
}

impl<'a> Members<'a> {
    fn of(text: &'a [u8]) -> Result<Members<'a>, NotAnObject> {
        let mut reader = serde_json::Deserializer::from_slice(text);
        let list = reader.deserialize_map(Listing).map_err(|_| NotAnObject)?;
        Ok(Members { text, list })
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.list.iter().find(|(known, _)| known == name).map(|(_, value)| value.get())
    }

    /// Where the value of `name` stands.
    fn span(&self, name: &str) -> Option<Range<usize>> {
        self.span_of(self.value(name)?)
    }

    /// Where a value stands: it is a part of the text, so its distance from the text's start is its place.
    fn span_of(&self, value: &str) -> Option<Range<usize>> {
        let start = (value.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        Some(start..start + value.len())
    }

    /// The edit that takes the value of `name` away. Its name stays, with `null`, which every field takes for unsaid.
    fn leave_out(&self, name: &str) -> Option<Edit> {
        self.span(name).map(|at| Edit { at, text: "null".to_owned() })
    }

    /// Where the first member begins.
    fn behind_brace(&self) -> usize {
        self.text.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1)
    }

    /// The edits that give members these values: in place, else as the first members.
    fn put(&self, members: &[(&str, &str)]) -> Vec<Edit> {
        let (there, new): (Vec<_>, Vec<_>) = members.iter().partition(|(name, _)| self.span(name).is_some());
        let in_place = |(name, value): &(&str, &str)| Some(Edit { at: self.span(name)?, text: (*value).to_owned() });
        let mut edits: Vec<Edit> = there.iter().filter_map(in_place).collect();
        if !new.is_empty() {
            let behind_brace = self.behind_brace();
            let mut text = new.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(",");
            text.push_str(if self.list.is_empty() { "" } else { "," });
            edits.push(Edit { at: behind_brace..behind_brace, text });
        }
        edits
    }
}

struct Listing;

impl<'de> Visitor<'de> for Listing {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::with_capacity(8);
        while let Some(entry) = entries.next_entry()? {
            list.push(entry);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests;
