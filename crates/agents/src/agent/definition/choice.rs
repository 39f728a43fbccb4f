//! `tool_choice`: which of the agent's tools the model uses.

use dialect::openai::OpenAiError;
use resources::{Fields, quoted};
use serde_json::Value;

use super::{required_word, word};
use crate::failure::{hint, of_field, wrong};

const WORDS: &[&str] = &["none", "auto", "required"];
const TYPES: &[&str] = &["function", "mcp", "allowed_tools"];

/// Checks it against the tools that it chooses among.
pub(super) fn check(fields: &Fields<'_>, tools: &[Value]) -> Result<(), OpenAiError> {
    match fields.value("tool_choice") {
        None => Ok(()),
        Some(Value::Object(map)) => {
            let path = fields.path_of("tool_choice");
            let choice = Fields::new(&path, map);
            match required_word(&choice, "type", TYPES)? {
                "allowed_tools" => allowed(&choice, tools),
                kind => named(&choice, kind, tools),
            }
        }
        Some(Value::String(_)) => word(fields, "tool_choice", WORDS).map(drop),
        Some(other) => Err(of_field(fields.mismatch("tool_choice", "a string or an object", other))),
    }
}

fn allowed(choice: &Fields<'_>, tools: &[Value]) -> Result<(), OpenAiError> {
    required_word(choice, "mode", &["auto", "required"])?;
    let among = choice.array("tools").map_err(of_field)?.map_or(&[][..], Vec::as_slice);
    for (at, tool) in among.iter().enumerate() {
        let path = format!("{}[{at}]", choice.path_of("tools"));
        let Value::Object(map) = tool else {
            return Err(wrong(path.clone(), format!("`{path}`: expected an object")));
        };
        let tool = Fields::new(&path, map);
        let kind = tool.required_string("type").map_err(of_field)?;
        named(&tool, kind, tools)?;
    }
    Ok(())
}

/// A tool that is named must be one of the agent's.
fn named(choice: &Fields<'_>, kind: &str, tools: &[Value]) -> Result<(), OpenAiError> {
    let by = if kind == "mcp" { "server_label" } else { "name" };
    let given = choice.required_string(by).map_err(of_field)?;
    let of_kind = tools.iter().filter(|tool| tool.get("type").and_then(Value::as_str) == Some(kind));
    let names: Vec<&str> = of_kind.filter_map(|tool| tool.get(by)?.as_str()).collect();
    if names.contains(&given) {
        return Ok(());
    }
    let (field, hint) = (choice.path_of(by), hint(given, names));
    let message = format!("`{field}`: there is no `{kind}` tool `{}` in `definition.tools`{hint}", quoted(given));
    Err(wrong(field, message))
}
