//! Content blocks, both ways.

use serde_json::{Map, Value, json};

use crate::exchange::{Fields, Image, ImageSource, NotSupported, Part, Protocol, wrong_type};

/// Parts, each with its path.
pub(super) type Said = Vec<(String, Part)>;

/// What the field `name` holds: a string, or a list of blocks of the kinds in `known`.
pub(super) fn content(fields: &mut Fields<'_>, name: &'static str, known: &[&str]) -> Result<Said, NotSupported> {
    let path = fields.at(name);
    match fields.get(name) {
        Some(Value::String(text)) => Ok(vec![(path, Part::Text(text.clone()))]),
        Some(Value::Array(blocks)) => {
            let one = |(index, block)| {
                let path = format!("{path}[{index}]");
                read(&path, block, known).map(|part| (path, part))
            };
            blocks.iter().enumerate().map(one).collect()
        }
        Some(other) => Err(wrong_type(path, "a string or an array of blocks", other)),
        None => Err(fields.missing(name, "a string or an array of blocks")),
    }
}

fn read(path: &str, block: &Value, known: &[&str]) -> Result<Part, NotSupported> {
    let mut fields = Fields::of(Protocol::Messages, path, block)?;
    let kind = fields.required_text("type")?;
    if !known.contains(&kind) {
        return fields.refuse_word("type", kind, known);
    }
    let part = match kind {
        "image" => Part::Image(Image { source: image_source(&mut fields)?, detail: None }),
        "tool_use" => tool_use(&mut fields)?,
        "tool_result" => tool_result(&mut fields)?,
        "thinking" => Part::Reasoning {
            text: fields.required_text("thinking")?.to_owned(),
            // Empty where another provider thought, which signs nothing.
            signature: fields.text("signature")?.filter(|signature| !signature.is_empty()).map(str::to_owned),
            encrypted: None,
        },
        "redacted_thinking" => Part::Reasoning {
            text: String::new(),
            signature: None,
            encrypted: Some(fields.required_text("data")?.to_owned()),
        },
        _ => Part::Text(fields.required_text("text")?.to_owned()),
    };
    fields.done()?;
    Ok(part)
}

fn image_source(fields: &mut Fields<'_>) -> Result<ImageSource, NotSupported> {
    let mut source = fields.inner("source")?.ok_or_else(|| fields.missing("source", "an object"))?;
    let read = match source.required_text("type")? {
        "url" => match ImageSource::of_url(source.required_text("url")?) {
            Some(url @ ImageSource::Url(_)) => url,
            _ => return Err(NotSupported::new(source.at("url"), "expected an address of http or https")),
        },
        "base64" => ImageSource::Inline {
            media_type: source.required_text("media_type")?.to_owned(),
            data: source.required_text("data")?.to_owned(),
        },
        other => return source.refuse_word("type", other, &["base64", "url"]),
    };
    source.done()?;
    Ok(read)
}

fn tool_use(fields: &mut Fields<'_>) -> Result<Part, NotSupported> {
    let arguments = match fields.get("input") {
        Some(input @ Value::Object(_)) => input.to_string(),
        Some(other) => return Err(wrong_type(fields.at("input"), "an object", other)),
        None => return Err(fields.missing("input", "an object")),
    };
    let (id, name) = (fields.required_text("id")?.to_owned(), fields.required_text("name")?.to_owned());
    Ok(Part::ToolCall { id, name, arguments })
}

fn tool_result(fields: &mut Fields<'_>) -> Result<Part, NotSupported> {
    let call_id = fields.required_text("tool_use_id")?.to_owned();
    let is_error = fields.flag("is_error")?.unwrap_or(false);
    let content = match fields.get("content") {
        None => Vec::new(),
        Some(_) => content(fields, "content", &["text", "image"])?.into_iter().map(|(_, part)| part).collect(),
    };
    Ok(Part::ToolResult { call_id, content, is_error })
}

/// A text block.
pub(super) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// An image block.
pub(super) fn image(image: &Image) -> Value {
    let source = match &image.source {
        ImageSource::Url(url) => json!({"type": "url", "url": url}),
        ImageSource::Inline { media_type, data } => {
            json!({"type": "base64", "media_type": media_type, "data": data})
        }
    };
    json!({"type": "image", "source": source})
}

/// A block that asks for a tool; `None` where the arguments are no JSON object.
pub(super) fn call(id: &str, name: &str, arguments: &str) -> Option<Value> {
    let input = match arguments.trim() {
        "" => Map::new(),
        text => serde_json::from_str(text).ok()?,
    };
    Some(json!({"type": "tool_use", "id": id, "name": name, "input": input}))
}

/// The blocks of what was thought: the readable one where there is a text or a signature, then the sealed one.
pub(super) fn thought(text: &str, signature: Option<&str>, encrypted: Option<&str>) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !text.is_empty() || signature.is_some() {
        blocks.push(json!({"type": "thinking", "thinking": text, "signature": signature.unwrap_or_default()}));
    }
    blocks.extend(encrypted.map(|data| json!({"type": "redacted_thinking", "data": data})));
    blocks
}

/// One text as a string, anything else as the list it is.
pub(super) fn list(blocks: Vec<Value>) -> Value {
    match blocks.as_slice() {
        [one] => match one.get("text") {
            Some(text) => text.clone(),
            None => Value::Array(blocks),
        },
        _ => Value::Array(blocks),
    }
}
