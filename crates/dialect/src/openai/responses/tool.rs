//! Functions the model may ask for, and which it shall ask for.

use serde_json::{Map, Value, json};

use crate::exchange::{Fields, NotSupported, Tool, ToolChoice, echo, wrong_type};

/// The forms of `tool_choice` that can be said to another model.
const CHOICES: [(&str, ToolChoice); 3] =
    [("auto", ToolChoice::Auto), ("none", ToolChoice::Never), ("required", ToolChoice::Required)];

/// `tools`: functions alone.
pub(super) fn read_all(body: &mut Fields<'_>) -> Result<Vec<Tool>, NotSupported> {
    body.objects("tools")?.into_iter().map(read).collect()
}

fn read(mut tool: Fields<'_>) -> Result<Tool, NotSupported> {
    function_type(&mut tool)?;
    let read = Tool {
        name: tool.required_text("name")?.to_owned(),
        description: tool.text("description")?.map(str::to_owned),
        parameters: match tool.get("parameters") {
            None => json!({}),
            Some(schema @ Value::Object(_)) => schema.clone(),
            Some(other) => return Err(wrong_type(tool.at("parameters"), "an object", other)),
        },
        strict: tool.flag("strict")?,
    };
    tool.done()?;
    Ok(read)
}

fn function_type(tool: &mut Fields<'_>) -> Result<(), NotSupported> {
    match tool.required_text("type")? {
        "function" => Ok(()),
        other => tool.refuse_word("type", other, &["function"]),
    }
}

/// `tool_choice`. A choice among some of the tools takes the others out of `tools`.
pub(super) fn read_choice(body: &mut Fields<'_>, tools: &mut Vec<Tool>) -> Result<Option<ToolChoice>, NotSupported> {
    match body.get("tool_choice") {
        None => Ok(None),
        Some(Value::String(word)) => {
            let found = CHOICES.iter().find(|(known, _)| known == word);
            match found {
                Some((_, choice)) => Ok(Some(choice.clone())),
                None => body.refuse_word("tool_choice", word, &CHOICES.map(|(known, _)| known)),
            }
        }
        Some(Value::Object(_)) => {
            let Some(mut choice) = body.inner("tool_choice")? else { return Ok(None) };
            let read = match choice.required_text("type")? {
                "function" => ToolChoice::Function(named(&mut choice, tools)?),
                "allowed_tools" => allowed(&mut choice, tools)?,
                other => return choice.refuse_word("type", other, &["function", "allowed_tools"]),
            };
            choice.done()?;
            Ok(Some(read))
        }
        Some(other) => Err(wrong_type("tool_choice", "a string or an object", other)),
    }
}

fn named(choice: &mut Fields<'_>, tools: &[Tool]) -> Result<String, NotSupported> {
    let name = choice.required_text("name")?;
    if tools.iter().any(|tool| tool.name == name) {
        return Ok(name.to_owned());
    }
    let reason = format!("there is no function `{}` in `tools`", echo(name));
    Err(NotSupported::new(choice.at("name"), reason))
}

fn allowed(choice: &mut Fields<'_>, tools: &mut Vec<Tool>) -> Result<ToolChoice, NotSupported> {
    let modes = [("auto", false), ("required", true)];
    let is_required = choice.word("mode", &modes)?.ok_or_else(|| choice.missing("mode", "`auto` or `required`"))?;
    let mut names = Vec::new();
    for mut tool in choice.objects("tools")? {
        function_type(&mut tool)?;
        names.push(named(&mut tool, tools)?);
        tool.done()?;
    }
    tools.retain(|tool| names.contains(&tool.name));
    Ok(if is_required { ToolChoice::Required } else { ToolChoice::Auto })
}

/// A function on the wire. Silence would mean strict here and means the opposite elsewhere, so it is always said.
pub(super) fn write(tool: &Tool) -> Value {
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("function"));
    out.insert("name".to_owned(), json!(tool.name));
    if let Some(description) = &tool.description {
        out.insert("description".to_owned(), json!(description));
    }
    let has_schema = tool.parameters.as_object().is_some_and(|schema| !schema.is_empty());
    let none = || json!({"type": "object", "properties": {}});
    out.insert("parameters".to_owned(), if has_schema { tool.parameters.clone() } else { none() });
    out.insert("strict".to_owned(), json!(tool.strict.unwrap_or(false)));
    Value::Object(out)
}

/// The choice on the wire.
pub(super) fn write_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Never => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({"type": "function", "name": name}),
    }
}
