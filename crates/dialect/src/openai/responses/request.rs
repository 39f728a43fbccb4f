//! The body of a request, read for a model that speaks another protocol.

use serde_json::{Map, Value};

use super::{item, tool};
use crate::exchange::{
    self, Effort, Fields, NotSupported, OutputFormat, Part, Places, Protocol, Words, echo, wrong_type,
};
use crate::openai::chat::MAX_TEMPERATURE;

/// A request in the exchange form, and what concerns who stores the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponsesRequest {
    /// What is said to the model.
    pub exchange: exchange::Request,
    /// The request's own `instructions`, which the next request of the conversation does not take over.
    pub instructions: Option<String>,
    /// The answer this one goes on from; its items stand before the input.
    pub previous_response_id: Option<String>,
    /// Whether the answer is kept for later; it is, unless the caller says no.
    pub store: bool,
    /// Whether the caller does not wait for the answer.
    pub background: bool,
    /// What the answer shall hold beside the usual.
    pub include: Vec<String>,
}

/// What this protocol calls its fields.
const WORDS: Words = Words {
    turns: "input",
    output: "text.format",
    reasoning: "reasoning",
    stop: "stop",
    max_output_tokens: "max_output_tokens",
    image_detail: ".detail",
    arguments: ".arguments",
};
/// What `include` may ask for: given where there is something to give, and nothing of what refused tools would bring.
const INCLUDE: [&str; 7] = [
    "reasoning.encrypted_content",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
];
const SUMMARIES: [(&str, &str); 3] = [("auto", "auto"), ("concise", "concise"), ("detailed", "detailed")];

/// Reads a body. What the exchange form has no place for is refused by name, except for [`exchange::LEFT_OUT`].
pub fn read_request(body: &Value) -> Result<ResponsesRequest, NotSupported> {
    let mut body = Fields::of(Protocol::Responses, "", body)?;
    let instructions = body.text("instructions")?.map(str::to_owned);
    let mut tools = tool::read_all(&mut body)?;
    let tool_choice = tool::read_choice(&mut body, &mut tools)?;
    let mut request = exchange::Request {
        model: body.text("model")?.map(str::to_owned),
        instructions: instructions.iter().cloned().map(Part::Text).collect(),
        tools,
        tool_choice,
        parallel_tool_calls: body.flag("parallel_tool_calls")?,
        output: output(&mut body)?,
        max_output_tokens: body.count("max_output_tokens", 1)?,
        temperature: body.number("temperature", 0.0..=MAX_TEMPERATURE)?,
        top_p: body.number("top_p", 0.0..=1.0)?,
        reasoning: reasoning(&mut body)?,
        user: user(&mut body)?,
        metadata: metadata(&mut body)?,
        stream: body.flag("stream")?.unwrap_or(false),
        // A stream of this protocol always closes with its usage.
        include_usage: true,
        places: Places { words: WORDS, parts: Vec::new() },
        ..exchange::Request::default()
    };
    input(&mut body, &mut request)?;
    if let Some(options) = body.inner("stream_options")? {
        options.done()?;
    }
    let read = ResponsesRequest {
        exchange: request,
        instructions,
        previous_response_id: body.text("previous_response_id")?.map(str::to_owned),
        store: body.flag("store")?.unwrap_or(true),
        background: body.flag("background")?.unwrap_or(false),
        include: include(&mut body)?,
    };
    body.done()?;
    Ok(read)
}

fn input(body: &mut Fields<'_>, request: &mut exchange::Request) -> Result<(), NotSupported> {
    let said = match body.get("input") {
        Some(Value::String(text)) => {
            let text = ("input".to_owned(), Part::Text(text.clone()));
            vec![item::Said::Message(exchange::Role::User, vec![text])]
        }
        Some(Value::Array(_)) => body.objects("input")?.into_iter().map(item::read).collect::<Result<_, _>>()?,
        Some(other) => return Err(wrong_type("input", "a string or an array of items", other)),
        None => return Err(body.missing("input", "a string or an array of items")),
    };
    for said in said {
        item::add(said, request);
    }
    Ok(())
}

fn output(body: &mut Fields<'_>) -> Result<OutputFormat, NotSupported> {
    let Some(mut text) = body.inner("text")? else { return Ok(OutputFormat::Text) };
    let format = match text.inner("format")? {
        None => OutputFormat::Text,
        Some(format) => read_format(format)?,
    };
    text.done()?;
    Ok(format)
}

fn read_format(mut format: Fields<'_>) -> Result<OutputFormat, NotSupported> {
    let read = match format.required_text("type")? {
        "text" => OutputFormat::Text,
        "json_object" => OutputFormat::JsonObject,
        "json_schema" => OutputFormat::JsonSchema {
            name: format.required_text("name")?.to_owned(),
            description: format.text("description")?.map(str::to_owned),
            schema: match format.get("schema") {
                Some(schema @ Value::Object(_)) => schema.clone(),
                Some(other) => return Err(wrong_type(format.at("schema"), "an object", other)),
                None => return Err(format.missing("schema", "an object")),
            },
            strict: format.flag("strict")?,
        },
        other => return format.refuse_word("type", other, &["text", "json_object", "json_schema"]),
    };
    format.done()?;
    Ok(read)
}

fn reasoning(body: &mut Fields<'_>) -> Result<Option<exchange::Reasoning>, NotSupported> {
    let Some(mut reasoning) = body.inner("reasoning")? else { return Ok(None) };
    let summary = reasoning.word("summary", &SUMMARIES)?;
    let older = reasoning.word("generate_summary", &SUMMARIES)?;
    let read = exchange::Reasoning {
        effort: effort(&mut reasoning)?,
        budget_tokens: None,
        summary: summary.or(older).map(str::to_owned),
    };
    reasoning.done()?;
    Ok((read != exchange::Reasoning::default()).then_some(read))
}

/// The caller's word for its user: two fields say the same.
fn user(body: &mut Fields<'_>) -> Result<Option<String>, NotSupported> {
    let older = body.text("user")?;
    Ok(body.text("safety_identifier")?.or(older).map(str::to_owned))
}

fn metadata(body: &mut Fields<'_>) -> Result<Map<String, Value>, NotSupported> {
    let Some(value) = body.get("metadata") else { return Ok(Map::new()) };
    let Value::Object(labels) = value else { return Err(wrong_type("metadata", "an object", value)) };
    match labels.iter().find(|(_, value)| !value.is_string()) {
        Some((name, value)) => Err(wrong_type(format!("metadata.{}", echo(name)), "a string", value)),
        None => Ok(labels.clone()),
    }
}

fn include(body: &mut Fields<'_>) -> Result<Vec<String>, NotSupported> {
    let wanted = body.list("include")?;
    let read = wanted.iter().enumerate().map(|(at, value)| match value.as_str() {
        Some(word) if INCLUDE.contains(&word) => Ok(word.to_owned()),
        Some(word) => body.refuse_word(&format!("include[{at}]"), word, &INCLUDE),
        None => Err(wrong_type(format!("include[{at}]"), "a string", value)),
    });
    read.collect()
}

fn effort(reasoning: &mut Fields<'_>) -> Result<Option<Effort>, NotSupported> {
    let Some(word) = reasoning.text("effort")? else { return Ok(None) };
    match Effort::parse(word) {
        Some(effort) => Ok(Some(effort)),
        None => reasoning.refuse_word("effort", word, &["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
    }
}
