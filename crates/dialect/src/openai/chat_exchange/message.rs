//! The messages of a chat completion request.

use serde_json::Value;

use crate::exchange::{Fields, Image, ImageSource, NotSupported, Part, Protocol, Request, Role, Turn, wrong_type};

/// A turn's parts, each with its path.
type Said = Vec<(String, Part)>;

/// Reads all messages: instructions from anywhere to the front, the others as one turn each.
pub(super) fn read_all(fields: &mut Fields<'_>, request: &mut Request) -> Result<(), NotSupported> {
    fields.messages(|path, message| read(path, message, request))
}

fn read(path: &str, message: &Value, request: &mut Request) -> Result<(), NotSupported> {
    let mut fields = Fields::of(Protocol::Chat, path, message)?;
    let (role, said) = match fields.required_text("role")? {
        "system" | "developer" => {
            let said = content(&mut fields, text_part)?;
            request.instructions.extend(said.into_iter().map(|(_, part)| part));
            return fields.done();
        }
        "user" => (Role::User, content(&mut fields, user_part)?),
        "assistant" => (Role::Assistant, assistant(&mut fields)?),
        "tool" => (Role::User, vec![tool_result(&mut fields)?]),
        other => {
            return fields.refuse_word("role", other, &["system", "developer", "user", "assistant", "tool"]);
        }
    };
    fields.done()?;
    let (places, parts) = said.into_iter().unzip();
    request.places.parts.push(places);
    request.turns.push(Turn { role, parts });
    Ok(())
}

/// A string, or a list of parts as `read` takes them.
fn content(
    fields: &mut Fields<'_>,
    read: fn(&str, &Value) -> Result<Part, NotSupported>,
) -> Result<Said, NotSupported> {
    let path = fields.at("content");
    match fields.get("content") {
        Some(Value::String(text)) => Ok(vec![(path, Part::Text(text.clone()))]),
        Some(Value::Array(parts)) => {
            let one = |(index, part)| {
                let path = format!("{path}[{index}]");
                read(&path, part).map(|part| (path, part))
            };
            parts.iter().enumerate().map(one).collect()
        }
        Some(other) => Err(wrong_type(path, "a string or an array of parts", other)),
        None => Err(fields.missing("content", "a string or an array of parts")),
    }
}

fn text_part(path: &str, part: &Value) -> Result<Part, NotSupported> {
    read_part(path, part, &["text"])
}

fn user_part(path: &str, part: &Value) -> Result<Part, NotSupported> {
    read_part(path, part, &["text", "image_url"])
}

fn assistant_part(path: &str, part: &Value) -> Result<Part, NotSupported> {
    read_part(path, part, &["text", "refusal"])
}

fn read_part(path: &str, part: &Value, known: &[&str]) -> Result<Part, NotSupported> {
    let mut fields = Fields::of(Protocol::Chat, path, part)?;
    let kind = fields.required_text("type")?;
    if !known.contains(&kind) {
        return fields.refuse_word("type", kind, known);
    }
    let part = match kind {
        "image_url" => Part::Image(image(&mut fields)?),
        "refusal" => Part::Refusal(fields.required_text("refusal")?.to_owned()),
        _ => Part::Text(fields.required_text("text")?.to_owned()),
    };
    fields.done()?;
    Ok(part)
}

fn image(fields: &mut Fields<'_>) -> Result<Image, NotSupported> {
    let mut image = fields.inner("image_url")?.ok_or_else(|| fields.missing("image_url", "an object"))?;
    let Some(source) = ImageSource::of_url(image.required_text("url")?) else {
        let reason = "expected an address of http or https, or a data URL in base64";
        return Err(NotSupported::new(image.at("url"), reason));
    };
    let detail = match image.text("detail")? {
        Some(word @ ("auto" | "low" | "high")) => Some(word.to_owned()),
        Some(other) => return image.refuse_word("detail", other, &["auto", "low", "high"]),
        None => None,
    };
    image.done()?;
    Ok(Image { source, detail })
}

/// Thinking, text, refusal, calls: the order in which they were said.
fn assistant(fields: &mut Fields<'_>) -> Result<Said, NotSupported> {
    let mut said = Said::new();
    if let Some(text) = fields.text("reasoning_content")? {
        let thought = Part::Reasoning { text: text.to_owned(), signature: None, encrypted: None };
        said.push((fields.at("reasoning_content"), thought));
    }
    if fields.get("content").is_some() {
        said.extend(content(fields, assistant_part)?);
    }
    if let Some(text) = fields.text("refusal")? {
        said.push((fields.at("refusal"), Part::Refusal(text.to_owned())));
    }
    let path = fields.at("tool_calls");
    let calls = fields.list("tool_calls")?;
    if !calls.is_empty() {
        // Beside calls an empty text says nothing.
        said.retain(|(_, part)| !matches!(part, Part::Text(text) if text.is_empty()));
    }
    for (index, call) in calls.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let call = tool_call(&path, call)?;
        said.push((path, call));
    }
    Ok(said)
}

fn tool_call(path: &str, call: &Value) -> Result<Part, NotSupported> {
    let mut fields = Fields::of(Protocol::Chat, path, call)?;
    match fields.text("type")? {
        None | Some("function") => {}
        Some(other) => return fields.refuse_word("type", other, &["function"]),
    }
    // Some clients send back the place that a streamed call had.
    fields.count("index", 0)?;
    let id = fields.required_text("id")?.to_owned();
    let mut function = fields.inner("function")?.ok_or_else(|| fields.missing("function", "an object"))?;
    let name = function.required_text("name")?.to_owned();
    let arguments = function.required_text("arguments")?.to_owned();
    function.done()?;
    fields.done()?;
    Ok(Part::ToolCall { id, name, arguments })
}

fn tool_result(fields: &mut Fields<'_>) -> Result<(String, Part), NotSupported> {
    let call_id = fields.required_text("tool_call_id")?.to_owned();
    // Older clients repeat the function's name, which the call says already.
    fields.text("name")?;
    let content = content(fields, text_part)?.into_iter().map(|(_, part)| part).collect();
    Ok((fields.at("content"), Part::ToolResult { call_id, content, is_error: false }))
}
