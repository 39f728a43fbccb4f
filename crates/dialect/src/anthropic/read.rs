//! A messages request, read into the common form.

use serde_json::Value;

use super::{message, thinking};
use crate::exchange::{Fields, NotSupported, OutputFormat, Protocol, Request, Tool, ToolChoice, Words, wrong_type};

/// What this protocol calls its fields.
const WORDS: Words = Words {
    turns: "messages",
    output: "output_config.format",
    reasoning: "thinking",
    stop: "stop_sequences",
    max_output_tokens: "max_tokens",
    image_detail: "",
    arguments: ".input",
};
/// Temperatures go from 0 to this.
pub(super) const MAX_TEMPERATURE: f64 = 1.0;
/// The name of the only kind of tool that needs no server of the provider; it may be left out.
const CUSTOM: &str = "custom";

/// Reads a body; errors name the field. `max_tokens` is required, as the service requires it.
pub fn read_request(body: &Value) -> Result<Request, NotSupported> {
    let mut fields = Fields::of(Protocol::Messages, "", body)?;
    let max_tokens = fields.count("max_tokens", 1)?.ok_or_else(|| fields.missing("max_tokens", "a whole number"))?;
    let mut request = conversation(&mut fields)?;
    request.max_output_tokens = Some(max_tokens);
    request.temperature = fields.number("temperature", 0.0..=MAX_TEMPERATURE)?;
    request.top_p = fields.number("top_p", 0.0..=1.0)?;
    request.top_k = fields.count("top_k", 0)?;
    request.stop = fields.texts("stop_sequences")?;
    if let Some(mut metadata) = fields.inner("metadata")? {
        request.user = metadata.text("user_id")?.map(str::to_owned);
        metadata.done()?;
    }
    request.stream = fields.flag("stream")?.unwrap_or(false);
    request.include_usage = true;
    fields.done()?;
    Ok(request)
}

/// What a request to answer and a request to count have in common.
pub(super) fn conversation(fields: &mut Fields<'_>) -> Result<Request, NotSupported> {
    let mut request = Request { model: fields.text("model")?.map(str::to_owned), ..Request::default() };
    request.places.words = WORDS;
    request.instructions = message::system(fields)?;
    message::read_all(fields, &mut request)?;
    request.tools = tools(fields)?;
    (request.tool_choice, request.parallel_tool_calls) = tool_choice(fields)?;
    let effort = output_config(fields, &mut request)?;
    request.reasoning = thinking::read(fields, effort)?;
    Ok(request)
}

fn tools(fields: &mut Fields<'_>) -> Result<Vec<Tool>, NotSupported> {
    let list = fields.list("tools")?.iter().enumerate();
    list.map(|(index, tool)| read_tool(&format!("tools[{index}]"), tool)).collect()
}

fn read_tool(path: &str, tool: &Value) -> Result<Tool, NotSupported> {
    let mut fields = Fields::of(Protocol::Messages, path, tool)?;
    if let Some(kind) = fields.text("type")?.filter(|kind| *kind != CUSTOM) {
        // Tools of the provider's own servers, which another provider does not have.
        return fields.refuse_word("type", kind, &[CUSTOM]);
    }
    let parameters = match fields.get("input_schema") {
        Some(schema @ Value::Object(_)) => schema.clone(),
        Some(other) => return Err(wrong_type(fields.at("input_schema"), "a JSON Schema object", other)),
        None => return Err(fields.missing("input_schema", "a JSON Schema object")),
    };
    let tool = Tool {
        name: fields.required_text("name")?.to_owned(),
        description: fields.text("description")?.map(str::to_owned),
        parameters,
        strict: fields.flag("strict")?,
    };
    fields.done()?;
    Ok(tool)
}

/// The choice, and whether several may be asked for at once.
fn tool_choice(fields: &mut Fields<'_>) -> Result<(Option<ToolChoice>, Option<bool>), NotSupported> {
    let Some(mut choice) = fields.inner("tool_choice")? else { return Ok((None, None)) };
    let chosen = match choice.required_text("type")? {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::Never,
        "tool" => ToolChoice::Function(choice.required_text("name")?.to_owned()),
        other => return choice.refuse_word("type", other, &["auto", "any", "tool", "none"]),
    };
    let parallel = choice.flag("disable_parallel_tool_use")?.map(|is_disabled| !is_disabled);
    choice.done()?;
    Ok((Some(chosen), parallel))
}

/// The form of the answer; gives the effort, which is named beside it.
fn output_config<'a>(fields: &mut Fields<'a>, request: &mut Request) -> Result<Option<&'a str>, NotSupported> {
    let Some(mut config) = fields.inner("output_config")? else { return Ok(None) };
    let effort = config.text("effort")?;
    if let Some(mut format) = config.inner("format")? {
        let kind = format.required_text("type")?;
        if kind != "json_schema" {
            return format.refuse_word("type", kind, &["json_schema"]);
        }
        let schema = match format.get("schema") {
            Some(schema @ Value::Object(_)) => schema.clone(),
            Some(other) => return Err(wrong_type(format.at("schema"), "a JSON Schema object", other)),
            None => return Err(format.missing("schema", "a JSON Schema object")),
        };
        format.done()?;
        // This protocol names no schema, and always follows it.
        request.output =
            OutputFormat::JsonSchema { name: String::new(), description: None, schema, strict: Some(true) };
    }
    config.done()?;
    Ok(effort)
}
