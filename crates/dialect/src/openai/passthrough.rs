//! A request handed on in its own bytes: what must change is changed in place, everything else stays as it was written.

use std::ops::Range;

use tape::{Node, Tape};

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
    pub fn of(body: Node<'_>) -> Result<Outline, OpenAiError> {
        let [model, stream, options, choices] = body.pick(["model", "stream", "stream_options", "n"]);
        let model = text("model", model)?;
        let options = match options {
            None => None,
            Some(options) if options.is_object() => options.given("include_usage"),
            Some(other) => return Err(wrong_type("stream_options", "an object", &other.to_value())),
        };
        let choices = choices.and_then(Node::as_u64).unwrap_or(1).clamp(1, MAX_CHOICES.unsigned_abs());
        Ok(Outline {
            model,
            stream: flag("stream", stream)?.unwrap_or(false),
            include_usage: flag("stream_options.include_usage", options)?.unwrap_or(false),
            choices,
        })
    }
}

/// A field that is text where it is given.
pub(super) fn text(param: &str, value: Option<Node<'_>>) -> Result<Option<String>, OpenAiError> {
    let Some(value) = value else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| wrong_type(param, "a string", &value.to_value()))?;
    Ok(Some(text.into_owned()))
}

/// A field that is `true` or `false` where it is given.
pub(super) fn flag(param: &str, value: Option<Node<'_>>) -> Result<Option<bool>, OpenAiError> {
    let Some(value) = value else { return Ok(None) };
    value.as_bool().map(Some).ok_or_else(|| wrong_type(param, "a boolean", &value.to_value()))
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

/// The body with these edits.
pub fn rewrite<B: AsRef<[u8]>>(body: &Tape<B>, edits: &Edits<'_>) -> Result<Vec<u8>, NotAnObject> {
    let root = object(body)?;
    // A member's name stays, with `null`, which every field takes for unsaid.
    let gone = edits.without.iter().filter_map(|name| Some(Edit { at: root.get(name)?.span(), text: "null" }));
    let mut made: Vec<Edit<'_>> = gone.collect();
    let mut new = String::new();
    for (name, value) in &edits.put {
        put(root, name, value, &mut made, &mut new);
    }
    let (mut asked, options) = (String::new(), root.get("stream_options").filter(|options| options.is_object()));
    match options {
        _ if !edits.ask_usage => {}
        Some(options) => put(options, "include_usage", "true", &mut made, &mut asked),
        None => put(root, "stream_options", r#"{"include_usage":true}"#, &mut made, &mut new),
    }
    made.extend(first_in(options, &asked));
    made.extend(first_in(Some(root), &new));
    edited(body.bytes().as_ref(), made)
}

/// A chunk with `null` for its usage, as who did not ask for it gets it.
pub fn without_usage(chunk: &[u8]) -> Result<Vec<u8>, NotAnObject> {
    let chunk = Tape::skim(chunk).ok_or(NotAnObject)?;
    rewrite(&chunk, &Edits { put: vec![("usage", "null".to_owned())], ..Edits::default() })
}

/// The body without a member: neither its name stays nor its value, for who takes even `null` for something said.
pub fn without_member<B: AsRef<[u8]>>(body: &Tape<B>, name: &str) -> Result<Vec<u8>, NotAnObject> {
    let (root, bytes) = (object(body)?, body.bytes().as_ref());
    let Some(own) = root.get(name) else { return Ok(bytes.to_vec()) };
    let own_end = own.span().end;
    let ends = root.members().map(|(_, value)| value.span().end);
    // With the comma in front of it; the first has one behind it, unless it is the only one.
    let at = match ends.take_while(|end| *end < own_end).last() {
        Some(before) => before..own_end,
        None => {
            let comma = bytes.iter().skip(own_end).position(|byte| *byte == b',');
            root.span().start + 1..comma.map_or(own_end, |comma| own_end + comma + 1)
        }
    };
    edited(bytes, vec![Edit { at, text: "" }])
}

fn object<B: AsRef<[u8]>>(body: &Tape<B>) -> Result<Node<'_>, NotAnObject> {
    Some(body.root()).filter(|root| root.is_object()).ok_or(NotAnObject)
}

/// Bytes to be replaced, and by what.
struct Edit<'a> {
    at: Range<usize>,
    text: &'a str,
}

/// Gives a member this value: in place, else among the `new` ones.
fn put<'a>(object: Node<'_>, name: &str, value: &'a str, made: &mut Vec<Edit<'a>>, new: &mut String) {
    match object.get(name) {
        Some(there) => made.push(Edit { at: there.span(), text: value }),
        None => new.extend(["\"", name, "\":", value, ","]),
    }
}

/// The edit that puts new members, each with its comma, before the others.
fn first_in<'a>(object: Option<Node<'_>>, new: &'a str) -> Option<Edit<'a>> {
    let object = object.filter(|_| !new.is_empty())?;
    let behind_brace = object.span().start + 1;
    let is_alone = object.members().next().is_none();
    let text = if is_alone { new.strip_suffix(',').unwrap_or(new) } else { new };
    Some(Edit { at: behind_brace..behind_brace, text })
}

fn edited(body: &[u8], mut edits: Vec<Edit<'_>>) -> Result<Vec<u8>, NotAnObject> {
    edits.sort_by_key(|edit| edit.at.start);
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut out = Vec::with_capacity(body.len() + added);
    let mut from = 0;
    for Edit { at, text } in edits {
        out.extend_from_slice(body.get(from..at.start).ok_or(NotAnObject)?);
        out.extend_from_slice(text.as_bytes());
        from = at.end;
    }
    out.extend_from_slice(body.get(from..).ok_or(NotAnObject)?);
    Ok(out)
}

#[cfg(test)]
mod tests;
