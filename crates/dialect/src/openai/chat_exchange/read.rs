//! A chat completion request, read into the common form.

use serde_json::{Map, Value};

use super::message;
use crate::exchange::{
    Effort, Fields, NotSupported, OutputFormat, Protocol, Reasoning, Request, Tool, ToolChoice, wrong_type,
};
use crate::openai::chat::{MAX_PENALTY, MAX_STOP_SEQUENCES, MAX_TEMPERATURE};

/// Reads a body; errors name the field. `null` counts as absent.
pub fn read_request(body: &Value) -> Result<Request, NotSupported> {
    let mut fields = Fields::of(Protocol::Chat, "", body)?;
    let mut request = Request {
        model: fields.text("model")?.map(str::to_owned),
        tools: tools(&mut fields)?,
        tool_choice: tool_choice(&mut fields)?,
        parallel_tool_calls: fields.flag("parallel_tool_calls")?,
        output: output(&mut fields)?,
        max_output_tokens: max_tokens(&mut fields)?,
        temperature: fields.number("temperature", 0.0..=MAX_TEMPERATURE)?,
        top_p: fields.number("top_p", 0.0..=1.0)?,
        stop: stop(&mut fields)?,
        seed: seed(&mut fields)?,
        presence_penalty: fields.number("presence_penalty", -MAX_PENALTY..=MAX_PENALTY)?,
        frequency_penalty: fields.number("frequency_penalty", -MAX_PENALTY..=MAX_PENALTY)?,
        reasoning: reasoning(&mut fields)?,
        user: fields.text("user")?.map(str::to_owned),
        metadata: metadata(&mut fields)?,
        stream: fields.flag("stream")?.unwrap_or(false),
        include_usage: include_usage(&mut fields)?,
        ..Request::default()
    };
    if fields.get("max_completion_tokens").is_some() {
        request.places.words.max_output_tokens = "max_completion_tokens";
    }
    message::read_all(&mut fields, &mut request)?;
    fields.done()?;
    Ok(request)
}

fn tools(fields: &mut Fields<'_>) -> Result<Vec<Tool>, NotSupported> {
    let list = fields.list("tools")?.iter().enumerate();
    list.map(|(index, tool)| read_tool(&format!("tools[{index}]"), tool)).collect()
}

fn read_tool(path: &str, tool: &Value) -> Result<Tool, NotSupported> {
    let mut fields = Fields::of(Protocol::Chat, path, tool)?;
    let kind = fields.required_text("type")?;
    if kind != "function" {
        return fields.refuse_word("type", kind, &["function"]);
    }
    let mut function = fields.inner("function")?.ok_or_else(|| fields.missing("function", "an object"))?;
    let parameters = match function.get("parameters") {
        None => Value::Object(Map::new()),
        Some(Value::Object(schema)) => Value::Object(schema.clone()),
        Some(other) => return Err(wrong_type(function.at("parameters"), "a JSON Schema object", other)),
    };
    let tool = Tool {
        name: function.required_text("name")?.to_owned(),
        description: function.text("description")?.map(str::to_owned),
        parameters,
        strict: function.flag("strict")?,
    };
    function.done()?;
    fields.done()?;
    Ok(tool)
}

fn tool_choice(fields: &mut Fields<'_>) -> Result<Option<ToolChoice>, NotSupported> {
    let choice = match fields.get("tool_choice") {
        None => return Ok(None),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::Never,
            "required" => ToolChoice::Required,
            other => return fields.refuse_word("tool_choice", other, &["auto", "none", "required"]),
        },
        Some(Value::Object(_)) => {
            let mut named = fields.inner("tool_choice")?.ok_or_else(|| fields.missing("tool_choice", "an object"))?;
            let kind = named.required_text("type")?;
            if kind != "function" {
                return named.refuse_word("type", kind, &["function"]);
            }
            let mut function = named.inner("function")?.ok_or_else(|| named.missing("function", "an object"))?;
            let name = function.required_text("name")?.to_owned();
            function.done()?;
            named.done()?;
            ToolChoice::Function(name)
        }
        Some(other) => return Err(wrong_type("tool_choice", "a string or an object", other)),
    };
    Ok(Some(choice))
}

fn output(fields: &mut Fields<'_>) -> Result<OutputFormat, NotSupported> {
    let Some(mut format) = fields.inner("response_format")? else { return Ok(OutputFormat::Text) };
    let output = match format.required_text("type")? {
        "text" => OutputFormat::Text,
        "json_object" => OutputFormat::JsonObject,
        "json_schema" => {
            let mut named = format.inner("json_schema")?.ok_or_else(|| format.missing("json_schema", "an object"))?;
            let schema = match named.get("schema") {
                Some(schema @ Value::Object(_)) => schema.clone(),
                Some(other) => return Err(wrong_type(named.at("schema"), "a JSON Schema object", other)),
                None => return Err(named.missing("schema", "a JSON Schema object")),
            };
            let output = OutputFormat::JsonSchema {
                name: named.required_text("name")?.to_owned(),
                description: named.text("description")?.map(str::to_owned),
                schema,
                strict: named.flag("strict")?,
            };
            named.done()?;
            output
        }
        other => return format.refuse_word("type", other, &["text", "json_object", "json_schema"]),
    };
    format.done()?;
    Ok(output)
}

fn max_tokens(fields: &mut Fields<'_>) -> Result<Option<u64>, NotSupported> {
    let (old, new) = (fields.count("max_tokens", 1)?, fields.count("max_completion_tokens", 1)?);
    if old.is_some() && new.is_some() {
        let reason = "it says the same as `max_completion_tokens`: send one of them";
        return Err(NotSupported::new("max_tokens", reason));
    }
    Ok(new.or(old))
}

fn stop(fields: &mut Fields<'_>) -> Result<Vec<String>, NotSupported> {
    let list = match fields.get("stop") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(_)) => fields.texts("stop")?,
        Some(other) => return Err(wrong_type("stop", "a string or an array of strings", other)),
        None => return Ok(Vec::new()),
    };
    if list.len() > MAX_STOP_SEQUENCES {
        return Err(NotSupported::new(
            "stop",
            format!("expected at most {MAX_STOP_SEQUENCES}, but got {}", list.len()),
        ));
    }
    Ok(list)
}

fn seed(fields: &mut Fields<'_>) -> Result<Option<i64>, NotSupported> {
    let Some(value) = fields.get("seed") else { return Ok(None) };
    value.as_i64().map(Some).ok_or_else(|| wrong_type("seed", "a whole number of 64 bits", value))
}

fn reasoning(fields: &mut Fields<'_>) -> Result<Option<Reasoning>, NotSupported> {
    let Some(word) = fields.text("reasoning_effort")? else { return Ok(None) };
    match Effort::parse(word) {
        Some(effort) => Ok(Some(Reasoning { effort: Some(effort), ..Reasoning::default() })),
        None => fields.refuse_word("reasoning_effort", word, &["none", "minimal", "low", "medium", "high"]),
    }
}

fn metadata(fields: &mut Fields<'_>) -> Result<Map<String, Value>, NotSupported> {
    match fields.get("metadata") {
        None => Ok(Map::new()),
        Some(Value::Object(labels)) => Ok(labels.clone()),
        Some(other) => Err(wrong_type("metadata", "an object", other)),
    }
}

fn include_usage(fields: &mut Fields<'_>) -> Result<bool, NotSupported> {
    let Some(mut options) = fields.inner("stream_options")? else { return Ok(false) };
    let include_usage = options.flag("include_usage")?.unwrap_or(false);
    options.done()?;
    Ok(include_usage)
}
