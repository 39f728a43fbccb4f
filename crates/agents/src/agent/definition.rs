//! What a prompt agent is told to be: the rules of its definition. Fields that are not known here are kept as they are; what is known
//! is checked when the agent is made, so that no run finds out.

mod choice;
mod format;
mod inputs;

use std::ops::RangeInclusive;

use dialect::openai::OpenAiError;
use egress::Egress;
use resources::connections::misspelled;
use resources::{Fields, listed, quoted};
use serde_json::{Map, Value};

use crate::failure::{hint, of_field, wrong};
use crate::tool::{self, GivenIn};

/// The fields that have a meaning here.
const KNOWN: &[&str] = &[
    "kind",
    "model",
    "instructions",
    "temperature",
    "top_p",
    "reasoning",
    "tools",
    "tool_choice",
    "text",
    "structured_inputs",
    "rai_config",
    "skills",
    "harness",
];
/// Agents that other services run.
const OTHER_KINDS: &[&str] = &["hosted", "workflow", "external", "voice"];
/// Fields of what is not offered here, and what to do instead.
const NOT_OFFERED: [(&str, &str); 3] = [
    ("rai_config", "content filters of agents are not offered here; set one on the deployment"),
    ("skills", "skills are not offered here; say in `instructions` what they would"),
    ("harness", "other run loops are not offered here"),
];
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const SUMMARIES: &[&str] = &["auto", "concise", "detailed"];

/// Checks a definition by itself; its tools reach only what `egress` admits. The model that it names, which the project must have.
pub(super) fn check<'a>(definition: &'a Value, egress: &Egress) -> Result<&'a str, OpenAiError> {
    let Value::Object(map) = definition else {
        return Err(wrong("definition", "`definition`: expected an object"));
    };
    let fields = Fields::new("definition", map);
    kind(&fields)?;
    spelling(map)?;
    let model = fields.required_string("model").map_err(of_field)?;
    fields.string("instructions").map_err(of_field)?;
    number(&fields, "temperature", 0.0..=2.0)?;
    number(&fields, "top_p", 0.0..=1.0)?;
    for (name, instead) in NOT_OFFERED {
        if fields.value(name).is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty())) {
            let field = fields.path_of(name);
            return Err(wrong(field.clone(), format!("`{field}`: {instead}")));
        }
    }
    reasoning(&fields)?;
    let tools = tools(&fields, egress)?;
    choice::check(&fields, tools)?;
    format::check(&fields)?;
    inputs::check(&fields)?;
    Ok(model)
}

fn kind(fields: &Fields<'_>) -> Result<(), OpenAiError> {
    let given = fields.required_string("kind").map_err(of_field)?;
    if given == "prompt" {
        return Ok(());
    }
    let field = fields.path_of("kind");
    let message = match OTHER_KINDS.contains(&given) {
        true => format!("`{field}`: `{given}` agents are not run here; only `prompt` agents are"),
        false => format!("`{field}`: expected `prompt`, but got `{}`{}", quoted(given), hint(given, ["prompt"])),
    };
    Err(wrong(field, message))
}

/// A name that differs from a known one in case or punctuation alone would be kept and never read.
fn spelling(map: &Map<String, Value>) -> Result<(), OpenAiError> {
    misspelled("definition", map, KNOWN).map_or(Ok(()), |(field, message)| Err(wrong(field, message)))
}

fn number(fields: &Fields<'_>, name: &str, range: RangeInclusive<f64>) -> Result<(), OpenAiError> {
    let Some(value) = fields.value(name) else { return Ok(()) };
    if value.as_f64().is_some_and(|number| range.contains(&number)) {
        return Ok(());
    }
    let expected = format!("a number from {} to {}", range.start(), range.end());
    Err(of_field(fields.mismatch(name, &expected, value)))
}

fn reasoning(fields: &Fields<'_>) -> Result<(), OpenAiError> {
    let Some(map) = fields.object("reasoning").map_err(of_field)? else { return Ok(()) };
    let path = fields.path_of("reasoning");
    let reasoning = Fields::new(&path, map);
    word(&reasoning, "effort", EFFORTS)?;
    word(&reasoning, "summary", SUMMARIES)?;
    word(&reasoning, "generate_summary", SUMMARIES)?;
    Ok(())
}

fn tools<'a>(fields: &Fields<'a>, egress: &Egress) -> Result<&'a [Value], OpenAiError> {
    let Some(tools) = fields.array("tools").map_err(of_field)? else { return Ok(&[]) };
    tool::check(tools, GivenIn::Agent, egress).map_err(|error| {
        let field = fields.path_of(&error.field);
        wrong(field.clone(), format!("`{field}`: {}", error.message))
    })?;
    Ok(tools)
}

/// One of some words, which may be absent; they are passed on as they are, so their case counts.
fn word<'a>(fields: &Fields<'a>, name: &str, known: &[&str]) -> Result<Option<&'a str>, OpenAiError> {
    let Some(given) = fields.string(name).map_err(of_field)? else { return Ok(None) };
    if known.contains(&given) {
        return Ok(Some(given));
    }
    let field = fields.path_of(name);
    let hint = hint(given, known.iter().copied());
    let message = format!("`{field}`: expected {}, but got `{}`{hint}", listed(known), quoted(given));
    Err(wrong(field, message))
}

/// The same, which must be there.
fn required_word<'a>(fields: &Fields<'a>, name: &str, known: &[&str]) -> Result<&'a str, OpenAiError> {
    match word(fields, name, known)? {
        Some(word) => Ok(word),
        None => {
            let field = fields.path_of(name);
            let message = format!("`{field}` is required: {}", listed(known));
            Err(wrong(field, message))
        }
    }
}

#[cfg(test)]
mod tests;
